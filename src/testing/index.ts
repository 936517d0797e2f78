/** `switchboard/testing`: helpers for tests. */
export { adapterSuite, type SuiteTest } from "./adapter-suite.ts";
export type { ChaosLine } from "./chaos-line.ts";
export { ChaosProxy, type ChaosProxyOptions } from "./chaos-proxy.ts";
export { DeliveryChecker, type DeliveryCheckerOptions } from "./delivery-checker.ts";
export type { DeliveryReader } from "./delivery-reader.ts";
export type { DeliverySource, DeliveryStream } from "./delivery-stream.ts";
export {
  BREACH_KINDS,
  type BreachKind,
  countBreaches,
  type DeliveryBreach,
  type DeliveryVerdict,
  mergeVerdicts,
  printVerdict,
} from "./delivery-verdict.ts";
export { FakeClock } from "./fake-clock.ts";
export { FaultPlayer, type FaultStage } from "./fault-player.ts";
export {
  type FaultChoice,
  type FaultProfile,
  type FaultTrack,
  makeSchedule,
  type Range,
} from "./fault-schedule.ts";
export type { Fault, FaultSchedule, NetworkFault, ScheduledFault, ServerFault } from "./faults.ts";
export { type LatencyCounts, LatencyHistogram } from "./latency-histogram.ts";
export type { CutKind, Direction, LineConditions } from "./line-conditions.ts";
export type { DurableLog, LogWishes, MakeLog } from "./log-checks.ts";
export { logSuite } from "./log-suite.ts";
export { type MakeOutboxStore, outboxStoreSuite } from "./outbox-store-suite.ts";
export { parseSchedule, printSchedule } from "./schedule-text.ts";
export { type Chance, SeededRandom } from "./seeded-random.ts";
export {
  type ServerExit,
  ServerProcess,
  type ServerProcessOptions,
  type ServerProgram,
} from "./server-process.ts";
