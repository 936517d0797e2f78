import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server as HttpServer } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { test, type TestContext } from "node:test";
import { connect as connectTls } from "node:tls";
import { Server } from "../../src/engine/index.ts";
import { connectRaw } from "../support/engine-client.ts";
import { startServer, undoAfter } from "../support/fixture.ts";
import { listen } from "../support/listen.ts";
import { cert, key } from "../support/tls/certificate.ts";

/** Connects, as browsers do ahead of need; resolves when the server has it, too. */
async function connectAhead(t: TestContext, http: HttpServer, port: number) {
  const [raw] = await Promise.all([connectRaw(t, port), once(http, "connection")]);
  return raw;
}

test("a server that closes does not wait for connections on which no request has come", async (t) => {
  const { io, http, port } = await startServer(t);
  const silent = await connectAhead(t, http, port);
  const halfway = await connectAhead(t, http, port);
  await halfway.send("GET /socket.io/?EIO=4 HTTP/1.1\r\nHost: a");
  await Promise.all([io.close(), silent.ended(), halfway.ended()]);
});

test("over TLS neither", async (t) => {
  const http = createHttpsServer({ cert, key });
  const { io, port } = await startServer(t, {}, { http });
  const stream = connectTls({ port, host: "127.0.0.1", ca: cert, servername: "localhost" });
  undoAfter(t, () => stream.destroy());
  await once(http, "secureConnection");
  await Promise.all([io.close(), once(stream.resume(), "close")]);
});

test("a request that runs is waited for, and what is somebody else's goes on", async (t) => {
  const http = createServer((request, response) => {
    asked.push(() => response.end(`page ${request.url}`));
    http.emit("asked");
  });
  const asked: (() => void)[] = [];
  const { io, port } = await startServer(t, {}, { http });
  http.on("upgrade", (request, stream) => {
    if (request.url !== "/mine") return;
    stream.write("HTTP/1.1 101 Mine\r\n\r\n");
    stream.pipe(stream);
  });
  const page = await connectRaw(t, port);
  await page.send("GET /page HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  await once(http, "asked");
  const mine = await connectRaw(t, port);
  await mine.writeHandshake("/mine");
  assert.equal((await mine.head()).status, 101);
  const silent = await connectAhead(t, http, port);
  const closing = io.close();
  await silent.ended();
  asked[0]!();
  assert.equal((await page.head()).status, 200);
  await mine.send("GET again\r\n\r\n");
  assert.equal((await mine.head()).firstLine, "GET again");
  mine.stream.end();
  await closing;
});

test("as long as the HTTP server listens, or another engine is there, they stay", async (t) => {
  const http = createServer();
  const engines = ["/a", "/b"].map((path) => new Server({ path, shutdownTimeout: 50 }).attach(http));
  const port = await listen(http);
  undoAfter(t, () => http.closeAllConnections());
  const raw = await connectAhead(t, http, port);
  await engines[0]!.close();
  await raw.send("GET /a/ HTTP/1.1\r\nHost: a\r\n\r\n");
  assert.equal((await raw.head()).status, 404);
  const silent = await connectAhead(t, http, port);
  const closed = new Promise((resolve) => http.close(resolve));
  await engines[1]!.close();
  await Promise.all([silent.ended(), closed]);
});
