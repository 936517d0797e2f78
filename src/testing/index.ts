/** `switchboard/testing`: helpers for tests. */
export { FakeClock } from "./fake-clock.ts";
