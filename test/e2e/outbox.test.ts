import { after, before, describe } from "node:test";
import type { Browser, BrowserContext } from "playwright-core";
import { undoAfter } from "../support/fixture.ts";
import { playOutboxScenes } from "./outbox-scenes.ts";
import { launchBrowser } from "./pages.ts";

let browser: Browser;
before(async () => {
  browser = await launchBrowser();
});
after(() => browser?.close());

describe("an outbox in IndexedDB", () => {
  playOutboxScenes(() => {
    let context: BrowserContext | undefined;
    return async (t, url) => {
      if (context === undefined) {
        const made = await browser.newContext();
        context = made;
        undoAfter(t, () => made.close());
      }
      const page = await context.newPage();
      await page.goto(url);
      return page;
    };
  });
});
