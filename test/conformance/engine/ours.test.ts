import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { listCases, type Report, runEngineSuite } from "../../../conformance/engine/index.ts";
import {
  CLOSE_TEXT,
  PING_INTERVAL_MS,
  PING_TIMEOUT_MS,
  UPGRADE_TIMEOUT_MS,
} from "../../../conformance/engine/reference/settings.ts";
import { failureLines } from "../../../conformance/lib/report.ts";
import { attach } from "../../../src/engine/index.ts";
import { listen } from "../../support/listen.ts";

/** Slow machines get twice the time of each case. */
const TIME_SCALE = 2;

/** Our server as the suite wants it: it echoes, and closes a session that asks for it. */
async function serve(use: (url: string) => Promise<Report>): Promise<Report> {
  const http = createServer();
  const engine = attach(http, {
    path: "/engine.io/",
    pingInterval: PING_INTERVAL_MS,
    pingTimeout: PING_TIMEOUT_MS,
    upgradeTimeout: UPGRADE_TIMEOUT_MS,
  });
  engine.on("connection", (socket) => {
    socket.on("message", (data) => {
      if (data === CLOSE_TEXT) setImmediate(() => socket.close());
      else socket.send(data);
    });
  });
  const port = await listen(http);
  try {
    return await use(`http://127.0.0.1:${port}/engine.io/`);
  } finally {
    await engine.close();
    await new Promise<void>((resolve) => {
      http.close(() => resolve());
      http.closeAllConnections();
    });
  }
}

test("our server passes every case", async () => {
  const report = await serve((url) =>
    runEngineSuite(url, {
      closeText: CLOSE_TEXT,
      upgradeTimeoutMs: UPGRADE_TIMEOUT_MS,
      timeScale: TIME_SCALE,
    }),
  );
  assert.deepEqual(failureLines(report), []);
  assert.equal(report.totals.pass, listCases().length);
});
