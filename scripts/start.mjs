/** `npm start`: installs what is missing, builds, and runs the chat in this process, so that signals reach it. */
import { build } from "./lib/build.mjs";
import { install } from "./lib/install.mjs";
import { root, runMain } from "./lib/process.mjs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

await runMain(async () => {
  await install();
  await build();
  const { main } = await import(pathToFileURL(join(root, "apps/chat/dist/server.js")).href);
  await main();
});
