import assert from "node:assert/strict";
import { test } from "node:test";
import * as testing from "../../src/testing/index.ts";

test("what is published for tests", () => {
  assert.deepEqual(Object.keys(testing), [
    "BREACH_KINDS",
    "ChaosProxy",
    "DeliveryChecker",
    "FakeClock",
    "FaultPlayer",
    "LatencyHistogram",
    "SeededRandom",
    "ServerProcess",
    "adapterSuite",
    "countBreaches",
    "logSuite",
    "makeSchedule",
    "mergeVerdicts",
    "outboxStoreSuite",
    "parseSchedule",
    "printSchedule",
    "printVerdict",
  ]);
});
