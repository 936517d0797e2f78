import { fork } from "node:child_process";
import { once } from "node:events";
import { type Comparison, compare, readExpectations } from "../lib/expectations.ts";
import { type EngineSuiteOptions, type Report, runEngineSuite } from "./index.ts";
import { CLOSE_TEXT, UPGRADE_TIMEOUT_MS } from "./reference/settings.ts";

/**
 * The control: the suite against the `engine.io` package. It must fail just where `expectations/engine.io.json` says so.
 */

export interface ControlResult extends Comparison {
  report: Report;
}

/** Runs the suite against `engine.io`. */
export async function runControl(options: EngineSuiteOptions = {}): Promise<ControlResult> {
  const server = fork(new URL("reference/serve.ts", import.meta.url), { execArgv: ["--import", "tsx"] });
  try {
    const [url] = (await once(server, "message")) as [string];
    const report = await runEngineSuite(url, {
      timeScale: 2,
      closeText: CLOSE_TEXT,
      upgradeTimeoutMs: UPGRADE_TIMEOUT_MS,
      ...options,
    });
    const list = new URL("expectations/engine.io.json", import.meta.url).pathname;
    return { report, ...compare(report, await readExpectations([list])) };
  } finally {
    const exited = once(server, "exit");
    server.kill();
    await exited;
  }
}
