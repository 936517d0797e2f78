import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { listCases, type Report, runSocketSuite } from "../../../conformance/socket/index.ts";
import { fulfil, guard } from "../../../conformance/socket/reference/contract.ts";
import { CONNECT_TIMEOUT_MS } from "../../../conformance/socket/reference/settings.ts";
import { failureLines } from "../../../conformance/lib/report.ts";
import { Server } from "../../../src/index.ts";
import { listen } from "../../support/listen.ts";

/** Slow machines get twice the time of each case. */
const TIME_SCALE = 2;

/** Our server as the suite wants it. */
async function serve(use: (url: string) => Promise<Report>): Promise<Report> {
  const http = createServer();
  const io = new Server(http, { connectTimeout: CONNECT_TIMEOUT_MS });
  // What hostile cases make fail here is theirs to judge by what the client sees.
  io.on("handler_error", () => {});
  fulfil(io);
  guard(io.of("/guarded"));
  const port = await listen(http);
  try {
    return await use(`http://127.0.0.1:${port}/socket.io/`);
  } finally {
    await io.close();
  }
}

test("our server passes every case", async () => {
  const report = await serve((url) =>
    runSocketSuite(url, { connectTimeoutMs: CONNECT_TIMEOUT_MS, guarded: true, timeScale: TIME_SCALE }),
  );
  assert.deepEqual(failureLines(report), []);
  assert.equal(report.totals.pass, listCases().length);
});
