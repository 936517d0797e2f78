import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { failureLines } from "../../../conformance/lib/report.ts";
import { FAULTS } from "../../../conformance/websocket/broken/faults.ts";
import {
  type ReferenceServerOptions,
  startReferenceServer,
} from "../../../conformance/websocket/broken/reference-server.ts";
import {
  type Report,
  runServerSuite,
  type ServerSuiteOptions,
} from "../../../conformance/websocket/index.ts";
import { testFaults } from "../lib/faults.ts";

const LIMIT = 100_000;

async function run(server: ReferenceServerOptions, suite: ServerSuiteOptions): Promise<Report> {
  const { url, close } = await startReferenceServer(server);
  try {
    return await runServerSuite(url, suite);
  } finally {
    await close();
  }
}

describe("the reference server without a fault", () => {
  test("passes every case", async () => {
    const report = await run({}, { requireDeflate: true, timeScale: 4 });
    assert.deepEqual(failureLines(report), []);
    assert.ok(report.totals.pass >= 1000, `only ${report.totals.pass} cases passed`);
    const open = report.results.filter(({ verdict }) => verdict === "n.a.").map(({ id }) => id.split("/")[0]);
    assert.deepEqual([...new Set(open)], ["limits"]);
  });

  test("keeps to a limit", async () => {
    const server = { maxPayloadBytes: LIMIT };
    const report = await run(server, {
      groups: ["limits"],
      maxPayloadBytes: LIMIT,
      requireDeflate: true,
      timeScale: 4,
    });
    assert.deepEqual(failureLines(report), []);
    assert.equal(report.totals.notApplicable, 0);
  });

  test("makes compression not applicable when it declines it, or a failure when that is required", async () => {
    const only = ["deflate/offer-bare", "framing/text-1"];
    const lenient = await run({ deflate: false }, { only });
    assert.deepEqual(failureLines(lenient), []);
    assert.equal(lenient.groups["deflate"]?.notApplicable, 1);
    assert.equal(lenient.groups["deflate"]?.pass, 0);
    const strict = await run({ deflate: false }, { only, requireDeflate: true });
    assert.equal(strict.groups["deflate"]?.fail, 1);
  });
});

testFaults("a server", FAULTS, (fault, caughtBy) => {
  const limit = caughtBy.startsWith("limits/") ? { maxPayloadBytes: LIMIT } : {};
  // Where the fault is silence, the verdict takes the whole time limit: a second is enough here.
  return run({ fault, ...limit }, { only: [caughtBy], timeScale: 0.2, ...limit });
});
