import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { io } from "socket.io-client";
import { failureLines } from "../../../conformance/lib/report.ts";
import { type FaultName, FAULTS } from "../../../conformance/socket/broken/faults.ts";
import { startBrokenSocketServer } from "../../../conformance/socket/broken/server.ts";
import {
  listCases,
  type Report,
  runSocketSuite,
  type SocketSuiteOptions,
} from "../../../conformance/socket/index.ts";
import { CONNECT_TIMEOUT_MS } from "../../../conformance/socket/reference/settings.ts";
import { testFaults } from "../lib/faults.ts";

async function run(fault: FaultName | undefined, suite: SocketSuiteOptions): Promise<Report> {
  const { url, close } = await startBrokenSocketServer({ fault });
  try {
    return await runSocketSuite(url, { connectTimeoutMs: CONNECT_TIMEOUT_MS, guarded: true, ...suite });
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

  test("serves socket.io's own client, which moves to WebSocket", async () => {
    const { url, close } = await startBrokenSocketServer();
    const socket = io(`${new URL(url).origin}/custom`, {
      path: "/engine.io/",
      reconnection: false,
      auth: { token: "abc" },
    });
    const auth = new Promise((resolve) => {
      socket.once("auth", resolve);
    });
    assert.deepEqual(await auth, { token: "abc" });
    assert.deepEqual(await socket.emitWithAck("message-with-ack", { a: Buffer.of(1, 2) }), {
      a: Buffer.of(1, 2),
    });
    const gone = new Promise((resolve) => {
      socket.once("disconnect", resolve);
    });
    socket.emit("kick", true);
    assert.equal(await gone, "io server disconnect");
    await close();
  });

  test("leaves out what it is not told of", async () => {
    const report = await run(undefined, {
      groups: ["guarded", "connect-timeout"],
      connectTimeoutMs: undefined,
      guarded: undefined,
    });
    assert.equal(report.totals.notApplicable, report.results.length);
  });
});

testFaults(
  "a server",
  FAULTS,
  (fault, caughtBy) => {
    // Where the fault is silence, the verdict takes the whole time limit: a second is enough here.
    const timeScale = caughtBy.startsWith("connect-timeout/") ? 1 : 0.2;
    return run(fault, { only: [caughtBy], timeScale });
  },
  ["shared-fate", "long-is-fatal"],
);
