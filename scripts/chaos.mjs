/** `npm run chaos`: builds, and runs the fault lab's scenes; see chaos/README.md. */
import { spawn } from "node:child_process";
import { build } from "./lib/build.mjs";
import { install } from "./lib/install.mjs";
import { root, runMain } from "./lib/process.mjs";

await runMain(async () => {
  await install();
  await build();
  const args = ["--import", "./scripts/lib/typescript.mjs", "chaos/cli.ts", ...process.argv.slice(2)];
  const child = spawn(process.execPath, args, { cwd: root, stdio: "inherit" });
  process.exitCode = await new Promise((resolve) => child.once("close", (code) => resolve(code ?? 1)));
});
