import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { AllowRequest, EngineSocket, ServerOptions } from "../../src/engine/index.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { connectRaw, EngineClient, SESSION_PATH } from "../support/engine-client.ts";
import {
  type Answer,
  openPolling,
  POLLING_PATH,
  send,
  startEngine,
  WEBSOCKET_PATH,
} from "../support/engine-server.ts";
import { next } from "../support/events.ts";
import { startServer } from "../support/fixture.ts";

describe("the open packet", () => {
  test("has exactly five keys, with the defaults of the protocol", async (t) => {
    const { port } = await startEngine(t);
    const websocket = await EngineClient.open(t, port, WEBSOCKET_PATH);
    const polling = await openPolling(port);
    const usual = { pingInterval: 25_000, pingTimeout: 20_000, maxPayload: 1_000_000 };
    for (const [handshake, upgrades] of [
      [websocket.handshake, []],
      [polling.handshake, ["websocket"]],
    ] as const) {
      const { sid, ...rest } = handshake;
      assert.match(String(sid), /^[A-Za-z0-9_-]{20}$/);
      assert.deepEqual(rest, { upgrades, ...usual });
    }
  });

  test("says what the server was told", async (t) => {
    const { port } = await startEngine(t, { pingInterval: 300, pingTimeout: 200, maxHttpBufferSize: 5000 });
    const { sid: _, ...rest } = (await openPolling(port)).handshake;
    assert.deepEqual(rest, {
      upgrades: ["websocket"],
      pingInterval: 300,
      pingTimeout: 200,
      maxPayload: 5000,
    });
  });

  test("offers no upgrade where none can be", async (t) => {
    for (const options of [{ transports: ["polling"] }, { allowUpgrades: false }] satisfies ServerOptions[]) {
      const { port } = await startEngine(t, options);
      assert.deepEqual((await openPolling(port)).handshake["upgrades"], []);
    }
  });

  test("of a link has one key more, and only if the client asks and the server knows", async (t) => {
    for (const [query, link, expected] of [
      ["&link=1", true, 1],
      ["&link=1", false, undefined],
      ["&link=2", true, undefined],
      ["", true, undefined],
    ] as const) {
      const { port } = await startEngine(t, { link });
      for (const { handshake } of [
        await openPolling(port, {}, POLLING_PATH + query),
        await EngineClient.open(t, port, WEBSOCKET_PATH + query),
      ]) {
        assert.equal(handshake["link"], expected);
        assert.equal("link" in handshake, expected !== undefined);
      }
    }
  });
});

describe("maxSessions", () => {
  test("refuses further handshakes with 503 until one leaves", async (t) => {
    const { engine, port } = await startEngine(t, { maxSessions: 2 });
    const errors: unknown[] = [];
    engine.on("connection_error", ({ code, context }) => void errors.push([code, context]));
    const first = await openPolling(port);
    await EngineClient.open(t, port, WEBSOCKET_PATH);
    const { status, headers, text } = await send(port, POLLING_PATH);
    assert.equal(status, 503);
    assert.equal(headers["retry-after"], "1");
    assert.deepEqual(JSON.parse(text), { code: 3, message: "The server has as many sessions as it takes." });
    const raw = await connectRaw(t, port);
    await raw.writeHandshake(WEBSOCKET_PATH);
    const head = await raw.head();
    assert.equal(head.status, 503);
    assert.equal(head.headers["retry-after"], "1");
    assert.deepEqual(errors, [
      [3, { name: "MAX_SESSIONS" }],
      [3, { name: "MAX_SESSIONS" }],
    ]);
    // Those that are there go on.
    assert.equal((await send(port, first.path, { method: "POST", body: "1" })).status, 200);
    await openPolling(port);
  });

  test("counts those that are being decided about", async (t) => {
    const verdicts: ((success: boolean) => void)[] = [];
    const { port } = await startEngine(t, {
      maxSessions: 1,
      allowRequest: () => new Promise((resolve) => verdicts.push(resolve)),
    });
    const first = send(port, POLLING_PATH);
    while (verdicts.length === 0) await new Promise(setImmediate);
    assert.equal((await send(port, POLLING_PATH)).status, 503);
    verdicts[0]!(true);
    assert.equal((await first).status, 200);
  });
});

test("handshakeRate refuses an address that comes too often with 429, for a while", async (t) => {
  const clock = new FakeClock();
  const { port } = await startEngine(t, { clock, handshakeRate: { max: 2, perMs: 20_000 } });
  const { path } = await openPolling(port);
  await EngineClient.open(t, port, WEBSOCKET_PATH);
  const refused = await send(port, POLLING_PATH);
  assert.equal(refused.status, 429);
  assert.equal(refused.headers["retry-after"], "10");
  const raw = await connectRaw(t, port);
  await raw.writeHandshake(WEBSOCKET_PATH);
  assert.equal((await raw.head()).status, 429);
  // Sessions that are there are not handshakes.
  assert.equal((await send(port, path, { method: "POST", body: "4hello" })).status, 200);
  clock.advance(10_000);
  await openPolling(port);
  assert.equal((await send(port, POLLING_PATH)).status, 429);
});

describe("allowRequest", () => {
  const ways: Readonly<Record<string, (success: boolean) => AllowRequest>> = {
    "by callback": (success) => (_request, callback) => callback(null, success),
    "by callback, later": (success) => (_request, callback) => void setImmediate(callback, null, success),
    "by its result": (success) => () => success,
    "by a promise": (success) => async () => success,
  };
  for (const [way, make] of Object.entries(ways)) {
    test(way, async (t) => {
      const yes = await startEngine(t, { allowRequest: make(true) });
      await openPolling(yes.port);
      await EngineClient.open(t, yes.port, WEBSOCKET_PATH);
      const no = await startEngine(t, { allowRequest: make(false) });
      const { status, text } = await send(no.port, POLLING_PATH);
      assert.equal(status, 403);
      assert.deepEqual(JSON.parse(text), { code: 4, message: "Forbidden" });
      const raw = await connectRaw(t, no.port);
      await raw.writeHandshake(WEBSOCKET_PATH);
      assert.equal((await raw.head()).status, 400);
    });
  }

  test("is asked about handshakes only, and sees headers and query", async (t) => {
    const seen: unknown[] = [];
    const { port } = await startEngine(t, {
      allowRequest: (request) => {
        seen.push([request.headers["x-token"], request.url]);
        return true;
      },
    });
    const { path } = await openPolling(port, { headers: { "X-Token": "abc" } });
    await send(port, path, { method: "POST", body: "4hello" });
    assert.deepEqual(seen, [["abc", POLLING_PATH]]);
  });

  for (const [how, allowRequest] of Object.entries({
    throws: () => {
      throw new Error("the application's fault");
    },
    rejects: () => Promise.reject(new Error("the application's fault")),
    "rejects instead of calling back": (_request: unknown, _callback: unknown) =>
      Promise.reject(new Error("the application's fault")),
  })) {
    test(`that ${how} refuses and is logged`, async (t) => {
      const { port, log } = await startEngine(t, { allowRequest });
      assert.equal((await send(port, POLLING_PATH)).status, 403);
      assert.deepEqual(
        log.take().map(({ message }) => message),
        ['The option "allowRequest" failed.'],
      );
    });
  }

  test("that takes too long refuses with 503, and what it says then is not heard", async (t) => {
    const clock = new FakeClock();
    const verdicts: ((success: boolean) => void)[] = [];
    const { engine, port } = await startEngine(t, {
      clock,
      handshakeTimeout: 3000,
      allowRequest: () => new Promise((resolve) => verdicts.push(resolve)),
    });
    const waiting = send(port, POLLING_PATH);
    while (verdicts.length === 0) await new Promise(setImmediate);
    clock.advance(2999);
    assert.equal(clock.pending, 1);
    clock.advance(1);
    const { status, text } = await waiting;
    assert.equal(status, 503);
    assert.match(text, /longer than 3000 ms/);
    verdicts[0]!(true);
    await new Promise(setImmediate);
    assert.equal(engine.clientsCount, 0);
    assert.equal(clock.pending, 0);
  });

  test("that is waited for when the client leaves opens nothing", async (t) => {
    const verdicts: ((success: boolean) => void)[] = [];
    const { engine, port } = await startEngine(t, {
      allowRequest: () => new Promise((resolve) => verdicts.push(resolve)),
    });
    let leave = (): void => {};
    const waiting = send(port, POLLING_PATH, { onSent: (abort) => (leave = abort) });
    while (verdicts.length === 0) await new Promise(setImmediate);
    leave();
    await assert.rejects(waiting);
    const raw = await connectRaw(t, port);
    await raw.writeHandshake(WEBSOCKET_PATH);
    while (verdicts.length === 1) await new Promise(setImmediate);
    raw.destroy();
    await raw.closed();
    // The server has seen both leave once it has answered somebody who came later.
    await send(port, "/engine.io/?transport=none");
    const refused = next(engine, "connection_error");
    for (const verdict of verdicts) verdict(true);
    assert.deepEqual((await refused)[0].context, { name: "CLIENT_GONE" });
    await new Promise(setImmediate);
    assert.equal(engine.clientsCount, 0);
  });
});

describe("generateId", () => {
  test("makes the ids, as an option or replaced, at once or later", async (t) => {
    const { engine, port } = await startEngine(t, {
      generateId: (request) => `id-${String(request.headers["x-n"])}`,
    });
    const one = await openPolling(port, { headers: { "X-N": "1" } });
    assert.equal(one.handshake["sid"], "id-1");
    engine.generateId = async () => "id-2";
    assert.equal((await openPolling(port)).handshake["sid"], "id-2");
    assert.deepEqual(Object.keys(engine.clients), ["id-1", "id-2"]);
    assert.equal((await send(port, one.path, { method: "POST", body: "1" })).status, 200);
    assert.deepEqual(Object.keys(engine.clients), ["id-2"]);
  });

  const broken: Readonly<Record<string, NonNullable<ServerOptions["generateId"]>>> = {
    throws: () => {
      throw new Error("no id");
    },
    rejects: () => Promise.reject(new Error("no id")),
    "makes none": () => "",
    "makes something else": () => 7 as unknown as string,
  };
  for (const [how, generateId] of Object.entries(broken)) {
    test(`that ${how} refuses with code 3`, async (t) => {
      const { engine, port, log } = await startEngine(t, { generateId });
      const names: unknown[] = [];
      engine.on("connection_error", ({ context }) => void names.push(context["name"]));
      const { status, text } = await send(port, POLLING_PATH);
      assert.equal(status, 400);
      assert.deepEqual(JSON.parse(text), { code: 3, message: "Bad request" });
      assert.deepEqual(names, ["ID_GENERATION_ERROR"]);
      assert.equal(log.take().length, 1);
    });
  }

  test("that makes one that is taken refuses", async (t) => {
    const { engine, port } = await startEngine(t, { generateId: () => "same" });
    const connected = next(engine, "connection");
    await openPolling(port);
    assert.equal((await send(port, POLLING_PATH)).status, 400);
    const raw = await connectRaw(t, port);
    await raw.writeHandshake(WEBSOCKET_PATH);
    assert.equal((await raw.head()).status, 400);
    const [socket]: [EngineSocket] = await connected;
    assert.equal(socket.readyState, "open");
  });
});

test("while the server closes, handshakes get 503", async (t) => {
  const { engine, port } = await startEngine(t, { shutdownTimeout: 60_000 });
  const client = await EngineClient.open(t, port, WEBSOCKET_PATH);
  const closing = engine.close();
  const answer: Answer = await send(port, POLLING_PATH);
  assert.equal(answer.status, 503);
  assert.equal(await client.nextClose(), 1001);
  await closing;
});

test("what is kept of the request reaches the application", async (t) => {
  const { io, port } = await startServer(t);
  const connected = new Promise<Parameters<Parameters<typeof io.on<"connection">>[1]>[0]>((resolve) => {
    io.once("connection", resolve);
  });
  const before = Date.now();
  const client = await EngineClient.open(t, port, `${SESSION_PATH}&room=7&room=8&__proto__=x`, {
    "User-Agent": "test",
  });
  await client.send('40{"token":"abc"}');
  const { handshake } = await connected;
  assert.deepEqual(handshake.auth, { token: "abc" });
  assert.equal(handshake.url, `${SESSION_PATH}&room=7&room=8&__proto__=x`);
  assert.equal(handshake.query["EIO"], "4");
  assert.equal(handshake.query["room"], "8");
  assert.equal(handshake.query["__proto__"], "x");
  assert.equal(handshake.query["toString"], undefined);
  assert.equal(handshake.headers["user-agent"], "test");
  assert.match(handshake.address, /127\.0\.0\.1/);
  assert.equal(handshake.secure, false);
  assert.ok(handshake.issued >= before && handshake.issued <= Date.now());
  assert.equal(new Date(handshake.time).getTime(), Math.floor(handshake.issued / 1000) * 1000);
});
