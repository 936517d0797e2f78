import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Browser } from "playwright-core";
import { MAX_TEXT_LENGTH } from "../../apps/chat/src/shared/limits.ts";
import { ChatProcess } from "../apps/chat/chat-process.ts";
import { freePort } from "../support/listen.ts";
import { violations } from "./axe.ts";
import { launchBrowser, NARROW, PATIENCE_MS, Person, WIDE } from "./pages.ts";

describe("the chat for everyone", { concurrency: true }, () => {
  let browser: Browser;
  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser?.close());

  for (const [size, viewport] of Object.entries({ wide: WIDE, narrow: NARROW })) {
    it(`breaks no rule of axe, ${size}, light and dark`, async (t) => {
      const chat = await ChatProcess.start(await freePort());
      t.after(() => chat.stop());
      const context = await browser.newContext({ viewport, locale: "en-GB" });
      t.after(() => context.close());
      context.setDefaultTimeout(PATIENCE_MS);
      const page = await context.newPage();
      const isClean = async (state: string): Promise<void> => {
        for (const colorScheme of ["light", "dark"] as const) {
          // Without motion, as nothing can be judged that is half there.
          await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
          assert.deepEqual(await violations(page), [], `${state}, ${colorScheme}`);
        }
        const width = await page.evaluate(() => document.documentElement.scrollWidth);
        assert.ok(width <= viewport.width, `${state}: ${width} px wide`);
      };
      await page.goto(`${chat.url}/#a-room-with-a-rather-long-name`);
      await page.getByLabel("Your name").waitFor();
      await isClean("asked for a name");
      await page.keyboard.press("Enter");
      await page.getByText("Please choose a name").waitFor();
      await isClean("asked for a name again");

      await page.getByLabel("Your name").fill("Ada Lovelace of the Engine");
      await page.keyboard.press("Enter");
      const ada = new Person(page);
      await ada.arrived();
      await isClean("an empty room");

      const grace = await Person.visit(browser, chat.url, "Grace", "a-room-with-a-rather-long-name");
      t.after(() => grace.leave());
      await grace.say(`Two lines,\nand a long word: ${"x".repeat(90)}`);
      await ada.say("An answer");
      await grace.box.pressSequentially("I");
      await ada.status("Grace is typing…").waitFor();
      await isClean("a conversation");
      await visitPanels(ada, isClean);

      await ada.box.fill("y".repeat(MAX_TEXT_LENGTH + 1));
      await page.getByText("shorten the message").waitFor();
      await isClean("a message that is too long");

      await ada.box.fill("");
      await context.setOffline(true);
      await ada.status("Offline").waitFor({ state: "attached" });
      await ada.type("Said while offline");
      await ada.pending.first().waitFor();
      await isClean("offline");
      await context.setOffline(false);
      await ada.arrived();
      await chat.stop();
      await page.getByText("Reconnecting").first().waitFor({ state: "attached" });
      await isClean("without a server");
    });
  }
});

/** The panels that lie on top of the conversation, and what they say when something is wrong. */
async function visitPanels({ page }: Person, isClean: (state: string) => Promise<void>): Promise<void> {
  const isNarrow = page.viewportSize()?.width === NARROW.width;
  if (isNarrow) {
    await page.getByRole("button", { name: "2 people here" }).click();
    await page.getByRole("dialog", { name: "People" }).waitFor();
    await isClean("the people");
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Rooms" }).click();
  }
  await page.getByLabel("Join or create a room").fill("//");
  await page.keyboard.press("Enter");
  await page.getByText("Use 1 to 32 letters").waitFor();
  await isClean("no name for a room");
  await page.getByRole("button", { name: /Change name/ }).click();
  await page.getByRole("dialog", { name: "Your name" }).waitFor();
  await isClean("another name");
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
}
