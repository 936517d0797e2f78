import assert from "node:assert/strict";
import { test } from "node:test";
import { failureLines } from "../../../conformance/lib/report.ts";
import { runClientSuite } from "../../../conformance/websocket/index.ts";
import { WebSocket } from "../../../src/websocket/index.ts";

/** Slow machines get twice the time of each case. */
const TIME_SCALE = 2;

/** How many cases a client visits side by side. */
const WIDTH = 8;

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
