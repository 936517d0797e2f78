/** `npm run check`: what can be known without running the code, and the house's rules. `-- --fix` mends what it can. */
import { build } from "./lib/build.mjs";
import { check, fix } from "./lib/check.mjs";
import { install } from "./lib/install.mjs";
import { runMain } from "./lib/process.mjs";
import { collectTests, runTests } from "./lib/tests.mjs";

await runMain(async () => {
  await install();
  if (process.argv.includes("--fix")) await fix();
  await build();
  await check();
  process.exitCode = await runTests(await collectTests(["test/house"]), "dot");
});
