import assert from "node:assert/strict";
import type { AddressInfo } from "node:net";
import { describe, test } from "node:test";
import { failureLines } from "../../../conformance/lib/report.ts";
import { runControl } from "../../../conformance/websocket/control.ts";
import { type Report, runClientSuite, runServerSuite } from "../../../conformance/websocket/index.ts";
import { WebSocket, WebSocketServer, type WebSocketServerOptions } from "../../../src/websocket/index.ts";
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

test("our client passes every case", async () => {
  let visits: Promise<void> | undefined;
  const report = await runClientSuite({
    timeScale: TIME_SCALE,
    onListening: (url) => {
      visits = visitAll(url);
    },
  });
  await visits;
  assert.deepEqual(failureLines(report), []);
  assert.ok(report.totals.pass >= 900, `only ${report.totals.pass} cases passed`);
});

describe("the control: ws fails just where it is known to", () => {
  for (const compression of [true, false]) {
    test(compression ? "with compression" : "without compression", async () => {
      const { surprises, stale } = await runControl(compression);
      assert.deepEqual(surprises, []);
      assert.deepEqual(stale, []);
    });
  }
});

/** How many cases a client visits side by side. */
const WIDTH = 8;

/** Goes through all cases as the suite's README asks of a client. */
async function visitAll(url: string): Promise<void> {
  const count = Number(await visit(`${url}/count`));
  let next = 1;
  const worker = async (): Promise<void> => {
    while (next <= count) await visit(`${url}/case?n=${next++}`);
  };
  await Promise.all(Array.from({ length: WIDTH }, worker));
  await visit(`${url}/done`);
}

/** Echoes until the connection ends; returns the first message. */
function visit(url: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = new WebSocket(url, { perMessageDeflate: { threshold: 0 } });
    let first: string | undefined;
    // Most cases break something on purpose.
    socket.on("error", () => {});
    socket.on("message", (data, isBinary) => {
      first ??= String(data);
      socket.send(data, { binary: isBinary });
    });
    socket.on("close", () => resolve(first ?? ""));
  });
}
