import { type ControlResult, judgeControl, withForked } from "../lib/control.ts";
import { runSocketSuite, type SocketSuiteOptions } from "./index.ts";
import { CONNECT_TIMEOUT_MS } from "./reference/settings.ts";

/** Runs the suite against `socket.io`. It must fail just where `expectations/socket.io.json` says so. */
export async function runControl(options: SocketSuiteOptions = {}): Promise<ControlResult> {
  const report = await withForked(new URL("reference/serve.ts", import.meta.url), (url) =>
    runSocketSuite(url, {
      timeScale: 2,
      connectTimeoutMs: CONNECT_TIMEOUT_MS,
      guarded: true,
      ...options,
    }),
  );
  return judgeControl(report, [new URL("expectations/socket.io.json", import.meta.url)]);
}
