import assert from "node:assert/strict";
import type { IncomingMessage, ServerResponse } from "node:http";
import { describe, test } from "node:test";
import type { EngineRequest, Middleware } from "../../src/engine/index.ts";
import { connectRaw } from "../support/engine-client.ts";
import { openPolling, POLLING_PATH, send, startEngine, WEBSOCKET_PATH } from "../support/engine-server.ts";

test("each request goes through all, in order, and so does each upgrade", async (t) => {
  const { engine, port } = await startEngine(t);
  const seen: string[] = [];
  const note =
    (name: string): Middleware =>
    (request, _response, next) => {
      const { _query: query } = request as EngineRequest;
      seen.push(`${name} ${query["transport"]} ${query["sid"] === undefined ? "handshake" : "session"}`);
      next();
    };
  assert.equal(engine.use(note("a")).use(note("b")), engine);
  const { path } = await openPolling(port);
  await send(port, path, { method: "POST", body: "4x" });
  const raw = await connectRaw(t, port);
  await raw.open(WEBSOCKET_PATH);
  assert.deepEqual(seen, [
    "a polling handshake",
    "b polling handshake",
    "a polling session",
    "b polling session",
    "a websocket handshake",
    "b websocket handshake",
  ]);
});

test("headers that are set are sent with the answer, and with the 101", async (t) => {
  const { engine, port } = await startEngine(t);
  engine.use((_request, response, next) => {
    response.setHeader("X-One", "1");
    response.setHeader("X-Two", ["2", "3"]);
    response.setHeader("X-Gone", "4");
    response.removeHeader("X-Gone");
    setImmediate(next);
  });
  const { headers } = await send(port, POLLING_PATH);
  assert.equal(headers["x-one"], "1");
  assert.equal(headers["x-two"], "2, 3");
  const raw = await connectRaw(t, port);
  const head = await raw.open(WEBSOCKET_PATH);
  assert.equal(head.headers["x-one"], "1");
  assert.ok("x-two" in head.headers && !("x-gone" in head.headers));
});

test("who waits for the head of the answer to be written sets headers of the 101 too", async (t) => {
  const { engine, port } = await startEngine(t);
  engine.use((_request, response, next) => {
    // As express-session does.
    const writeHead = response.writeHead.bind(response) as (status: number) => ServerResponse;
    response.writeHead = ((status: number) => {
      response.setHeader("X-Late", "yes");
      return writeHead(status);
    }) as typeof response.writeHead;
    next();
  });
  const raw = await connectRaw(t, port);
  assert.equal((await raw.open(WEBSOCKET_PATH)).headers["x-late"], "yes");
});

describe("one that fails refuses with code 3:", () => {
  const failure = new Error("no session store");
  const ways: Readonly<Record<string, Middleware>> = {
    "it calls next with an error": (_request, _response, next) => next(failure),
    "it does so later": (_request, _response, next) => void setImmediate(next, failure),
    "it throws": () => {
      throw failure;
    },
    "it rejects": () => Promise.reject(failure),
  };
  for (const [what, middleware] of Object.entries(ways)) {
    test(what, async (t) => {
      const { engine, port } = await startEngine(t);
      const contexts: unknown[] = [];
      let reached = 0;
      engine.on("connection_error", ({ context }) => void contexts.push(context));
      engine.use(middleware).use((_request, _response, next) => {
        reached += 1;
        next();
      });
      const { status, text } = await send(port, POLLING_PATH);
      assert.equal(status, 400);
      assert.deepEqual(JSON.parse(text), { code: 3, message: "Bad request" });
      const raw = await connectRaw(t, port);
      await raw.writeHandshake(WEBSOCKET_PATH);
      const head = await raw.head();
      assert.equal(head.status, 400);
      assert.equal((await raw.text(Number(head.headers["content-length"]))).trim(), "Bad request");
      const context = { name: "MIDDLEWARE_FAILURE", error: failure };
      assert.deepEqual(contexts, [context, context]);
      assert.equal(reached, 0);
    });
  }
});

test("one that answers itself is believed, and next means nothing then", async (t) => {
  const { engine, port } = await startEngine(t);
  engine.use((request: IncomingMessage, response, next) => {
    response.writeHead(401, { "WWW-Authenticate": "Basic", "Content-Type": "text/x" });
    response.write("who ");
    response.end(`are you, ${String(request.headers["x-name"])}?`);
    next();
    next();
  });
  const { status, headers, text } = await send(port, POLLING_PATH, { headers: { "X-Name": "a" } });
  assert.equal(status, 401);
  assert.equal(headers["www-authenticate"], "Basic");
  assert.equal(text, "who are you, a?");
  const raw = await connectRaw(t, port);
  await raw.writeHandshake(WEBSOCKET_PATH, { "X-Name": "b" });
  const head = await raw.head();
  assert.equal(head.status, 401);
  assert.equal(head.headers["www-authenticate"], "Basic");
  assert.equal((await raw.text(Number(head.headers["content-length"]))).trim(), "who are you, b?");
  await raw.ended();
  assert.equal(engine.clientsCount, 0);
});

test("one that reads the body does not keep a handshake out that is decided about later", async (t) => {
  const { engine, port } = await startEngine(t, {
    allowRequest: () => new Promise((resolve) => setImmediate(resolve, true)),
  });
  engine.use((request, _response, next) => {
    request.on("end", () => next()).resume();
  });
  await openPolling(port);
  assert.equal(engine.clientsCount, 1);
});

test("who is gone when one has taken its time gets no WebSocket", async (t) => {
  const { engine, port } = await startEngine(t);
  const contexts: unknown[] = [];
  engine.on("connection_error", ({ context }) => void contexts.push(context));
  const went = new Promise<void>((resolve) => {
    engine.use((request, _response, next) => {
      request.socket.once("close", () => {
        next();
        resolve();
      });
      request.socket.destroy();
    });
  });
  const raw = await connectRaw(t, port);
  await raw.writeHandshake(WEBSOCKET_PATH);
  await went;
  assert.deepEqual(contexts, [{ name: "CLIENT_GONE" }]);
  assert.equal(engine.clientsCount, 0);
});

test("next is believed once", async (t) => {
  const { engine, port } = await startEngine(t);
  engine.use((_request, _response, next) => {
    next();
    next();
    next(new Error("too late"));
  });
  await openPolling(port);
  assert.equal(engine.clientsCount, 1);
});

test("what is no function is refused", async (t) => {
  const { engine } = await startEngine(t);
  assert.throws(() => engine.use(undefined as unknown as Middleware), TypeError);
});
