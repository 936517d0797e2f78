import assert from "node:assert/strict";
import { createServer, type Server as HttpServer } from "node:http";
import { type ClientHttp2Session, connect, createSecureServer, type IncomingHttpHeaders } from "node:http2";
import { createServer as createHttpsServer, request } from "node:https";
import { describe, test, type TestContext } from "node:test";
import { type EngineSocket, Server } from "../../src/engine/index.ts";
import { WebSocketServer } from "../../src/websocket/index.ts";
import { connectRaw, EngineClient } from "../support/engine-client.ts";
import { POLLING_PATH, send } from "../support/engine-server.ts";
import { startServer, undoAfter } from "../support/fixture.ts";
import { fetchPlain } from "../support/http.ts";
import { listen } from "../support/listen.ts";
import { nextOf } from "../support/stock-client.ts";
import { cert, key } from "../support/tls/certificate.ts";

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

/** Attaches engines to one HTTP server, which is closed after the test. */
async function share(t: TestContext, http: HttpServer, paths: readonly string[]) {
  const engines = paths.map((path) => new Server({ path, shutdownTimeout: 50 }).attach(http));
  undoAfter(t, async () => {
    await Promise.all(engines.map((engine) => engine.close()));
    http.close();
    http.closeAllConnections();
  });
  return { engines, port: await listen(http) };
}

test("without a slash at its end, a path is ours with and without more behind it", async (t) => {
  const http = createServer();
  const engine = new Server({ shutdownTimeout: 50 });
  engine.attach(http, { path: "/live", addTrailingSlash: false });
  const port = await listen(http);
  undoAfter(t, async () => {
    await engine.close();
    http.close();
  });
  for (const path of ["/live?EIO=4&transport=polling", "/live/x?EIO=4&transport=polling"]) {
    assert.equal((await send(port, path)).status, 200);
  }
  assert.equal((await send(port, "/lives")).status, 400);
});

test("destroyUpgrade: false leaves upgrades that are nobody's alone", async (t) => {
  const http = createServer();
  const engine = new Server().attach(http, { destroyUpgrade: false });
  const port = await listen(http);
  undoAfter(t, async () => {
    await engine.close();
    http.close();
  });
  const raw = await connectRaw(t, port);
  const upgraded = nextOf(http, "upgrade");
  await raw.writeHandshake("/elsewhere");
  const [, stream] = (await upgraded) as [unknown, { end(text: string): void }];
  stream.end("HTTP/1.1 418 Nobody\r\n\r\n");
  assert.equal((await raw.head()).status, 418);
});

describe("several engines on one server", () => {
  test("answer what is theirs, and leave in any order", async (t) => {
    for (const order of [
      [0, 1],
      [1, 0],
    ] as const) {
      let pages = 0;
      const page = (_request: unknown, response: { end(text: string): void }): void => {
        pages += 1;
        response.end("page");
      };
      const http = createServer(page);
      const { engines, port } = await share(t, http, ["/a/", "/b/"]);
      const paths = ["/a/", "/b/"].map((path) => POLLING_PATH.replace("/engine.io/", path));
      for (const path of paths) assert.equal((await send(port, path)).status, 200);
      for (const index of [0, 1]) assert.equal(engines[index]!.clientsCount, 1);
      const raw = await connectRaw(t, port);
      await raw.writeHandshake("/nobody");
      assert.equal((await raw.head()).status, 404);

      await engines[order[0]]!.close();
      assert.equal((await send(port, paths[order[0]]!)).text, "page");
      assert.equal((await send(port, paths[order[1]]!)).status, 200);
      await engines[order[1]]!.close();
      assert.equal((await send(port, paths[order[1]]!)).text, "page");
      assert.equal(pages, 2);
      assert.deepEqual(http.listeners("request"), [page]);
      assert.equal(http.listenerCount("upgrade"), 0);
    }
  });

  test("and somebody who puts a gate before ours is not broken by our leaving", async (t) => {
    const http = createServer((_request, response) => response.end("page"));
    const { engines, port } = await share(t, http, ["/a/"]);
    const [ours] = http.listeners("request") as ((...args: unknown[]) => void)[];
    http.removeAllListeners("request");
    http.on("request", (request, response) => ours!.call(http, request, response));
    assert.equal((await send(port, "/a/?transport=x")).status, 400);
    await engines[0]!.close();
    assert.equal((await send(port, "/a/?transport=x")).text, "page");
    assert.equal(http.listenerCount("request"), 1);
  });
});

test("over TLS", async (t) => {
  const http = createHttpsServer({ key, cert });
  const engine = new Server({ shutdownTimeout: 50 });
  engine.attach(http);
  const port = await listen(http);
  undoAfter(t, async () => {
    await engine.close();
    http.close();
    http.closeAllConnections();
  });
  const opened = nextOf(engine, "connection");
  const status = await new Promise((resolve) => {
    request({ port, host: "localhost", path: POLLING_PATH, ca: cert, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).end();
  });
  assert.equal(status, 200);
  const [socket] = (await opened) as [{ request: { secure: boolean } }];
  assert.equal(socket.request.secure, true);
});

describe("over HTTP/2", () => {
  async function start(t: TestContext) {
    const http = createSecureServer({ key, cert, allowHTTP1: true }, (_request, response) =>
      response.end("page"),
    );
    const engine = new Server({ shutdownTimeout: 50, cookie: true });
    engine.attach(http);
    const port = await listen(http);
    const session = connect(`https://localhost:${port}`, { ca: cert });
    session.on("error", () => {});
    undoAfter(t, async () => {
      session.destroy();
      await engine.close();
      await new Promise((resolve) => http.close(resolve));
    });
    await nextOf(session, "remoteSettings");
    return { engine, port, session };
  }

  function ask(session: ClientHttp2Session, path: string, body?: string) {
    return new Promise<{ headers: IncomingHttpHeaders; text: string }>((resolve, reject) => {
      const method = body === undefined ? "GET" : "POST";
      const stream = session.request({ ":path": path, ":method": method }, { endStream: body === undefined });
      let headers: IncomingHttpHeaders = {};
      let text = "";
      stream.setEncoding("utf8");
      stream.on("response", (received) => (headers = received));
      stream.on("data", (chunk: string) => (text += chunk));
      stream.on("end", () => resolve({ headers, text }));
      stream.on("error", reject);
      if (body !== undefined) stream.end(body);
    });
  }

  test("by polling", async (t) => {
    const { engine, session } = await start(t);
    const opened = nextOf(engine, "connection");
    const { headers, text } = await ask(session, POLLING_PATH);
    assert.equal(headers[":status"], 200);
    assert.equal(headers["cache-control"], "no-store");
    assert.equal(headers["set-cookie"]?.length, 1);
    const [socket] = (await opened) as [EngineSocket];
    assert.equal(socket.request.secure, true);
    assert.match(String(socket.request.headers["host"]), /^localhost:/);
    assert.ok(!Object.keys(socket.request.headers).some((name) => name.startsWith(":")));
    socket.on("message", (data) => socket.send(data as string));
    const { sid } = JSON.parse(text.slice(1)) as { sid: string };
    const path = `${POLLING_PATH}&sid=${sid}`;
    const held = ask(session, path);
    assert.equal((await ask(session, path, "4hello")).text, "ok");
    assert.equal((await held).text, "4hello");
    assert.equal((await ask(session, "/index.html")).text, "page");
    assert.equal((await ask(session, `${POLLING_PATH}&sid=x`)).headers[":status"], 400);
  });

  test("a held poll that is cancelled ends a plain session", async (t) => {
    const { engine, session } = await start(t);
    const opened = nextOf(engine, "connection");
    const { text } = await ask(session, POLLING_PATH);
    const [socket] = (await opened) as [EngineSocket];
    const closed = nextOf(socket, "close");
    const { sid } = JSON.parse(text.slice(1)) as { sid: string };
    const stream = session.request({ ":path": `${POLLING_PATH}&sid=${sid}` });
    stream.on("error", () => {});
    // Another request behind it: the held one has arrived when that is answered.
    await ask(session, "/index.html");
    stream.close(8);
    await closed;
    assert.equal(engine.clientsCount, 0);
  });

  test("by a WebSocket, refused with text if it must be", async (t) => {
    const { engine, session } = await start(t);
    const connectTo = (path: string) =>
      session.request(
        {
          ":method": "CONNECT",
          ":protocol": "websocket",
          ":scheme": "https",
          ":path": path,
          "sec-websocket-version": "13",
        },
        { endStream: false },
      );
    const good = connectTo("/engine.io/?EIO=4&transport=websocket");
    const [headers] = (await nextOf(good, "response")) as [IncomingHttpHeaders];
    assert.equal(headers[":status"], 200);
    const [frame] = (await nextOf(good, "data")) as [Buffer];
    assert.match(frame.toString("latin1"), /0\{"sid":"/);
    assert.equal(engine.clientsCount, 1);
    good.on("error", () => {});
    for (const [path, status] of [
      ["/engine.io/?EIO=3&transport=websocket", 400],
      ["/engine.io/?EIO=4&transport=none", 400],
      ["/elsewhere", 404],
    ] as const) {
      const stream = connectTo(path);
      const [refused] = (await nextOf(stream, "response")) as [IncomingHttpHeaders];
      assert.equal(refused[":status"], status, path);
      stream.on("error", () => {});
      stream.destroy();
    }
    good.destroy();
  });
});
