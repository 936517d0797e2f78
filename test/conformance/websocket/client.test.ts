import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Fault } from "../../../conformance/lib/fault.ts";
import { failureLines } from "../../../conformance/lib/report.ts";
import { CLIENT_FAULTS, type FaultName, FAULTS } from "../../../conformance/websocket/broken/faults.ts";
import { runReferenceClient } from "../../../conformance/websocket/broken/reference-client.ts";
import {
  type ClientSuiteOptions,
  type Report,
  runClientSuite,
} from "../../../conformance/websocket/index.ts";

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

describe("a client with one fault", { concurrency: 8 }, () => {
  const names = [
    "no-pong",
    "accepts-unmasked",
    "masks-answers",
    "ignores-rsv",
    "late-utf8",
    "any-close-code",
  ] as const;
  const both = names.map((name): [FaultName, Fault] => [name, FAULTS[name]]);
  for (const [name, { sentence, caughtBy }] of [
    ...both,
    ...(Object.entries(CLIENT_FAULTS) as [FaultName, Fault][]),
  ]) {
    test(`${name}: ${caughtBy} catches it. ${sentence}`, async () => {
      const report = await run({ only: [caughtBy], timeScale: 0.2 }, name);
      assert.equal(report.totals.fail, 1, `${caughtBy} let the fault pass`);
    });
  }
});
