import { test, describe } from "node:test";
import { memoryLog } from "../../src/log/index.ts";
import { logSuite } from "../../src/testing/index.ts";

describe("the suite", () => {
  const suite = logSuite((host, { maxEntries = 1e6, history }) =>
    memoryLog({ maxEntries, maxAgeMs: 1e9, ...(history && { history: { rooms: history } }) })("/n", host),
  );
  for (const { name, run } of suite) test(name, run);
});
