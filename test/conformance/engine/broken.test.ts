import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Socket } from "engine.io-client";
import { type FaultName, FAULTS } from "../../../conformance/engine/broken/faults.ts";
import { startBrokenServer } from "../../../conformance/engine/broken/server.ts";
import {
  type EngineSuiteOptions,
  listCases,
  type Report,
  runEngineSuite,
} from "../../../conformance/engine/index.ts";
import { CLOSE_TEXT, UPGRADE_TIMEOUT_MS } from "../../../conformance/engine/reference/settings.ts";
import { failureLines } from "../../../conformance/lib/report.ts";
import { testFaults } from "../lib/faults.ts";

async function run(fault: FaultName | undefined, suite: EngineSuiteOptions): Promise<Report> {
  const { url, close } = await startBrokenServer({ fault });
  try {
    return await runEngineSuite(url, {
      closeText: CLOSE_TEXT,
      upgradeTimeoutMs: UPGRADE_TIMEOUT_MS,
      ...suite,
    });
  } finally {
    await close();
  }
}

describe("a server without a fault", () => {
  test("passes every case", async () => {
    const report = await run(undefined, { timeScale: 4 });
    assert.deepEqual(failureLines(report), []);
    assert.equal(report.totals.pass, listCases().length);
  });

  test("serves engine.io's own client, which moves to WebSocket", async () => {
    const { url, close } = await startBrokenServer();
    const client = new Socket(url, { transports: ["polling", "websocket"] });
    client.binaryType = "nodebuffer";
    const echoes: unknown[] = [];
    client.send("text by polling");
    client.on("upgrade", () => {
      client.send("text");
      client.send(Buffer.of(1, 2, 3));
    });
    const closed = new Promise<string>((resolve) => {
      client.on("close", resolve);
    });
    client.on("message", (data) => {
      echoes.push(data);
      if (echoes.length === 3) client.send(CLOSE_TEXT);
    });
    assert.equal(await closed, "transport close");
    assert.deepEqual(echoes, ["text by polling", "text", Buffer.of(1, 2, 3)]);
    await close();
  });

  test("leaves out what it was not told", async () => {
    const suite = { only: ["close/server-polling-free", "upgrade-timeout/not-probed"] };
    const report = await run(undefined, { ...suite, closeText: undefined, upgradeTimeoutMs: undefined });
    assert.equal(report.totals.notApplicable, 2);
  });
});

/** Faults by which the server is too early. A machine that is busy may be late by as much, and hide it. */
const EARLY: readonly FaultName[] = ["early-ping", "early-timeout", "fixed-beat"];
/** How often one looks for them. */
const LOOKS = 5;

testFaults(
  "a server",
  FAULTS,
  async (fault, caughtBy) => {
    // Where the fault is silence, the verdict takes the whole time limit: a second is enough here.
    const look = (): Promise<Report> => run(fault, { only: [caughtBy], timeScale: 0.2 });
    let report = await look();
    const looks = EARLY.includes(fault) ? LOOKS : 1;
    for (let count = 1; count < looks && report.totals.fail === 0; count++) report = await look();
    return report;
  },
  ["shared-fate"],
);
