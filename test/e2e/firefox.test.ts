import { after, before, describe, it, type TestContext } from "node:test";
import { type Browser, launch, type Page } from "puppeteer-core";
import { FIREFOX_PACKAGE, findFirefox } from "../../scripts/lib/firefox.mjs";
import { undoAfter } from "../support/fixture.ts";
import { playOutboxScenes } from "./outbox-scenes.ts";
import { playScriptScenes } from "./script-scenes.ts";

/** It makes a new profile each time, which takes a while on a busy machine. */
const START_TIMEOUT_MS = 45_000;

const program = await findFirefox();

describe("in Firefox", () => {
  if (program === undefined) {
    const advice = `Firefox is not here and can't be installed by itself: install ${FIREFOX_PACKAGE}, or set FIREFOX_BIN, to have it tested.`;
    it(advice, (t) => t.diagnostic(advice));
    return;
  }
  let browser: Browser;
  before(async () => {
    browser = await launch({ browser: "firefox", executablePath: program, timeout: START_TIMEOUT_MS });
  });
  after(() => browser?.close());

  const visit = async (t: TestContext, url: string): Promise<Page> => {
    const page = await browser.newPage();
    undoAfter(t, async () => {
      if (!page.isClosed()) await page.close();
    });
    await page.goto(url);
    return page;
  };
  describe("the plain script", () => playScriptScenes(visit));
  describe("an outbox in IndexedDB", () => playOutboxScenes(() => visit));
});
