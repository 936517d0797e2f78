import assert from "node:assert/strict";
import { once } from "node:events";
import { Agent, createServer, type IncomingMessage, request } from "node:http";
import { describe, test } from "node:test";
import { type EngineSocket, Server, type Session, type SessionHandler } from "../../src/engine/index.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { connectRaw, EngineClient } from "../support/engine-client.ts";
import { openPolling, POLLING_PATH, send, startEngine, WEBSOCKET_PATH } from "../support/engine-server.ts";
import { next } from "../support/events.ts";
import { undoAfter } from "../support/fixture.ts";
import { listen } from "../support/listen.ts";
import { until } from "../support/until.ts";

test("counts its sessions, and shows them by id", async (t) => {
  const { engine, port } = await startEngine(t);
  const ids: string[] = [];
  engine.on("connection", ({ id }) => void ids.push(id));
  for (let index = 0; index < 3; index++) await openPolling(port);
  const client = await EngineClient.open(t, port, WEBSOCKET_PATH);
  assert.equal(engine.clientsCount, 4);
  assert.equal(new Set(ids).size, 4);
  assert.deepEqual(Object.keys(engine.clients), ids);
  assert.equal(engine.clients["toString"], undefined);
  const closed = next(engine.clients[String(client.handshake["sid"])]!, "close");
  client.raw.destroy();
  await closed;
  assert.equal(engine.clientsCount, 3);
  assert.deepEqual(Object.keys(engine.clients), ids.slice(0, 3));
});

test("requests and upgrades may be handed over by hand", async (t) => {
  const engine = new Server({ shutdownTimeout: 50 });
  const http = createServer((request, response) => engine.handleRequest(request, response));
  http.on("upgrade", (request, stream, head) => engine.handleUpgrade(request, stream, head));
  const port = await listen(http);
  undoAfter(t, async () => {
    await engine.close();
    http.close();
    http.closeAllConnections();
  });
  await openPolling(port, {}, "/any/where?EIO=4&transport=polling");
  await EngineClient.open(t, port, "/?EIO=4&transport=websocket");
  assert.equal(engine.clientsCount, 2);
});

describe("headers", () => {
  test("of every answer may be changed, those of the first apart", async (t) => {
    const { engine, port } = await startEngine(t);
    engine.on("initial_headers", (headers, request) => {
      headers["X-First"] = request.url!;
      headers["Set-Cookie"] = ["a=b"];
    });
    engine.on("headers", (headers) => {
      headers["X-Each"] = "yes";
    });
    const first = await send(port, POLLING_PATH);
    assert.equal(first.headers["x-first"], POLLING_PATH);
    assert.deepEqual(first.headers["set-cookie"], ["a=b"]);
    assert.equal(first.headers["x-each"], "yes");
    const { sid } = JSON.parse(first.text.slice(1)) as { sid: string };
    const second = await send(port, `${POLLING_PATH}&sid=${sid}`, { method: "POST", body: "4x" });
    assert.equal(second.headers["x-first"], undefined);
    assert.equal(second.headers["x-each"], "yes");
    const raw = await connectRaw(t, port);
    const { headers } = await raw.open(WEBSOCKET_PATH);
    assert.equal(headers["x-first"], WEBSOCKET_PATH);
    assert.equal(headers["x-each"], "yes");
    const moving = await connectRaw(t, port);
    const moved = await moving.open(`${WEBSOCKET_PATH}&sid=${sid}`);
    assert.equal(moved.headers["x-first"], undefined);
    assert.equal(moved.headers["x-each"], "yes");
  });

  test("that can't be are logged, and never written", async (t) => {
    const { engine, port, log } = await startEngine(t);
    engine.on("headers", (headers) => {
      headers["X-Bad"] = "a\r\nX-Injected: b";
    });
    const raw = await connectRaw(t, port);
    await raw.writeHandshake(WEBSOCKET_PATH);
    const head = await raw.head();
    assert.equal(head.status, 500);
    assert.equal(head.headers["x-injected"], undefined);
    await assert.rejects(send(port, POLLING_PATH));
    assert.deepEqual(
      log.take().map(({ message }) => message),
      ["The headers of an answer can't be sent.", "The headers of an answer can't be sent."],
    );
  });
});

test("listeners that throw are logged, and disturb nobody", async (t) => {
  const { engine, port, log } = await startEngine(t);
  for (const event of ["connection", "initial_headers", "headers", "connection_error"] as const) {
    engine.on(event, () => {
      throw new Error("the application's fault");
    });
  }
  engine.on("connection", (socket) => {
    socket.on("message", () => {
      throw new Error("the application's fault");
    });
    socket.on("message", (data) => socket.send(data as string));
  });
  const { path } = await openPolling(port);
  assert.equal((await send(port, path, { method: "POST", body: "4x" })).status, 200);
  assert.equal((await send(port, path)).text, "4x");
  assert.equal((await send(port, "/engine.io/?transport=x")).status, 400);
  const messages = log.take().map(({ message }) => message);
  assert.ok(messages.includes('A listener for "connection" failed.'));
  assert.ok(messages.includes('A listener for "connection_error" failed.'));
  assert.ok(messages.includes('A listener for "message" of an EngineSocket failed.'));
});

test("handlers of sessions that throw are logged, and their request is answered", async (t) => {
  const { engine, port, log } = await startEngine(t);
  engine.on("connection", ({ session }) => {
    const fail = (): never => {
      throw new Error("the application's fault");
    };
    session.handle({ receiveText: fail, receiveBinary: fail, onClose: fail });
  });
  const { path } = await openPolling(port);
  assert.equal((await send(port, path, { method: "POST", body: "4x" })).text, "ok");
  assert.equal((await send(port, path, { method: "POST", body: "1" })).text, "ok");
  const messages = log.take().map(({ message }) => message);
  assert.deepEqual(messages, ["The handler of a session failed.", "The handler of a session failed."]);
});

describe("keepRequest", () => {
  test("keeps the request that began the session, and nothing is kept without it", async (t) => {
    for (const keepRequest of [true, false]) {
      const { engine, port } = await startEngine(t, { keepRequest });
      for (const open of [() => openPolling(port), () => EngineClient.open(t, port, WEBSOCKET_PATH)]) {
        const connected = next(engine, "connection");
        await open();
        const [{ request }]: [EngineSocket] = await connected;
        assert.equal("raw" in request, keepRequest);
        assert.equal(request.raw?.url, keepRequest ? request.url : undefined);
        assert.equal(request.headers["host"]?.includes("127.0.0.1"), true);
      }
    }
  });
});

describe("under another layer", () => {
  const setUp = async (listening: boolean) => {
    const heard: string[] = [];
    const handler: SessionHandler = {
      receiveText: (text) => void heard.push(`layer ${text}`),
      receiveBinary: (data) => void heard.push(`layer ${data.length} bytes`),
      onClose: (reason) => void heard.push(`layer ${reason}`),
    };
    const sessions: Session[] = [];
    const engine = new Server({ shutdownTimeout: 50 }, (session) => {
      sessions.push(session);
      session.handle(handler);
      return handler;
    });
    if (listening) {
      engine.on("connection", (socket) => {
        socket.on("message", (data) => void heard.push(`socket ${String(data)}`));
        socket.on("close", (reason) => void heard.push(`socket ${reason}`));
      });
    }
    const http = createServer();
    engine.attach(http);
    return { engine, http, heard, sessions, port: await listen(http) };
  };

  for (const listening of [true, false]) {
    test(`messages reach the layer, and listeners ${listening ? "as well" : "only if there are any"}`, async (t) => {
      const { engine, http, heard, sessions, port } = await setUp(listening);
      undoAfter(t, async () => {
        await engine.close();
        http.close();
        http.closeAllConnections();
      });
      const { path } = await openPolling(port);
      await send(port, path, { method: "POST", body: "4hello\u001EbAQID\u001E1" });
      const layer = ["layer hello", "layer 3 bytes", "layer transport close"];
      assert.deepEqual(
        heard.filter((what) => what.startsWith("layer")),
        layer,
      );
      assert.equal(heard.length, listening ? 6 : 3);
      assert.equal(sessions.length, 1);
      assert.equal(engine.clientsCount, 0);
    });
  }
});

describe("closing", () => {
  test("tells everyone, cuts off who does not leave, and leaves the HTTP server alone", async (t) => {
    const page = createServer((_request, response) => response.end("page"));
    const { engine, http, port } = await startEngine(t, { shutdownTimeout: 20 }, page);
    const reasons: string[] = [];
    engine.on("connection", (socket) => socket.on("close", (reason) => void reasons.push(reason)));
    const websocket = await EngineClient.open(t, port, WEBSOCKET_PATH);
    const held = await openPolling(port);
    const answer = send(port, held.path);
    await openPolling(port);
    await send(port, "/engine.io/?transport=none");
    const closing = engine.close();
    assert.equal(await websocket.nextClose(), 1001);
    assert.equal((await answer).text, "1");
    await closing;
    assert.deepEqual(reasons, Array(3).fill("server shutting down"));
    assert.equal(engine.clientsCount, 0);
    assert.equal(http.listening, true);
    assert.equal((await send(port, POLLING_PATH)).text, "page");
    await engine.close();
  });

  test("is told to who polls meanwhile", async (t) => {
    const { engine, port } = await startEngine(t, { shutdownTimeout: 5000 });
    const { path } = await openPolling(port);
    const closing = engine.close();
    assert.equal((await send(port, path)).text, "1");
    await closing;
  });

  test("ends the connections of its answers, so that their HTTP server can close", async (t) => {
    const agent = new Agent({ keepAlive: true });
    undoAfter(t, () => agent.destroy());
    const { engine, http, port } = await startEngine(t, { shutdownTimeout: 5000 });
    const { path } = await openPolling(port, { agent });
    const held = send(port, path, { agent });
    await once(http, "request");
    const body = request({ host: "127.0.0.1", port, path, method: "POST", agent });
    body.write("4x");
    await once(http, "request");
    const closing = engine.close();
    assert.equal((await held).headers.connection, "close");
    const refused = await send(port, POLLING_PATH, { agent });
    assert.deepEqual([refused.status, refused.headers.connection], [503, "close"]);
    body.end();
    const [answer] = (await once(body, "response")) as [IncomingMessage];
    assert.equal(answer.headers.connection, "close");
    answer.resume();
    await closing;
    http.closeIdleConnections();
    assert.equal(
      await new Promise<number>((resolve) => http.getConnections((_, count) => resolve(count))),
      0,
    );
  });

  test("waits for no verdict about a handshake, and leaves no timer", async (t) => {
    const clock = new FakeClock();
    let allow = (_message: string | null, _success: boolean): void => {};
    const { engine, http, port } = await startEngine(t, {
      clock,
      allowRequest: (_request, callback) => void (allow = callback),
    });
    const answer = send(port, POLLING_PATH);
    await once(http, "request");
    assert.equal(clock.pending, 1);
    await engine.close();
    assert.equal((await answer).status, 503);
    assert.equal(clock.pending, 0);
    allow(null, true);
    assert.equal(engine.clientsCount, 0);
  });

  test("waits for no body, and leaves no timer", async (t) => {
    const clock = new FakeClock();
    const { engine, http, port } = await startEngine(t, { clock });
    const { path } = await openPolling(port);
    const body = request({ host: "127.0.0.1", port, path, method: "POST" });
    body.write("4x");
    await once(http, "request");
    const cut = once(body, "error");
    const closing = engine.close();
    clock.advance(50);
    await closing;
    assert.ok((await cut)[0] instanceof Error);
    await until(() => clock.pending === 0);
  });
});
