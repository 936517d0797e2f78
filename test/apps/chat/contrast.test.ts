import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { describe, it } from "node:test";

/** What WCAG AA asks of text of ordinary size. */
const ENOUGH = 4.5;

const PAIRS = [
  ["--text", "--ground"],
  ["--text", "--ground-side"],
  ["--text", "--ground-raised"],
  ["--text", "--ground-press"],
  ["--text-soft", "--ground"],
  ["--text-soft", "--ground-side"],
  ["--text-soft", "--ground-raised"],
  ["--text-soft", "--ground-press"],
  ["--accent", "--accent-ground"],
  ["--on-accent", "--accent"],
  ["--on-accent", "--accent-hover"],
  ["--warn", "--warn-ground"],
  ["--warn", "--ground"],
  ["--bad", "--bad-ground"],
  ["--bad", "--ground"],
  ["--bad", "--ground-side"],
] as const;

/** What it asks of what shows that something is there: the line around a field, a sign. */
const ENOUGH_FOR_SHAPES = 3;

const SHAPES = [
  ["--line-strong", "--ground"],
  ["--line-strong", "--ground-side"],
  ["--line-strong", "--ground-raised"],
  ["--accent", "--ground"],
  ["--accent", "--ground-side"],
  ["--accent", "--ground-raised"],
  ["--bad", "--ground-raised"],
  ["--good", "--ground"],
] as const;

describe("the colours of the page", async () => {
  const sheet = await readFile(
    new URL("../../../apps/chat/src/page/styles/tokens.css", import.meta.url),
    "utf8",
  );
  for (const [theme, text] of [
    ["light", sheet.replaceAll(/@media \(prefers-color-scheme: dark\) \{[\s\S]*?\n\}/g, "")],
    [
      "dark",
      [...sheet.matchAll(/@media \(prefers-color-scheme: dark\) \{([\s\S]*?)\n\}/g)]
        .map(([, body]) => body)
        .join("\n"),
    ],
  ] as const) {
    const root = colours(/:root \{([\s\S]*?)\}/.exec(text)?.[1] ?? "");
    for (const [front, ground] of PAIRS) {
      it(`${theme}: ${front} can be read on ${ground}`, () =>
        assertReadable(root.get(front), root.get(ground)));
    }
    for (const [front, ground] of SHAPES) {
      it(`${theme}: a shape of ${front} can be seen on ${ground}`, () =>
        assertReadable(root.get(front), root.get(ground), ENOUGH_FOR_SHAPES));
    }
    const hues = [...text.matchAll(/\.(hue-\d+) \{([\s\S]*?)\}/g)];
    it(`${theme}: there are eight colours of avatars`, () => assert.equal(hues.length, 8));
    for (const [, name, body = ""] of hues) {
      const hue = colours(body);
      it(`${theme}: initials can be read on ${name}`, () =>
        assertReadable(hue.get("--on-avatar"), hue.get("--avatar")));
    }
  }
});

function colours(text: string): Map<string, string> {
  return new Map(
    [...text.matchAll(/(--[\w-]+): (#[0-9a-f]{6});/g)].map(([, name = "", value = ""]) => [name, value]),
  );
}

function assertReadable(front: string | undefined, ground: string | undefined, enough = ENOUGH): void {
  assert.ok(front !== undefined && ground !== undefined, "a colour is missing");
  const [light, dark] = [luminance(front), luminance(ground)].toSorted((a, b) => b - a) as [number, number];
  const contrast = (light + 0.05) / (dark + 0.05);
  assert.ok(contrast >= enough, `${front} on ${ground} has a contrast of ${contrast.toFixed(2)}`);
}

/** Relative luminance by WCAG 2.2. */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((start) => {
    const value = Number.parseInt(colour.slice(start, start + 2), 16) / 255;
    return value <= 0.040_45 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
