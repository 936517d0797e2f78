import assert from "node:assert/strict";
import type { AddressInfo } from "node:net";
import { describe, test } from "node:test";
import { failureLines } from "../../../conformance/lib/report.ts";
import { type Report, runServerSuite } from "../../../conformance/websocket/index.ts";
import { WebSocketServer, type WebSocketServerOptions } from "../../../src/websocket/index.ts";
import { next } from "../../support/events.ts";

/** Slow machines get twice the time of each case. */
const TIME_SCALE = 2;

async function serve(
  options: Partial<WebSocketServerOptions>,
  use: (url: string) => Promise<Report>,
): Promise<Report> {
  const wss = new WebSocketServer({ port: 0, host: "127.0.0.1", ...options });
  wss.on("connection", (socket) => {
    socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
  });
  await next(wss, "listening");
  try {
    return await use(`ws://127.0.0.1:${(wss.address() as AddressInfo).port}`);
  } finally {
    await wss.shutdown();
  }
}

describe("our server passes every case", () => {
  test("with compression", async () => {
    const report = await serve({ perMessageDeflate: { threshold: 0 } }, (url) =>
      runServerSuite(url, { requireDeflate: true, timeScale: TIME_SCALE }),
    );
    assert.deepEqual(failureLines(report), []);
    assert.ok(report.totals.pass >= 1000, `only ${report.totals.pass} cases passed`);
  });

  test("of limits", async () => {
    const maxPayload = 100_000;
    const report = await serve({ perMessageDeflate: true, maxPayload }, (url) =>
      runServerSuite(url, { groups: ["limits"], maxPayloadBytes: maxPayload, timeScale: TIME_SCALE }),
    );
    assert.deepEqual(failureLines(report), []);
    assert.equal(report.totals.pass, 10);
  });

  test("without compression", async () => {
    const report = await serve({}, (url) =>
      runServerSuite(url, { groups: ["handshake", "reserved", "deflate"], timeScale: TIME_SCALE }),
    );
    assert.deepEqual(failureLines(report), []);
    assert.ok(report.totals.notApplicable > 0, "compression is not spoken");
  });
});
