import assert from "node:assert/strict";
import { type ClientHttp2Stream, connect, createSecureServer, createServer } from "node:http2";
import type { IncomingMessage } from "node:http";
import { createServer as createHttpServer } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { describe, test, type TestContext } from "node:test";
import type { WebSocket, WebSocketServerOptions } from "../../src/websocket/index.ts";
import { connectRaw } from "../support/engine-client.ts";
import { undoAfter } from "../support/fixture.ts";
import { Inflater, noise, prose } from "../support/payloads.ts";
import { cert, key } from "../support/tls/certificate.ts";
import {
  client,
  echo,
  Inbox,
  listenUntilEnd,
  nextOf,
  openClient,
  openWs,
  serveOn,
  until,
} from "../support/web-sockets.ts";
import { closeBody, closeOf, frame, OPCODE, type ReceivedFrame, takeFrame } from "../support/wire-frames.ts";

type Headers = Record<string, string | undefined>;

/** A stream of HTTP/2 that asks for a WebSocket, and reads frames. */
class Http2Peer {
  readonly stream: ClientHttp2Stream;
  readonly answer: Promise<Record<string, string | number | undefined>>;
  #received = Buffer.alloc(0);
  #wake: (() => void) | undefined;
  isEnded = false;

  constructor(stream: ClientHttp2Stream) {
    this.stream = stream;
    this.answer = nextOf(stream, "response").then(([headers]) => headers as Record<string, string>);
    stream.on("data", (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#wake?.();
    });
    stream.on("end", () => {
      this.isEnded = true;
      this.#wake?.();
    });
    stream.on("error", () => {});
  }

  async nextFrame(): Promise<ReceivedFrame> {
    let taken = takeFrame(this.#received);
    while (taken === undefined) {
      assert.equal(this.isEnded, false, "ended before a frame came");
      await new Promise<void>((resolve) => (this.#wake = resolve));
      taken = takeFrame(this.#received);
    }
    this.#received = Buffer.from(taken.rest);
    return taken.frame;
  }

  async body(): Promise<string> {
    while (!this.isEnded) await new Promise<void>((resolve) => (this.#wake = resolve));
    return String(this.#received);
  }
}

/** A server of HTTP/2 and HTTP/1.1 on one TLS port, and a way to connect to it over HTTP/2. */
async function start(t: TestContext, ...all: WebSocketServerOptions[]) {
  const http = createSecureServer({ key, cert, allowHTTP1: true }, (request, response) => {
    response.end(`page over ${request.httpVersion}`);
  });
  const servers = all.map((options) => serveOn(t, http, options));
  const sessions = new Set<{ destroy(): void }>();
  http.on("session", (session) => void sessions.add(session));
  undoAfter(t, () => {
    for (const session of sessions) session.destroy();
  });
  const port = await listenUntilEnd(t, http);
  const session = connect(`https://localhost:${port}`, { ca: cert });
  session.on("error", () => {});
  undoAfter(t, () => session.destroy());
  const [settings] = (await nextOf(session, "remoteSettings")) as [{ enableConnectProtocol?: boolean }];
  assert.equal(settings.enableConnectProtocol, true);
  const ask = (path = "/", headers: Headers = {}): Http2Peer => {
    const stream = session.request(
      {
        ":method": "CONNECT",
        ":protocol": "websocket",
        ":scheme": "https",
        ":path": path,
        "sec-websocket-version": "13",
        ...headers,
      },
      { endStream: false },
    );
    return new Http2Peer(stream);
  };
  return { http, port, session, ask, wss: servers[0]!.wss, log: servers[0]!.log };
}

describe("WebSocket over HTTP/2", () => {
  test("has the same API; many on one session, beside plain requests", async (t) => {
    const { wss, session, ask } = await start(t, {});
    const requests: IncomingMessage[] = [];
    wss.on("connection", (_socket, request) => void requests.push(request));
    echo(wss);
    const peers = Array.from({ length: 10 }, (_, index) =>
      ask(`/room/${index}?q=1`, { origin: "https://a" }),
    );
    for (const [index, peer] of peers.entries()) {
      assert.equal((await peer.answer)[":status"], 200);
      assert.equal((await peer.answer)["sec-websocket-accept"], undefined);
      peer.stream.write(frame(OPCODE.text, `hello ${index}`));
    }
    for (const [index, peer] of peers.entries()) {
      const { payload, masked } = await peer.nextFrame();
      assert.deepEqual([String(payload), masked], [`hello ${index}`, false]);
    }
    const page = new Http2Peer(session.request({ ":path": "/" }));
    assert.equal(await page.body(), "page over 2.0");
    assert.equal(wss.clients.size, 10);
    const [request] = requests;
    assert.deepEqual(
      [request!.method, request!.url, request!.httpVersion, request!.headers.origin],
      ["CONNECT", "/room/0?q=1", "2.0", "https://a"],
    );
    assert.match(request!.headers.host ?? "", /^localhost:/);
    assert.equal(request!.socket.remoteAddress?.includes("127.0.0.1"), true);
  });

  test("carries long messages both ways, compressed", async (t) => {
    const { wss, ask } = await start(t, { perMessageDeflate: true });
    echo(wss);
    const peer = ask("/", { "sec-websocket-extensions": "permessage-deflate" });
    assert.equal((await peer.answer)["sec-websocket-extensions"], "permessage-deflate");
    const inflater = new Inflater();
    for (const message of [noise(300_000), Buffer.from(prose(50_000)), Buffer.from("short")]) {
      peer.stream.write(frame(OPCODE.binary, message));
      const { rsv, payload } = await peer.nextFrame();
      assert.equal(rsv, 4);
      assert.ok((await inflater.inflate(payload)).equals(message));
    }
  });

  test("closes politely from either side, and the session stays", async (t) => {
    const { wss, ask } = await start(t, {});
    for (const who of ["peer", "server"] as const) {
      const connection = nextOf(wss, "connection");
      const peer = ask();
      const [socket] = (await connection) as [WebSocket];
      const closed = nextOf(socket, "close");
      if (who === "server") socket.close(4001, "bye");
      else peer.stream.write(frame(OPCODE.close, closeBody(4001, "bye")));
      assert.deepEqual(closeOf(await peer.nextFrame()), { code: 4001, reason: "bye" });
      if (who === "server") peer.stream.write(frame(OPCODE.close, closeBody(4001, "bye")));
      await peer.body();
      peer.stream.end();
      const [code, reason] = (await closed) as [number, Buffer];
      assert.deepEqual([code, String(reason)], [4001, "bye"]);
    }
    assert.equal((await ask().answer)[":status"], 200);
  });

  test("a stream that is reset, and a session that is gone, end with 1006", async (t) => {
    const { wss, session, ask } = await start(t, {});
    const connections: WebSocket[] = [];
    wss.on("connection", (socket) => void connections.push(socket));
    const [first] = [ask(), ask()];
    await until(() => connections.length === 2);
    const closes = connections.map((socket) => nextOf(socket, "close"));
    first.stream.close(8);
    assert.equal((await closes[0]!)[0], 1006);
    assert.equal(connections[1]!.readyState, connections[1]!.OPEN);
    session.destroy();
    assert.equal((await closes[1]!)[0], 1006);
    assert.equal(wss.clients.size, 0);
  });

  test("terminate, and shutdown, end the stream", async (t) => {
    const { wss, ask } = await start(t, {});
    const connection = nextOf(wss, "connection");
    const peer = ask();
    const [socket] = (await connection) as [WebSocket];
    const ended = nextOf(peer.stream, "close");
    socket.terminate();
    await ended;
    const other = ask();
    await other.answer;
    const done = wss.shutdown();
    assert.equal(closeOf(await other.nextFrame())?.code, 1001);
    other.stream.write(frame(OPCODE.close, closeBody(1001)));
    other.stream.end();
    await done;
  });

  test("breaches of the protocol are answered there, too", async (t) => {
    const { ask } = await start(t, {});
    const peer = ask();
    await peer.answer;
    peer.stream.write(frame(OPCODE.text, "x", { mask: false }));
    assert.equal(closeOf(await peer.nextFrame())?.code, 1002);
    await peer.body();
  });

  describe("is refused with a status and a sentence", () => {
    const CASES: [string, WebSocketServerOptions, Headers, string, number][] = [
      ["another version", {}, { "sec-websocket-version": "8" }, "/", 400],
      ["no version", {}, { "sec-websocket-version": undefined }, "/", 400],
      ["another path", { path: "/ws" }, {}, "/other", 400],
      ["an origin", { allowedOrigins: [] }, { origin: "https://a" }, "/", 403],
      ["verifyClient", { verifyClient: () => false }, {}, "/", 401],
      ["allowRequest", { allowRequest: async () => ({ status: 429, message: "Later." }) }, {}, "/", 429],
      ["maxConnections", { maxConnections: 0 }, {}, "/", 503],
      ["subprotocols twice", {}, { "sec-websocket-protocol": "a, a" }, "/", 400],
      ["malformed extensions", {}, { "sec-websocket-extensions": ";" }, "/", 400],
    ];
    for (const [name, options, headers, path, status] of CASES) {
      test(`${name}: ${status}`, async (t) => {
        const { wss, ask } = await start(t, options);
        const refused = nextOf(wss, "wsClientError");
        const peer = ask(path, headers);
        assert.equal((await peer.answer)[":status"], status);
        assert.match(await peer.body(), /^[A-Z].*\.\n$/);
        assert.equal(((await refused)[0] as { status?: number }).status, status);
        peer.stream.end();
        assert.equal(wss.clients.size, 0);
      });
    }
  });

  test("subprotocols are chosen", async (t) => {
    const { wss, ask } = await start(t, { handleProtocols: (offered) => [...offered][1]! });
    const connection = nextOf(wss, "connection");
    const peer = ask("/", { "sec-websocket-protocol": "a, b" });
    assert.equal((await peer.answer)["sec-websocket-protocol"], "b");
    assert.equal(((await connection)[0] as WebSocket).protocol, "b");
  });

  test("a peer that leaves while it is decided about is let go", async (t) => {
    let decide: ((verdict: boolean) => void) | undefined;
    const { wss, ask } = await start(t, {
      maxConnections: 1,
      allowRequest: () => new Promise<boolean>((resolve) => (decide = resolve)),
    });
    for (const verdict of [true, false]) {
      const peer = ask();
      await until(() => decide !== undefined);
      const closed = nextOf(peer.stream, "close");
      peer.stream.close(8);
      await closed;
      decide!(verdict);
      decide = undefined;
      await until(() => wss.clients.size === 0);
    }
    const peer = ask();
    await until(() => decide !== undefined);
    decide!(true);
    assert.equal((await peer.answer)[":status"], 200);
  });

  test("whether TLS is used is known, also without it", async (t) => {
    const http = createServer();
    const seen: boolean[] = [];
    const sessions = new Set<{ destroy(): void }>();
    http.on("session", (session) => void sessions.add(session));
    const verifyClient = ({ secure }: { secure: boolean }): boolean => seen.push(secure) > 0;
    serveOn(t, http, { verifyClient });
    undoAfter(t, () => {
      for (const session of sessions) session.destroy();
    });
    const port = await listenUntilEnd(t, http);
    const session = connect(`http://127.0.0.1:${port}`);
    undoAfter(t, () => session.destroy());
    await nextOf(session, "remoteSettings");
    const peer = new Http2Peer(
      session.request(
        {
          ":method": "CONNECT",
          ":protocol": "websocket",
          ":path": "/",
          ":scheme": "http",
          "sec-websocket-version": "13",
        },
        { endStream: false },
      ),
    );
    assert.equal((await peer.answer)[":status"], 200);
    const secure = await start(t, { verifyClient });
    assert.equal((await secure.ask().answer)[":status"], 200);
    assert.deepEqual(seen, [false, true]);
  });
});

describe("one port for HTTP/1.1 and HTTP/2", () => {
  test("the same server serves ws, our client, and streams of HTTP/2", async (t) => {
    const { wss, port, ask } = await start(t, { perMessageDeflate: true });
    echo(wss);
    for (const socket of [
      await openWs(t, `wss://localhost:${port}/`, { ca: cert }),
      await openClient(t, `wss://localhost:${port}/`, { ca: cert }),
    ]) {
      const inbox = new Inbox(socket);
      socket.send(prose(5000));
      assert.deepEqual(await inbox.until(1), [prose(5000)]);
    }
    const peer = ask();
    peer.stream.write(frame(OPCODE.text, "two"));
    assert.equal(String((await peer.nextFrame()).payload), "two");
    const received = new Promise((resolve) => {
      peer.nextFrame().then(({ payload }) => resolve(String(payload)), resolve);
    });
    assert.equal(wss.broadcast("all"), 3);
    assert.equal(await received, "all");
  });

  test("a CONNECT that is no WebSocket is answered 405", async (t) => {
    const { session } = await start(t, {});
    const peer = new Http2Peer(session.request({ ":method": "CONNECT", ":authority": "example.com:443" }));
    assert.equal((await peer.answer)[":status"], 405);
  });

  test("several servers by path; nobody's path is refused", async (t) => {
    const { port, ask } = await start(t, { path: "/a" }, { path: "/b" }, { path: "/c" });
    for (const path of ["/a", "/b?x", "/c"]) assert.equal((await ask(path).answer)[":status"], 200, path);
    assert.equal((await ask("/d").answer)[":status"], 400);
    await openClient(t, `wss://localhost:${port}/b`, { ca: cert });
    await assert.rejects(
      new Promise((_resolve, reject) => {
        openClient(t, `wss://localhost:${port}/d`, { ca: cert, logger: silent(reject) }).catch(reject);
      }),
      { code: "WS_ERR_HANDSHAKE_RESPONSE", status: 400 },
    );
  });
});

/** A logger that hands on the first error. */
function silent(onError: (error: unknown) => void) {
  const error = (details: object): void => onError((details as { err: unknown }).err);
  return { debug() {}, info() {}, warn() {}, error };
}

describe("several servers by path on one HTTP or HTTPS server", () => {
  for (const secure of [false, true]) {
    test(secure ? "HTTPS" : "HTTP", async (t) => {
      const http = secure ? createHttpsServer({ key, cert }) : createHttpServer();
      const names = ["/a", "/b", "/c"];
      for (const path of names) {
        const { wss } = serveOn(t, http, { path });
        wss.on("connection", (socket) => socket.send(path));
      }
      const port = await listenUntilEnd(t, http);
      for (const path of names) {
        const socket = client(t, `${secure ? "wss" : "ws"}://localhost:${port}${path}`, {
          ca: cert,
          family: 4,
        });
        assert.equal(String((await nextOf(socket, "message"))[0]), path);
      }
      if (secure) return;
      const raw = await connectRaw(t, port);
      await raw.writeHandshake("/nobody");
      assert.equal((await raw.head()).status, 400);
      await raw.closed();
    });
  }

  test("what another listener may want is left to it; when it is gone, somebody refuses", async (t) => {
    const http = createHttpServer();
    serveOn(t, http, { path: "/a" });
    const second = serveOn(t, http, { path: "/b" });
    const foreign = (request: IncomingMessage, stream: { end(text: string): void }): void => {
      if (request.url === "/foreign") stream.end("HTTP/1.1 418 Teapot\r\nContent-Length: 0\r\n\r\n");
    };
    http.on("upgrade", foreign);
    const port = await listenUntilEnd(t, http);
    const knock = async (path: string): Promise<number> => {
      const raw = await connectRaw(t, port);
      await raw.writeHandshake(path);
      return (await raw.head()).status;
    };
    assert.equal(await knock("/foreign"), 418);
    http.off("upgrade", foreign);
    assert.equal(await knock("/foreign"), 400);
    await new Promise<void>((resolve) => second.wss.close(() => resolve()));
    assert.equal(await knock("/b"), 400);
    assert.equal(await knock("/a"), 101);
  });
});
