import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { failureLines } from "../../../conformance/lib/report.ts";
import { CLIENT_FAULTS, type FaultName, FAULTS } from "../../../conformance/websocket/broken/faults.ts";
import { runReferenceClient } from "../../../conformance/websocket/broken/reference-client.ts";
import {
  type ClientSuiteOptions,
  type Report,
  runClientSuite,
} from "../../../conformance/websocket/index.ts";
import { testFaults } from "../lib/faults.ts";

/** The suite waits for clients at a free port; the client goes there as soon as it is told. */
async function run(suite: ClientSuiteOptions, fault?: FaultName): Promise<Report> {
  let client: Promise<void> | undefined;
  const report = await runClientSuite({
    ...suite,
    onListening(url) {
      client = runReferenceClient(url, fault);
    },
  });
  await client;
  return report;
}

describe("the reference client without a fault", () => {
  test("passes every case that needs no compression", async () => {
    const groups = ["client", "framing", "reserved", "ping", "fragmentation", "utf8", "close"];
    const report = await run({ groups, timeScale: 4 });
    assert.deepEqual(failureLines(report), []);
    assert.ok(report.totals.pass >= 600, `only ${report.totals.pass} cases passed`);
    assert.equal(report.totals.notApplicable, 0);
  });

  test("leaves out compression", async () => {
    const report = await run({ only: ["deflate/offer-bare"] });
    assert.equal(report.totals.notApplicable, 1);
  });
});

test("a client that never comes fails every case", async () => {
  const report = await runClientSuite({ only: ["ping/of-125"], idleTimeoutMs: 1 });
  assert.equal(report.totals.fail, 1);
});

/** What clients can do wrong as servers do. */
const SHARED = [
  "no-pong",
  "accepts-unmasked",
  "masks-answers",
  "ignores-rsv",
  "late-utf8",
  "any-close-code",
] as const;

testFaults(
  "a client",
  { ...byName(SHARED), ...CLIENT_FAULTS },
  // Where the fault is silence, the verdict takes the whole time limit: a second is enough here.
  (fault, caughtBy) => run({ only: [caughtBy], timeScale: 0.2 }, fault),
);

function byName<Name extends keyof typeof FAULTS>(names: readonly Name[]): Pick<typeof FAULTS, Name> {
  return Object.fromEntries(names.map((name) => [name, FAULTS[name]])) as Pick<typeof FAULTS, Name>;
}
