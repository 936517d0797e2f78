/** `switchboard/testing`: helpers for tests. */
export { adapterSuite, type SuiteTest } from "./adapter-suite.ts";
export { FakeClock } from "./fake-clock.ts";
