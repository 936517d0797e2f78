import assert from "node:assert/strict";
import { createServer } from "node:http";
import { createServer as createTcpServer } from "node:net";
import type { Duplex } from "node:stream";
import { describe, test } from "node:test";
import type { WebSocketServerOptions } from "../../src/websocket/server-options.ts";
import { WebSocketServer } from "../../src/websocket/server.ts";
import { next, record } from "../support/events.ts";
import { listen, portOf } from "../support/listen.ts";
import { RawClient } from "../support/raw-client.ts";
import { echo, openRaw, RecordingLogger, startServer, stopServer } from "../support/websocket-server.ts";

/** An HTTP server that is gone after the test. */
async function startHttp(t: {
  after(fn: () => void): void;
}): Promise<{ http: ReturnType<typeof createServer>; port: number }> {
  const http = createServer((_request, response) => response.end("plain"));
  const port = await listen(http);
  t.after(() => {
    http.close();
    http.closeAllConnections();
  });
  return { http, port };
}

/** Connects, opens a path and sends one word; resolves with what comes back. */
async function ask(port: number, path: string, word = "hi"): Promise<string> {
  const client = await RawClient.connect(port);
  await client.open(path);
  await client.sendText(word);
  const reply = await client.nextFrame();
  client.destroy();
  return reply.payload.toString();
}

test("a handshake is answered and the first message sent in one write, also if the connection is destroyed then", async (t) => {
  const { http, port } = await startHttp(t);
  const wss = new WebSocketServer({ server: http });
  const written: string[] = [];
  wss.on("connection", (ws, { socket }) => {
    const write = socket.write.bind(socket) as (chunk: Uint8Array | string) => boolean;
    socket.write = (chunk: Uint8Array | string) => {
      written.push(Buffer.from(chunk as Uint8Array).toString("latin1"));
      return write(chunk);
    };
    ws.send("welcome");
    ws.terminate();
  });
  const client = await RawClient.connect(port);
  await client.open("/");
  assert.equal((await client.nextFrame()).payload.toString(), "welcome");
  assert.equal(written.length, 1);
  assert.ok(written[0]!.startsWith("HTTP/1.1 101 "));
  assert.ok(written[0]!.endsWith("\r\n\r\n\u0081\u0007welcome"));
});

describe("options", () => {
  const http = createServer();
  const WRONG: [string, WebSocketServerOptions][] = [
    ["none of port, server and noServer", {}],
    ["port and server", { port: 0, server: http }],
    ["port and noServer", { port: 0, noServer: true }],
    ["server and noServer", { server: http, noServer: true }],
    ["noServer: false alone", { noServer: false }],
  ];
  for (const [name, options] of WRONG) {
    test(`are refused: ${name}`, () => {
      assert.throws(() => new WebSocketServer(options), TypeError);
    });
  }

  test("a server without a port has no address", () => {
    const wss = new WebSocketServer({ noServer: true });
    assert.throws(() => wss.address(), /noServer/);
  });

  test("a taken port is an error event", async (t) => {
    const { port } = await startServer(t);
    const second = new WebSocketServer({ port, host: "127.0.0.1" });
    const [error] = await next(second, "error");
    assert.equal((error as NodeJS.ErrnoException).code, "EADDRINUSE");
    second.close();
  });

  test("a taken port that nobody listens for is logged, not swallowed", async (t) => {
    const { port } = await startServer(t);
    const logger = new RecordingLogger();
    const taken = createServer();
    const second = new WebSocketServer({ server: taken, logger });
    const failed = new Promise((resolve) => void taken.once("error", resolve));
    taken.listen(port, "127.0.0.1");
    await failed;
    assert.equal(logger.lines.length, 1);
    assert.equal(logger.lines[0]!.level, "error");
    second.close();
  });
});

describe("paths", () => {
  test("only the given path is taken, whatever the query; others get 400", async (t) => {
    const { wss, port } = await startServer(t, { path: "/chat" });
    echo(wss);
    assert.equal(await ask(port, "/chat"), "hi");
    assert.equal(await ask(port, "/chat?room=1"), "hi");
    for (const path of ["/", "/chat/", "/chats", "/Chat"]) {
      const client = await RawClient.connect(port);
      await client.writeHandshake(path);
      assert.equal((await client.head()).status, 400, path);
      await client.closed();
    }
  });

  test("several servers share one HTTP server, each with its path", async (t) => {
    const { http, port } = await startHttp(t);
    for (const path of ["/a", "/b", "/c"]) {
      const wss = new WebSocketServer({ server: http, path });
      t.after(() => stopServer(wss));
      wss.on("connection", (socket) =>
        socket.on("message", (data) => socket.send(`${path} ${String(data)}`)),
      );
    }
    assert.deepEqual(await Promise.all(["/a", "/b", "/c"].map((path) => ask(port, path))), [
      "/a hi",
      "/b hi",
      "/c hi",
    ]);
  });

  test("the HTTP server's own answers are not touched", async (t) => {
    const { http, port } = await startHttp(t);
    const wss = new WebSocketServer({ server: http });
    t.after(() => stopServer(wss));
    const client = await RawClient.connect(port);
    await client.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assert.equal((await client.head()).status, 200);
    await client.closed();
    assert.equal(client.unread.toString(), "plain");
  });
});

describe("noServer", () => {
  test("upgrades are handed over by hand", async (t) => {
    const { http, port } = await startHttp(t);
    const chat = new WebSocketServer({ noServer: true });
    const news = new WebSocketServer({ noServer: true });
    t.after(() => Promise.all([stopServer(chat), stopServer(news)]));
    http.on("upgrade", (request, stream, head) => {
      const wss = request.url === "/chat" ? chat : news;
      wss.handleUpgrade(request, stream, head, (socket, same) => {
        assert.equal(same, request);
        assert.equal(wss.clients.has(socket), true);
        wss.emit("connection", socket, request);
      });
    });
    echo(chat);
    news.on("connection", (socket) => socket.send("headline"));
    assert.equal(await ask(port, "/chat"), "hi");
    assert.equal(await ask(port, "/news"), "headline");
  });

  test("a stream that is gone already is let go: no connection is made, nothing is kept", async (t) => {
    const { http, port } = await startHttp(t);
    const wss = new WebSocketServer({ noServer: true });
    const connections = record(wss, "connection");
    const handled = new Promise<void>((resolve) => {
      http.on("upgrade", (request, stream: Duplex, head) => {
        stream.destroy();
        stream.once("close", () => {
          wss.handleUpgrade(request, stream, head, (socket) => wss.emit("connection", socket, request));
          resolve();
        });
      });
    });
    const client = await RawClient.connect(port);
    await client.writeHandshake();
    await handled;
    assert.equal(wss.clients.size, 0);
    await stopServer(wss);
    assert.equal(connections.all.length, 0);
  });
});

describe("subprotocols", () => {
  /** What a server answers to an offer: the header, undefined without one. */
  async function answer(
    t: Parameters<typeof startServer>[0],
    handleProtocols: WebSocketServerOptions["handleProtocols"],
    offer: string | undefined,
  ): Promise<string | undefined> {
    const { port } = await startServer(t, handleProtocols === undefined ? {} : { handleProtocols });
    const client = await RawClient.connect(port);
    t.after(() => client.destroy());
    const head = await client.open("/", { "Sec-WebSocket-Protocol": offer });
    return head.headers["sec-websocket-protocol"];
  }

  test("by default the first that is offered is taken", async (t) => {
    assert.equal(await answer(t, undefined, "b, a"), "b");
    assert.equal(await answer(t, undefined, undefined), undefined);
  });

  test("the application may choose, or refuse", async (t) => {
    assert.equal(await answer(t, (offered) => [...offered].at(-1)!, "b, a"), "a");
    assert.equal(await answer(t, () => false, "b, a"), undefined);
  });

  test("one that was not offered is never answered", async (t) => {
    assert.equal(await answer(t, () => "c", "b, a"), undefined);
  });

  test("the socket knows what was agreed on", async (t) => {
    const { wss, port } = await startServer(t);
    const connection = next(wss, "connection");
    const client = await RawClient.connect(port);
    t.after(() => client.destroy());
    await client.open("/", { "Sec-WebSocket-Protocol": "chat" });
    assert.equal((await connection)[0].protocol, "chat");
  });

  test("a chooser that throws is a 500 and a line in the log, and the server goes on", async (t) => {
    const logger = new RecordingLogger();
    let calls = 0;
    const { wss, port } = await startServer(t, {
      logger,
      handleProtocols: () => {
        calls += 1;
        if (calls === 1) throw new Error("secret detail");
        return false;
      },
    });
    const client = await RawClient.connect(port);
    await client.writeHandshake("/", { "Sec-WebSocket-Protocol": "chat" });
    assert.equal((await client.head()).status, 500);
    await client.closed();
    assert.doesNotMatch(client.unread.toString(), /secret/);
    assert.equal(logger.lines.length, 1);
    const second = await RawClient.connect(port);
    await second.open("/", { "Sec-WebSocket-Protocol": "chat" });
    second.destroy();
    assert.ok(wss.clients.size <= 1);
  });
});

describe("connections", () => {
  test("are in clients as long as they live", async (t) => {
    const { wss } = await startServer(t);
    const { client, socket } = await openRaw(t, wss);
    assert.deepEqual([...wss.clients], [socket]);
    const closed = next(socket, "close");
    client.destroy();
    await closed;
    assert.equal(wss.clients.size, 0);
  });

  test("come with their request", async (t) => {
    const { wss, port } = await startServer(t);
    const connection = next(wss, "connection");
    const client = await RawClient.connect(port);
    t.after(() => client.destroy());
    await client.open("/x?y=1", { "X-Mine": "yes" });
    const [socket, request] = await connection;
    assert.equal(request.url, "/x?y=1");
    assert.equal(request.headers["x-mine"], "yes");
    assert.equal(socket.readyState, socket.OPEN);
    assert.equal(socket.url, "");
  });

  test("a listener that throws or rejects is logged; the connection and the server go on", async (t) => {
    const logger = new RecordingLogger();
    const { wss } = await startServer(t, { logger });
    wss.on("connection", (socket) => {
      socket.on("message", (data) => {
        if (String(data) === "throw") throw new Error("thrown");
        socket.send(`got ${String(data)}`);
      });
      throw new Error("at the door");
    });
    wss.on("connection", () => Promise.reject(new Error("later")));
    const { client } = await openRaw(t, wss);
    await client.sendText("throw");
    await client.sendText("on");
    assert.equal((await client.nextFrame()).payload.toString(), "got on");
    assert.deepEqual(
      logger.lines.map((line) => [line.level, (line.details as { err: Error }).err.message]),
      [
        ["error", "at the door"],
        ["error", "later"],
        ["error", "thrown"],
      ],
    );
  });
});

describe("close", () => {
  test("stops listening and leaves open connections alone; says close when the last is gone", async (t) => {
    const wss = new WebSocketServer({ port: 0, host: "127.0.0.1" });
    await next(wss, "listening");
    const port = portOf(wss);
    echo(wss);
    const { client, socket } = await openRaw(t, wss);
    const closes = record(wss, "close");
    const done = new Promise<unknown>((resolve) => wss.close(resolve));
    await assert.rejects(RawClient.connect(port), { code: "ECONNREFUSED" });
    await client.sendText("still there?");
    assert.equal((await client.nextFrame()).payload.toString(), "still there?");
    assert.equal(closes.all.length, 0);
    socket.close(1001);
    client.destroy();
    assert.equal(await done, undefined);
    assert.equal(closes.all.length, 1);
  });

  test("frees the port", async (t) => {
    const { wss, port } = await startServer(t);
    await stopServer(wss);
    const tcp = createTcpServer();
    await new Promise<void>((resolve, reject) => {
      tcp.once("error", reject);
      tcp.listen(port, "127.0.0.1", resolve);
    });
    await new Promise((resolve) => void tcp.close(resolve));
  });

  test("twice: both are told while it closes, later calls get an error", async () => {
    const wss = new WebSocketServer({ noServer: true });
    const close = (): Promise<Error | undefined> => new Promise((resolve) => wss.close(resolve));
    assert.deepEqual(await Promise.all([close(), close()]), [undefined, undefined]);
    assert.ok((await close()) instanceof Error);
    wss.close();
  });

  test("does not wait for a client that never finishes its handshake, and drops it", async (t) => {
    const { wss, port } = await startServer(t);
    const client = await RawClient.connect(port);
    await client.send("GET / HTTP/1.1\r\nHost: x\r\n");
    // A second client is answered, so the first one's bytes have come.
    const other = await RawClient.connect(port);
    await other.open();
    other.destroy();
    await stopServer(wss);
    await client.closed();
  });

  test("does not close an HTTP server that is shared, nor listen to it any more", async (t) => {
    const { http, port } = await startHttp(t);
    const before = http.eventNames().map((name) => [name, http.listenerCount(name)]);
    const wss = new WebSocketServer({ server: http });
    await stopServer(wss);
    assert.deepEqual(
      http.eventNames().map((name) => [name, http.listenerCount(name)]),
      before,
    );
    const client = await RawClient.connect(port);
    await client.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assert.equal((await client.head()).status, 200);
    client.destroy();
  });

  test("refuses upgrades that come later with 503", async (t) => {
    const { http, port } = await startHttp(t);
    const wss = new WebSocketServer({ noServer: true });
    http.on("upgrade", (request, stream, head) => wss.handleUpgrade(request, stream, head, () => {}));
    wss.close();
    const client = await RawClient.connect(port);
    await client.writeHandshake();
    assert.equal((await client.head()).status, 503);
    await client.closed();
  });
});
