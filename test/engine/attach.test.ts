import assert from "node:assert/strict";
import { createServer } from "node:http";
import { describe, test } from "node:test";
import { WebSocketServer } from "../../src/websocket/index.ts";
import { connectRaw, EngineClient } from "../support/engine-client.ts";
import { startServer } from "../support/fixture.ts";
import { fetchPlain } from "../support/http.ts";

describe("the path", () => {
  test("is a prefix", async (t) => {
    const { port } = await startServer(t);
    const client = await EngineClient.open(t, port, "/socket.io/and/more?EIO=4&transport=websocket");
    await client.joinNamespace();
    assert.equal((await fetchPlain(port, "/socket.io/and/more?EIO=4")).status, 400);
  });

  test("is given with or without slashes", async (t) => {
    for (const path of ["/chat/live", "chat/live/", "/chat/live/"]) {
      const { port } = await startServer(t, { path });
      await EngineClient.open(t, port, "/chat/live/?EIO=4&transport=websocket");
      assert.equal((await fetchPlain(port, "/socket.io/?EIO=4")).status, 404);
    }
  });

  test("may be everything", async (t) => {
    const { port } = await startServer(t, { path: "/" });
    await EngineClient.open(t, port, "/?EIO=4&transport=websocket");
    assert.equal((await fetchPlain(port, "/anything")).status, 400);
  });
});

describe("other paths", () => {
  test("go to the listeners that were there", async (t) => {
    const http = createServer((request, response) => response.end(`page ${request.url}`));
    const { port } = await startServer(t, {}, { http });
    assert.equal((await fetchPlain(port, "/index.html")).body, "page /index.html");
    assert.equal(
      (await fetchPlain(port, "/socket.iox?transport=websocket")).body,
      "page /socket.iox?transport=websocket",
    );
    assert.deepEqual(JSON.parse((await fetchPlain(port, "/socket.io/?EIO=4")).body), {
      code: 0,
      message: "Transport unknown",
    });
  });

  test("go to listeners that come later", async (t) => {
    const { http, port } = await startServer(t);
    http.on("request", (request, response) => {
      if (request.url?.startsWith("/socket.io/") === false) response.end("late");
    });
    const { status, body } = await fetchPlain(port, "/index.html");
    assert.equal(status, 200);
    assert.equal(body, "late");
  });

  test("are 404 where nobody else listens", async (t) => {
    const { port } = await startServer(t);
    assert.equal((await fetchPlain(port, "/")).status, 404);
    assert.equal((await fetchPlain(port, "/socket.io")).status, 404);
  });

  test("are 404 for an upgrade that nobody else may want", async (t) => {
    const { port } = await startServer(t);
    const raw = await connectRaw(t, port);
    await raw.writeHandshake("/elsewhere?EIO=4&transport=websocket");
    assert.equal((await raw.head()).status, 404);
    await raw.ended();
  });

  test("leave an upgrade to another listener", async (t) => {
    const { http, port } = await startServer(t);
    http.on("upgrade", (request, stream) => {
      if (request.url === "/mine") stream.end("HTTP/1.1 418 Mine\r\n\r\n");
    });
    const raw = await connectRaw(t, port);
    await raw.writeHandshake("/mine");
    assert.equal((await raw.head()).status, 418);
    await EngineClient.join(t, port);
  });
});

test("beside a WebSocket server, a path that is nobody's is answered too, and not held for ever", async (t) => {
  const http = createServer();
  const { port } = await startServer(t, {}, { http });
  const wss = new WebSocketServer({ server: http, path: "/plain" });
  t.after(() => wss.shutdown());
  for (const [path, status] of [
    ["/nobody", 404],
    ["/plain", 101],
  ] as const) {
    const raw = await connectRaw(t, port);
    await raw.writeHandshake(path);
    assert.equal((await raw.head()).status, status, path);
  }
  await EngineClient.join(t, port);
});

test("after closing, the listeners that were there are back", async (t) => {
  const listener = (): void => {};
  const http = createServer(listener);
  const { io } = await startServer(t, {}, { http });
  assert.notDeepEqual(http.listeners("request"), [listener]);
  await io.close();
  assert.deepEqual(http.listeners("request"), [listener]);
  assert.equal(http.listenerCount("upgrade"), 0);
  assert.equal(http.listening, false);
});
