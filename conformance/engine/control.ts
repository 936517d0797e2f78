import { type ControlResult, judgeControl, withForked } from "../lib/control.ts";
import { type EngineSuiteOptions, runEngineSuite } from "./index.ts";
import { CLOSE_TEXT, UPGRADE_TIMEOUT_MS } from "./reference/settings.ts";

/** Runs the suite against `engine.io`. It must fail just where `expectations/engine.io.json` says so. */
export async function runControl(options: EngineSuiteOptions = {}): Promise<ControlResult> {
  const report = await withForked(new URL("reference/serve.ts", import.meta.url), (url) =>
    runEngineSuite(url, {
      timeScale: 2,
      closeText: CLOSE_TEXT,
      upgradeTimeoutMs: UPGRADE_TIMEOUT_MS,
      ...options,
    }),
  );
  return judgeControl(report, [new URL("expectations/engine.io.json", import.meta.url)]);
}
