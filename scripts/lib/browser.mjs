/** Finds a Chromium for tests: one that is there, else one from npm, else one from the distribution. */
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { chromium } from "playwright-core";
import { installWithApt } from "./apt.mjs";
import { unpackChromium } from "./chromium.mjs";
import { StepError } from "./process.mjs";

/** What Playwright's `chromium.launch` takes. @typedef {{ executablePath: string, args: string[] }} Browser */

/** Tests open only pages of our own: no sandbox is needed, which root and containers could not have. */
const ARGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--disable-dev-shm-usage",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

const COMMANDS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
/** Where the distribution's package puts it. */
const FROM_DEBIAN = "/usr/bin/chromium";
const PLACES = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];

const START_TIMEOUT_MS = 30_000;

/** @type {Promise<Browser> | undefined} */
let found;

/**
 * A browser that starts: CHROME_BIN if it is set, the one in `@sparticuz/chromium`, one of the system's, or one that
 * apt-get installs, where it may. Throws a sentence that says what to install if there is none.
 * @returns {Promise<Browser>}
 */
export function findBrowser() {
  return (found ??= find());
}

async function find() {
  const chosen = process.env["CHROME_BIN"];
  if (chosen !== undefined && chosen !== "") {
    if (await starts(chosen)) return browser(chosen);
    throw new StepError(`CHROME_BIN names no Chromium that starts: "${chosen}".`);
  }
  const unpacked = await unpackChromium().catch(() => undefined);
  for (const path of [unpacked, ...installed()]) {
    if (path !== undefined && (await starts(path))) return browser(path);
  }
  await installWithApt(["chromium"]).catch(() => {});
  if (await starts(FROM_DEBIAN)) return browser(FROM_DEBIAN);
  throw new StepError(
    "The tests need a browser: install Chromium or Google Chrome, or set CHROME_BIN to the path of one.",
  );
}

/** @param {string} executablePath */
function browser(executablePath) {
  return { executablePath, args: ARGS };
}

function installed() {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const commands = COMMANDS.flatMap((command) => folders.map((folder) => join(folder, command)));
  return [...commands, ...PLACES].filter((path) => existsSync(path));
}

/**
 * Whether a browser shows a page. It may be there and not start: made for another machine, or without its libraries.
 * @param {string} executablePath
 */
async function starts(executablePath) {
  try {
    const running = await chromium.launch({ executablePath, args: ARGS, timeout: START_TIMEOUT_MS });
    try {
      const page = await running.newPage();
      return (await page.evaluate("1 + 1")) === 2;
    } finally {
      await running.close();
    }
  } catch {
    return false;
  }
}
