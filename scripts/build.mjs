/** `npm run build`: src → dist, and the apps. */
import { build } from "./lib/build.mjs";
import { install } from "./lib/install.mjs";
import { runMain } from "./lib/process.mjs";

await runMain(async () => {
  await install();
  await build();
});
