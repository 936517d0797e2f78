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
import type { Fault } from "../../../conformance/lib/fault.ts";
import { failureLines } from "../../../conformance/lib/report.ts";

/** What a case says that was well itself, and did harm to another session. */
const BYSTANDER = "another session to go on";

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

describe("a server with one fault", { concurrency: 8 }, () => {
  for (const [name, { sentence, caughtBy }] of Object.entries<Fault>(FAULTS)) {
    test(`${name}: ${caughtBy} catches it. ${sentence}`, async () => {
      // Where the fault is silence, the verdict takes the whole time limit: a second is enough here.
      const report = await run(name as FaultName, { only: [caughtBy], timeScale: 0.2 });
      const result = report.results.find(({ id }) => id === caughtBy);
      assert.equal(result?.verdict, "fail", `${caughtBy} let the fault pass`);
      // Otherwise the case itself must see it, and not the session beside it.
      if (name !== "shared-fate") assert.notEqual(result.expected, BYSTANDER);
    });
  }
});
