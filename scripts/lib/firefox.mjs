/** Finds a Firefox for tests: one that is there, else one from the distribution. */
import { existsSync } from "node:fs";
import { canInstall, findProgram, installWithApt } from "./apt.mjs";
import { StepError } from "./process.mjs";

const COMMANDS = ["firefox-esr", "firefox"];
/** The distribution's package. */
export const FIREFOX_PACKAGE = "firefox-esr";

/**
 * The path of a Firefox: FIREFOX_BIN if it is set, one of the system's, or one that apt-get installs, where it may.
 * Undefined if it is not there and can't be.
 * @returns {Promise<string | undefined>}
 */
export async function findFirefox() {
  const chosen = process.env["FIREFOX_BIN"];
  if (chosen !== undefined && chosen !== "") {
    if (existsSync(chosen)) return chosen;
    throw new StepError(`FIREFOX_BIN names no file: "${chosen}".`);
  }
  const found = installed();
  if (found !== undefined || !canInstall()) return found;
  await installWithApt([FIREFOX_PACKAGE]).catch(() => {});
  return installed();
}

function installed() {
  return COMMANDS.map(findProgram).find((path) => path !== undefined);
}
