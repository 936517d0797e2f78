/** `switchboard/testing`: helpers for tests. */
export { adapterSuite, type SuiteTest } from "./adapter-suite.ts";
export type { ChaosLine } from "./chaos-line.ts";
export { ChaosProxy, type ChaosProxyOptions } from "./chaos-proxy.ts";
export { FakeClock } from "./fake-clock.ts";
export type { CutKind, Direction, LineConditions } from "./line-conditions.ts";
export { type Chance, SeededRandom } from "./seeded-random.ts";
export {
  type ServerExit,
  ServerProcess,
  type ServerProcessOptions,
  type ServerProgram,
} from "./server-process.ts";
