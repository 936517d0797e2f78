import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { Agent, createServer } from "node:http";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { TYPESCRIPT } from "../../scripts/lib/typescript.mjs";
import {
  attach,
  createHttpServer,
  listen,
  type HttpServer,
  refuseLate,
  startListening,
} from "../../src/engine/index.ts";
import { openPolling, POLLING_PATH, send } from "../support/engine-server.ts";
import { undoAfter } from "../support/fixture.ts";
import { listen as listenOn, portOf } from "../support/listen.ts";

test("a server of our own gives up on requests that are never finished", () => {
  const http = createHttpServer();
  assert.ok(http.headersTimeout > 0 && http.headersTimeout <= 10_000);
  assert.ok(http.requestTimeout > 0 && http.requestTimeout <= 30_000);
});

test("listen serves a port, and closing gives it back", async (t) => {
  let engine = listen(0);
  await engine.close();
  await new Promise<void>((resolve) => {
    engine = listen(0, { pingInterval: 7000, maxHeaderSize: 2000 }, resolve);
  });
  undoAfter(t, () => engine.close());
  const http = engine.httpServer as HttpServer;
  const port = portOf(http);
  const { handshake } = await openPolling(port);
  assert.equal(handshake["pingInterval"], 7000);
  assert.equal((await send(port, POLLING_PATH, { headers: { "X-Long": "x".repeat(3000) } })).status, 431);
  assert.equal((await send(port, "/elsewhere")).status, 404);
  await engine.close();
  assert.equal(http.listening, false);
  await assert.rejects(send(port, POLLING_PATH), { code: "ECONNREFUSED" });
});

test("a herd may wait on a port of our own until it is accepted", async (t) => {
  const http = createHttpServer();
  const { mock } = t.mock.method(http, "listen");
  await new Promise<void>((resolve) => startListening(http, 0, resolve));
  undoAfter(t, () => http.close());
  assert.deepEqual(mock.calls[0]!.arguments[0], { port: 0, backlog: 4096 });
});

test("attach makes an engine for an HTTP server, which goes on when the engine is closed", async (t) => {
  const http = createHttpServer();
  const engine = attach(http, { path: "/live" });
  const port = await listenOn(http);
  undoAfter(t, () => http.close());
  assert.equal(engine.httpServer, http);
  await openPolling(port, {}, POLLING_PATH.replace("engine.io", "live"));
  await engine.close();
  assert.equal(http.listening, true);
});

test("the example in docs/reference/engine.md runs as it stands", async (t) => {
  const docs = readFileSync(new URL("../../docs/reference/engine.md", import.meta.url), "utf8");
  const example = /```js\n(.*?)```/s.exec(docs)![1]!;
  const free = createHttpServer();
  const port = await listenOn(free);
  await new Promise((resolve) => free.close(resolve));
  const folder = await mkdtemp(join(tmpdir(), "engine-example-"));
  t.after(() => rm(folder, { recursive: true }));
  const file = join(folder, "example.mjs");
  const entry = new URL("../../src/engine/index.ts", import.meta.url).href;
  await writeFile(file, example.replaceAll("3000", String(port)).replace("switchboard/engine", entry));
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [...TYPESCRIPT, file], {
    timeout: 20_000,
  });
  assert.equal(stderr, "");
  assert.equal(stdout, "4You said hello.\nserver shutting down\n");
});

test("what comes late is refused where nobody answers, until that is undone", async () => {
  const http = createServer();
  const undo = refuseLate(http);
  const port = await listenOn(http);
  const { status, headers } = await send(port, "/", { agent: new Agent({ keepAlive: true }) });
  assert.deepEqual([status, headers.connection], [503, "close"]);
  undo();
  assert.equal(http.listenerCount("request"), 0);
  http.on("request", (_, response) => void response.end());
  refuseLate(http)();
  assert.equal((await send(port, "/")).status, 200);
  http.close();
});
