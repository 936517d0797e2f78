import assert from "node:assert/strict";
import {
  Agent,
  type ClientRequest,
  createServer,
  type IncomingMessage,
  type RequestListener,
} from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { connect, createServer as createTcpServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { WebSocket } from "../../src/websocket/index.ts";
import { undoAfter } from "../support/fixture.ts";
import { RawServer } from "../support/raw-server.ts";
import { cert, key } from "../support/tls/certificate.ts";
import { client, listenUntilEnd, nextOf, openClient, serve, serveOn, until } from "../support/web-sockets.ts";

/** An HTTP server that redirects, and what it was asked. */
async function startRedirect(t: TestContext, location: (request: IncomingMessage) => string, secure = false) {
  const asked: IncomingMessage[] = [];
  const listener: RequestListener = (request, response) => {
    asked.push(request);
    response.writeHead(302, { Location: location(request) }).end();
  };
  const http = secure ? createHttpsServer({ key, cert }, listener) : createServer(listener);
  http.on("upgrade", (request: IncomingMessage, stream: NodeJS.WritableStream) => {
    asked.push(request);
    stream.end(`HTTP/1.1 302 Found\r\nLocation: ${location(request)}\r\nContent-Length: 0\r\n\r\n`);
  });
  return { asked, port: await listenUntilEnd(t, http) };
}

describe("TLS", () => {
  async function serveTls(t: TestContext) {
    const https = createHttpsServer({ key, cert });
    const { wss } = serveOn(t, https);
    return { wss, port: await listenUntilEnd(t, https) };
  }

  test("a certificate that is trusted is taken, for a name and an address", async (t) => {
    const { port } = await serveTls(t);
    await openClient(t, `wss://localhost:${port}`, { ca: cert });
    await openClient(t, `wss://127.0.0.1:${port}`, { ca: cert });
    await openClient(t, `https://localhost:${port}`, { ca: cert });
  });

  test("one that is not is an error as Node gives it, unless it is not to be checked", async (t) => {
    const { port } = await serveTls(t);
    const [error] = await nextOf(client(t, `wss://localhost:${port}`), "error");
    assert.match((error as { code: string }).code, /SELF_SIGNED|UNABLE_TO_VERIFY/);
    await openClient(t, `wss://localhost:${port}`, { rejectUnauthorized: false });
    const [wrongName] = await nextOf(
      client(t, `wss://localhost:${port}`, { ca: cert, servername: "example.com" }),
      "error",
    );
    assert.equal((wrongName as { code: string }).code, "ERR_TLS_CERT_ALTNAME_INVALID");
  });

  test("is not spoken on a plain port", async (t) => {
    const { port } = await serve(t);
    const socket = client(t, `wss://127.0.0.1:${port}`, { ca: cert });
    const closed = nextOf(socket, "close");
    await nextOf(socket, "error");
    await closed;
  });
});

describe("the request", () => {
  async function requestOf(t: TestContext, options: object, path = "/", user = ""): Promise<IncomingMessage> {
    const { wss, port } = await serve(t);
    const connection = nextOf(wss, "connection");
    await openClient(t, `ws://${user}127.0.0.1:${port}${path}`, options);
    return (await connection)[1] as IncomingMessage;
  }

  test("has the headers that are given, and cannot lose those it needs", async (t) => {
    const { headers } = await requestOf(t, {
      headers: {
        "X-One": "1",
        Cookie: ["a=1", "b=2"],
        upgrade: "h2c",
        CONNECTION: "close",
        "sec-websocket-version": "8",
      },
      origin: "https://a.example",
    });
    assert.equal(headers["x-one"], "1");
    assert.equal(headers.cookie, "a=1; b=2");
    assert.equal(headers.origin, "https://a.example");
    assert.equal(headers.upgrade, "websocket");
    assert.match(headers["sec-websocket-extensions"] ?? "", /^permessage-deflate/);
  });

  test("names the host of the address, or the one that is given, as in ws", async (t) => {
    assert.match((await requestOf(t, {})).headers.host ?? "", /^127\.0\.0\.1:\d+$/);
    assert.equal((await requestOf(t, { headers: { host: "a.example" } })).headers.host, "a.example");
  });

  test("has the path, the query and the credentials of the address", async (t) => {
    const request = await requestOf(t, {}, "/a%20b?c=d%26", "me:s%40cret@");
    assert.equal(request.url, "/a%20b?c=d%26");
    assert.equal(request.headers.authorization, `Basic ${Buffer.from("me:s@cret").toString("base64")}`);
    const given = await requestOf(t, { auth: "you:x" });
    assert.equal(given.headers.authorization, `Basic ${Buffer.from("you:x").toString("base64")}`);
  });

  test("offers no compression if none is wanted", async (t) => {
    assert.equal(
      (await requestOf(t, { perMessageDeflate: false })).headers["sec-websocket-extensions"],
      undefined,
    );
  });

  test("goes through an agent, a connection, or a socket's path of the user's", async (t) => {
    const agent = new Agent();
    undoAfter(t, () => agent.destroy());
    let used = 0;
    const createConnection = agent.createConnection.bind(agent);
    agent.createConnection = (...args) => {
      used += 1;
      return createConnection(...args);
    };
    await requestOf(t, { agent });
    assert.equal(used, 1);
    const { port } = await serve(t);
    await openClient(t, "ws://somewhere.invalid/", {
      createConnection: () => {
        used += 1;
        return connect(port, "127.0.0.1");
      },
    });
    assert.equal(used, 2);
    const path = join(tmpdir(), `switchboard-${process.pid}.sock`);
    const http = createServer();
    serveOn(t, http);
    undoAfter(t, () => http.close());
    await new Promise<void>((resolve) => void http.listen(path, resolve));
    await openClient(t, "ws://localhost/", { socketPath: path });
  });

  test("that Node refuses throws at once, and leaves nothing running", () => {
    const clock = new FakeClock();
    assert.throws(
      () => new WebSocket("ws://127.0.0.1:1", { clock, headers: { "X-Bad": "a\nb" } }),
      TypeError,
    );
    assert.equal(clock.pending, 0);
  });
});

describe("redirects", () => {
  test("are not followed unless it is asked for", async (t) => {
    const { port, asked } = await startRedirect(t, () => "/elsewhere");
    const [error] = await nextOf(client(t, `ws://127.0.0.1:${port}`), "error");
    assert.equal((error as { status: number }).status, 302);
    assert.equal(asked.length, 1);
  });

  test("are followed, relative or absolute, and told about", async (t) => {
    const { url, port: target } = await serve(t);
    const { port } = await startRedirect(t, ({ url: path }) =>
      path === "/" ? "/next" : `http://127.0.0.1:${target}/`,
    );
    const socket = client(t, `ws://127.0.0.1:${port}`, { followRedirects: true });
    const told: string[] = [];
    socket.on("redirect", (to, request: ClientRequest) => told.push(to, typeof request.setHeader));
    await nextOf(socket, "open");
    assert.deepEqual(told, [`ws://127.0.0.1:${port}/next`, "function", url, "function"]);
    assert.equal(socket.url, url);
  });

  test("are followed so many times", async (t) => {
    const { port, asked } = await startRedirect(t, () => "/again");
    const socket = client(t, `ws://127.0.0.1:${port}`, { followRedirects: true, maxRedirects: 3 });
    assert.equal(((await nextOf(socket, "error"))[0] as { code: string }).code, "WS_ERR_HANDSHAKE_RESPONSE");
    assert.equal(asked.length, 4);
  });

  for (const location of ["ftp://127.0.0.1/", "http://[bad", "ws://127.0.0.1/#fragment"]) {
    test(`to ${location} are an error`, async (t) => {
      const { port } = await startRedirect(t, () => location);
      const socket = client(t, `ws://127.0.0.1:${port}`, { followRedirects: true });
      const closed = nextOf(socket, "close");
      await nextOf(socket, "error");
      assert.equal((await closed)[0], 1006);
    });
  }

  const SECRETS = {
    headers: { Authorization: "Bearer x", COOKIE: "a=1", Host: "a.example", "X-Other": "kept" },
  };
  for (const [name, options] of [
    ["headers", SECRETS],
    ["auth", { auth: "me:secret", headers: { "X-Other": "kept" } }],
  ] as const) {
    test(`keep secrets (${name}) for the host that they were meant for`, async (t) => {
      const { wss, port: target } = await serve(t);
      const connection = nextOf(wss, "connection");
      const { port, asked } = await startRedirect(t, ({ url }) =>
        url === "/" ? "/next" : `ws://127.0.0.1:${target}/`,
      );
      await openClient(t, `ws://127.0.0.1:${port}`, { ...options, followRedirects: true });
      for (const { headers } of asked) assert.ok(headers.authorization !== undefined);
      const { headers } = (await connection)[1] as IncomingMessage;
      assert.equal(headers.authorization, undefined);
      assert.equal(headers.cookie, undefined);
      assert.notEqual(headers.host, "a.example");
      assert.equal(headers["x-other"], "kept");
    });
  }

  test("keep secrets from the same host without TLS", async (t) => {
    // One port that speaks both, so that only the protocol differs.
    const seen: IncomingMessage[] = [];
    const plain = createServer();
    plain.on("upgrade", (request: IncomingMessage, stream: { destroy(): void }) => {
      seen.push(request);
      stream.destroy();
    });
    const secure = createHttpsServer({ key, cert }, (request, response) => {
      response.writeHead(302, { Location: `ws://${request.headers.host}/plain` }).end();
    });
    const port = await listenUntilEnd(
      t,
      createTcpServer((stream) => {
        stream.once("data", (first: Buffer) => {
          stream.pause();
          (first[0] === 0x16 ? secure : plain).emit("connection", stream);
          stream.unshift(first);
          process.nextTick(() => stream.resume());
        });
        stream.on("error", () => stream.destroy());
      }),
    );
    const socket = client(t, `wss://localhost:${port}`, {
      ca: cert,
      family: 4,
      followRedirects: true,
      auth: "me:secret",
      headers: { Cookie: "a=1" },
    });
    await nextOf(socket, "error");
    assert.equal(seen.length, 1);
    assert.equal(seen[0]!.headers.authorization, undefined);
    assert.equal(seen[0]!.headers.cookie, undefined);
  });
});

describe("an answer that is not 101", () => {
  test("is given to who listens, and nothing else happens until it is closed", async (t) => {
    const clock = new FakeClock();
    const port = await listenUntilEnd(
      t,
      createServer((_request, response) => response.writeHead(401).end("no")),
    );
    const socket = client(t, `ws://127.0.0.1:${port}`, { clock });
    const [, response] = (await nextOf(socket, "unexpected-response")) as [ClientRequest, IncomingMessage];
    assert.equal(response.statusCode, 401);
    let body = "";
    for await (const chunk of response) body += String(chunk);
    assert.equal(body, "no");
    assert.equal(clock.pending, 0);
    assert.equal(socket.readyState, WebSocket.CONNECTING);
    const closed = nextOf(socket, "close");
    socket.terminate();
    await closed;
  });

  test("a server that says nothing at all is given up in time", async (t) => {
    const clock = new FakeClock();
    const server = await RawServer.start();
    undoAfter(t, () => server.stop());
    const socket = client(t, server.url, { clock });
    const peer = await server.accept();
    const error = nextOf(socket, "error");
    clock.advance(10_000);
    assert.equal(((await error)[0] as { code: string }).code, "WS_ERR_HANDSHAKE_TIMEOUT");
    await peer.closed();
  });
});

test("a WebSocket that is closed before it is open tells it later, and leaves nothing", async (t) => {
  const clock = new FakeClock();
  const { wss, url } = await serve(t);
  const socket = client(t, url, { clock });
  const events: string[] = [];
  socket.close();
  socket.close();
  socket.terminate();
  for (const name of ["open", "error", "close"] as const) socket.on(name, () => void events.push(name));
  assert.deepEqual(events, []);
  await nextOf(socket, "close");
  assert.deepEqual(events, ["error", "close"]);
  assert.equal(clock.pending, 0);
  await until(() => wss.clients.size === 0);
});
