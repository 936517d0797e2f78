/**
 * `npm test`: everything that CI runs. `npm test -- test/packets test/house/imports.test.ts` builds and runs
 * only the tests named.
 */
import { inBatches } from "./lib/batches.mjs";
import { build } from "./lib/build.mjs";
import { check } from "./lib/check.mjs";
import { install } from "./lib/install.mjs";
import { runMain, step } from "./lib/process.mjs";
import { collectTests, needsBrowser, runTests, wantsFirefox } from "./lib/tests.mjs";

await runMain(async () => {
  const paths = process.argv.slice(2);
  await install();
  await build();
  if (paths.length === 0) await check();
  const files = await collectTests(paths.length === 0 ? ["test"] : paths);
  if (await needsBrowser(files)) {
    const { findBrowser } = await import("./lib/browser.mjs");
    await step("find a browser", findBrowser);
  }
  if (await wantsFirefox(files)) {
    const { findFirefox } = await import("./lib/firefox.mjs");
    // Without one, its test says what is left out.
    await step("look for Firefox", () => findFirefox().catch(() => undefined));
  }
  process.exitCode = await runTests(paths.length === 0 ? inBatches(files) : files);
});
