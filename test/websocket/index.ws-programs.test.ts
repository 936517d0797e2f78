import assert from "node:assert/strict";
import { once } from "node:events";
import { type ClientRequest, createServer, type IncomingMessage } from "node:http";
import { describe, test } from "node:test";
import type { VerifyClientCallbackAsync, VerifyClientCallbackSync } from "ws";
import WebSocket, {
  createWebSocketStream,
  WebSocketServer,
  type WebSocketServerOptions,
} from "../../src/websocket/index.ts";
import { portOf } from "../support/listen.ts";
import { RecordingLogger } from "../support/recording-logger.ts";
import { listenUntilEnd, nextOf, stop } from "../support/web-sockets.ts";

/** Small programs in the way in which people write them for `ws`: only the import is another. */
describe("a program written for ws", () => {
  test("a simple server, with the callback that says that it listens, and a client", async (t) => {
    const wss = await new Promise<WebSocketServer>((resolve) => {
      const made = new WebSocketServer({ port: 0, host: "127.0.0.1" }, () => resolve(made));
    });
    t.after(() => stop(wss));
    wss.on("connection", function connection(ws) {
      ws.on("error", assert.fail);
      ws.on("message", (data) => ws.send(`you said: ${String(data as Buffer)}`));
      ws.send("something");
    });
    const ws = new WebSocket(`ws://127.0.0.1:${portOf(wss)}/path`);
    const answers: string[] = [];
    ws.on("error", assert.fail);
    ws.on("open", function open() {
      ws.send("hello");
    });
    ws.on("message", function message(data) {
      answers.push((data as Buffer).toString());
      if (answers.length === 2) ws.close();
    });
    const [code] = (await once(ws as never, "close")) as [number];
    assert.equal(code, 1005);
    assert.deepEqual(answers, ["something", "you said: hello"]);
  });

  test("binary data", async (t) => {
    const wss = new WebSocket.Server({ port: 0, host: "127.0.0.1" });
    t.after(() => stop(wss));
    await once(wss as never, "listening");
    const ws = new WebSocket(`ws://127.0.0.1:${portOf(wss)}`);
    ws.on("open", () => {
      const array = new Float32Array(5);
      for (let index = 0; index < array.length; index += 1) array[index] = index / 2;
      ws.send(array);
    });
    const [socket] = (await nextOf(wss, "connection")) as [WebSocket];
    const [data, isBinary] = (await nextOf(socket, "message")) as [Buffer, boolean];
    assert.equal(isBinary, true);
    assert.equal(data.readFloatLE(12), 1.5);
  });

  test("two servers on one HTTP server by noServer, and authentication before it", async (t) => {
    const server = createServer();
    const wss1 = new WebSocketServer({ noServer: true });
    const wss2 = new WebSocketServer({ noServer: true });
    t.after(() => Promise.all([stop(wss1), stop(wss2)]));
    wss1.on("connection", (ws) => ws.send("one"));
    wss2.on("connection", (ws, request) => ws.send(`two for ${String(request.headers["x-user"])}`));
    server.on("upgrade", function upgrade(request, socket, head) {
      const { pathname } = new URL(request.url ?? "", "ws://base.url");
      if (pathname === "/one") {
        wss1.handleUpgrade(request, socket, head, (ws) => wss1.emit("connection", ws, request));
      } else if (request.headers["x-user"] === undefined) {
        socket.write("HTTP/1.1 401 Unauthorized\r\n\r\n");
        socket.destroy();
      } else {
        wss2.handleUpgrade(request, socket, head, (ws) => wss2.emit("connection", ws, request));
      }
    });
    const port = await listenUntilEnd(t, server);
    const one = new WebSocket(`ws://127.0.0.1:${port}/one`);
    assert.equal(String((await nextOf(one, "message"))[0]), "one");
    const two = new WebSocket(`ws://127.0.0.1:${port}/two`, { headers: { "X-User": "me" } });
    assert.equal(String((await nextOf(two, "message"))[0]), "two for me");
    const three = new WebSocket(`ws://127.0.0.1:${port}/two`, [], { logger: new RecordingLogger() });
    const [, response] = (await nextOf(three, "unexpected-response")) as [unknown, { statusCode: number }];
    assert.equal(response.statusCode, 401);
    const closed = nextOf(three, "close");
    three.terminate();
    await closed;
  });

  test("verifyClient with one parameter and with two, whose types need not be written", async (t) => {
    const one: WebSocketServerOptions = { verifyClient: (info) => info.req.url === "/in" };
    const both: WebSocketServerOptions = {
      verifyClient: ({ origin, secure, req }, callback) => {
        if (req.url === "/in") callback(true);
        else callback(false, 429, `${origin ?? "nobody"} ${secure}`, { "Retry-After": 120 });
      },
    };
    for (const options of [one, both]) {
      const wss = new WebSocketServer({ port: 0, host: "127.0.0.1", ...options });
      t.after(() => stop(wss));
      await once(wss as never, "listening");
      const accepted = new WebSocket(`ws://127.0.0.1:${portOf(wss)}/in`);
      await nextOf(accepted, "open");
      accepted.close();
      const refused = new WebSocket(`ws://127.0.0.1:${portOf(wss)}/out`);
      refused.on("error", () => {});
      const [request, response] = (await nextOf(refused, "unexpected-response")) as [
        ClientRequest,
        IncomingMessage,
      ];
      request.destroy();
      assert.equal(response.statusCode, options === one ? 401 : 429);
      assert.equal(response.headers["retry-after"], options === one ? undefined : "120");
    }
  });

  test("verifyClient by the types of ws, or async, compiles", () => {
    const sync: VerifyClientCallbackSync = ({ origin }) => origin.startsWith("https:");
    const callback: VerifyClientCallbackAsync = (_info, done) => done(false, 401, "no", { "Retry-After": 1 });
    const all: WebSocketServerOptions["verifyClient"][] = [sync, callback];
    all.push(
      async (info) => info.secure,
      async (info, done) => done(info.secure),
    );
    const options = all.flatMap((verifyClient) => (verifyClient === undefined ? [] : [{ verifyClient }]));
    const servers = options.map((each) => new WebSocketServer({ noServer: true, ...each }));
    assert.equal(servers.length, 4);
  });

  test("a broadcast to everyone else, by walking over the clients", async (t) => {
    const wss = new WebSocketServer({ port: 0, host: "127.0.0.1" });
    t.after(() => stop(wss));
    await once(wss as never, "listening");
    wss.on("connection", (ws) => {
      ws.on("message", (data, isBinary) => {
        for (const client of wss.clients) {
          if (client !== ws && client.readyState === WebSocket.OPEN) client.send(data, { binary: isBinary });
        }
      });
    });
    const url = `ws://127.0.0.1:${portOf(wss)}`;
    const sockets = [new WebSocket(url), new WebSocket(url), new WebSocket(url)];
    await Promise.all(sockets.map((ws) => nextOf(ws, "open")));
    const heard = sockets.slice(1).map((ws) => nextOf(ws, "message"));
    sockets[0]!.on("message", assert.fail);
    sockets[0]!.send("to all others");
    for (const each of heard) assert.equal(String((await each)[0]), "to all others");
  });

  test("a heartbeat on the server, with a mark on each socket", async (t) => {
    const wss = new WebSocketServer({ port: 0, host: "127.0.0.1" });
    t.after(() => stop(wss));
    await once(wss as never, "listening");
    const alive = new WeakMap<WebSocket, boolean>();
    const beat = (): void => {
      for (const ws of wss.clients) {
        if (alive.get(ws) === false) {
          ws.terminate();
          continue;
        }
        alive.set(ws, false);
        ws.ping();
      }
    };
    const url = `ws://127.0.0.1:${portOf(wss)}`;
    const [good, bad] = [new WebSocket(url), new WebSocket(url, { autoPong: false })];
    await Promise.all([good, bad].map((ws) => nextOf(ws, "open")));
    while (wss.clients.size < 2) await new Promise((resolve) => setImmediate(resolve));
    const pongs: Promise<unknown>[] = [];
    for (const ws of wss.clients) {
      ws.on("pong", () => alive.set(ws, true));
      pongs.push(nextOf(ws, "pong"));
    }
    const pinged = [good, bad].map((ws) => nextOf(ws, "ping"));
    beat();
    await Promise.all([...pinged, Promise.race(pongs)]);
    const closed = nextOf(bad, "close");
    beat();
    assert.equal((await closed)[0], 1006);
    assert.equal(good.readyState, WebSocket.OPEN);
  });

  test("round trips, with a timestamp and once()", async (t) => {
    const wss = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: true });
    t.after(() => stop(wss));
    await once(wss as never, "listening");
    wss.on("connection", (ws) =>
      ws.on("message", (data, isBinary) => ws.send(data as Buffer, { binary: isBinary })),
    );
    const ws = new WebSocket(`ws://127.0.0.1:${portOf(wss)}`);
    await once(ws as never, "open");
    for (let count = 0; count < 3; count += 1) {
      ws.send(Date.now());
      const [data] = (await once(ws as never, "message")) as [Buffer];
      assert.ok(Date.now() - Number(data) >= 0);
    }
    ws.once("close", () => {}).close(1000, Buffer.from("done"));
    const [code, reason] = (await once(ws as never, "close")) as [number, Buffer];
    assert.deepEqual([code, reason.toString()], [1000, "done"]);
  });

  test("a stream", async (t) => {
    const wss = new WebSocketServer({ port: 0, host: "127.0.0.1" });
    t.after(() => stop(wss));
    await once(wss as never, "listening");
    wss.on("connection", (ws) => ws.on("message", (data) => ws.send(String(data as Buffer).toUpperCase())));
    const duplex = createWebSocketStream(new WebSocket(`ws://127.0.0.1:${portOf(wss)}`), {
      encoding: "utf8",
    });
    duplex.write("quiet");
    const [text] = (await once(duplex, "data")) as [string];
    assert.equal(text, "QUIET");
    duplex.resume();
    duplex.end();
    await once(duplex, "close");
  });
});
