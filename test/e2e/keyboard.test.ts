import assert from "node:assert/strict";
import { after, before, describe, it, type TestContext } from "node:test";
import type { Browser, Page } from "playwright-core";
import { ChatProcess } from "../apps/chat/chat-process.ts";
import { freePort } from "../support/listen.ts";
import { launchBrowser, NARROW, Person, WIDE } from "./pages.ts";

/** The stops of the Tab key in a room, by what they are called, where the window is wide. */
const STOPS_OF_WIDE = [
  "Skip to the message box",
  "lobby",
  "coffee",
  "help",
  "keys",
  "Join or create a room",
  "Go to the room",
  "Change name",
  "Messages in keys",
  "Message to keys",
  "Send",
];
/** And where it is narrow. */
const STOPS_OF_NARROW = [
  "Skip to the message box",
  "Rooms",
  "1 person here",
  "Messages in keys",
  "Message to keys",
  "Send",
];

describe("the chat by keyboard", () => {
  let browser: Browser;
  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser?.close());

  async function start(t: TestContext): Promise<ChatProcess> {
    const chat = await ChatProcess.start(await freePort());
    t.after(() => chat.stop());
    return chat;
  }

  for (const [size, viewport, stops] of [
    ["wide", WIDE, STOPS_OF_WIDE],
    ["narrow", NARROW, STOPS_OF_NARROW],
  ] as const) {
    it(`stops with the Tab key in the order of the page, and shows where, ${size}`, async (t) => {
      const chat = await start(t);
      const ada = await Person.visit(browser, chat.url, "Ada", "keys", { viewport });
      t.after(() => ada.leave());
      const { page } = ada;
      // So that it can be sent.
      await ada.box.fill("Hello");
      await page.getByRole("link", { name: "Skip to the message box" }).focus();
      const seen: string[] = [];
      for (const expected of stops) {
        const stop = await focused(page);
        seen.push(stop.name.includes(expected) ? expected : stop.name);
        assert.ok(stop.outlined, `${stop.name} does not show that it has the focus`);
        assert.ok(stop.inView, `${stop.name} is out of view`);
        await page.keyboard.press("Tab");
      }
      assert.deepEqual(seen, stops);
    });
  }

  it("keeps the focus in a drawer, and gives it back at Escape", async (t) => {
    const chat = await start(t);
    const ada = await Person.visit(browser, chat.url, "Ada", "keys", { viewport: NARROW });
    t.after(() => ada.leave());
    const { page } = ada;
    for (const [opener, drawer] of [
      ["Rooms", "Rooms"],
      ["1 person here", "People"],
    ] as const) {
      await page.getByRole("button", { name: opener }).focus();
      await page.keyboard.press("Enter");
      const dialog = page.getByRole("dialog", { name: drawer });
      await dialog.waitFor();
      assert.equal((await focused(page)).name, "Close");
      // There and back: what is under the drawer can't be reached.
      for (const key of ["Tab", "Tab", "Shift+Tab", "Shift+Tab", "Shift+Tab"]) {
        await page.keyboard.press(key);
        assert.ok(await page.evaluate(() => !document.activeElement?.closest(".conversation")), key);
      }
      await page.keyboard.press("Escape");
      await dialog.waitFor({ state: "detached" });
      assert.equal((await focused(page)).name, opener);
    }
  });
});

interface Stop {
  /** What it is called: by a label, or by its text. */
  readonly name: string;
  /** A line of two pixels or more goes around it, or around the box that it is in. */
  readonly outlined: boolean;
  /** All of its width can be seen, and some of its height. */
  readonly inView: boolean;
}

/** Where the focus is. */
function focused(page: Page): Promise<Stop> {
  return page.evaluate(() => {
    const element = document.activeElement ?? document.body;
    const { labels } = element as HTMLInputElement;
    const outlines = [element, element.closest(".composer-box textarea") && element.closest(".composer-box")]
      .filter((one) => one instanceof Element)
      .map((one) => getComputedStyle(one));
    const { left, right, top, bottom } = element.getBoundingClientRect();
    return {
      name: (
        element.getAttribute("aria-label") ??
        labels?.[0]?.textContent ??
        element.textContent ??
        ""
      ).trim(),
      outlined: outlines.some(
        ({ outlineStyle, outlineWidth }) => outlineStyle !== "none" && parseFloat(outlineWidth) >= 2,
      ),
      inView: left >= 0 && right <= innerWidth && bottom > 0 && top < innerHeight,
    };
  });
}
