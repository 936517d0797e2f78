import { after, before, describe } from "node:test";
import type { Browser } from "playwright-core";
import { undoAfter } from "../support/fixture.ts";
import { launchBrowser } from "./pages.ts";
import { playScriptScenes } from "./script-scenes.ts";

describe("the plain script in Chromium", () => {
  let browser: Browser;
  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser?.close());

  playScriptScenes(async (t, url) => {
    const page = await browser.newPage();
    undoAfter(t, () => page.close());
    await page.goto(url);
    return page;
  });
});
