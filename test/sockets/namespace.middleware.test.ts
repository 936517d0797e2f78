import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Next } from "../../src/sockets/middleware.ts";
import type { Socket } from "../../src/sockets/socket.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { EngineClient } from "../support/engine-client.ts";
import { startServer } from "../support/fixture.ts";

const NEUTRAL = '{"message":"The server could not decide about this connection."}';

describe("middleware of a namespace", () => {
  test("runs in order, before anybody hears of the socket, and each namespace has its own", async (t) => {
    const { io, port } = await startServer(t);
    const told: string[] = [];
    io.use((socket, next) => {
      assert.deepEqual([socket.connected, io.sockets.sockets.size], [false, 0]);
      socket.data.user = socket.handshake.auth["user"];
      told.push("one");
      next();
    });
    io.use(async (socket, next) => {
      await Promise.resolve();
      told.push(`two ${socket.data.user}`);
      next();
    });
    io.on("connection", (socket) => void told.push(`connected ${socket.data.user}`));
    io.of("/admin").on("connection", () => void told.push("admin"));
    const client = await EngineClient.open(t, port);
    await client.send('40{"user":"Ada"}');
    assert.match(await client.next(), /^40\{"sid"/);
    assert.deepEqual(told.splice(0), ["one", "two Ada", "connected Ada"]);
    await client.joinNamespace("/admin");
    assert.deepEqual(told, ["admin"]);
  });

  test("refuses with the error's message and data, and the client may try again", async (t) => {
    const { io, port } = await startServer(t);
    const errors: unknown[] = [
      Object.assign(new Error("Not authorized"), { data: { retryIn: 5 } }),
      new Error("No"),
      "just words",
      undefined,
    ];
    io.use((_socket, next) => next(errors.shift() as Error));
    const client = await EngineClient.open(t, port);
    for (const answer of ['{"message":"Not authorized","data":{"retryIn":5}}', '{"message":"No"}']) {
      await client.send("40");
      assert.equal(await client.next(), `44${answer}`);
    }
    await client.send("40");
    assert.equal(await client.next(), '44{"message":"just words"}');
    assert.equal(io.sockets.sockets.size, 0);
    await client.joinNamespace();
  });

  for (const [how, failing] of Object.entries({
    throws: (): never => {
      throw new Error("secret");
    },
    rejects: () => Promise.reject(new Error("secret")),
  })) {
    test(`that ${how} is reported once, and the client learns nothing of the inside`, async (t) => {
      const { io, port } = await startServer(t);
      const reports: unknown[][] = [];
      io.on("handler_error", (error, { event, namespace }) => {
        reports.push([(error as Error).message, event, namespace]);
      });
      const admin = io.of("/admin");
      admin.use(failing);
      const client = await EngineClient.open(t, port);
      await client.send("40/admin,");
      assert.equal(await client.next(), `44/admin,${NEUTRAL}`);
      assert.deepEqual(reports, [["secret", "middleware", "/admin"]]);
      assert.equal(admin.sockets.size, 0);
    });
  }

  test("may call next as often as it likes", async (t) => {
    const { io, port } = await startServer(t);
    let connections = 0;
    for (let count = 0; count < 2; count++) {
      io.use((_socket, next) => {
        next();
        next();
        next(new Error("too late"));
      });
    }
    io.on("connection", () => void (connections += 1));
    const client = await EngineClient.join(t, port);
    await client.send("41");
    await client.joinNamespace();
    assert.equal(connections, 2);
  });

  test("may make the socket join rooms, listen, and emit: it takes effect when the client has joined", async (t) => {
    const { io, port } = await startServer(t);
    io.use((socket, next) => {
      void socket.join(["a", "b"]);
      void socket.leave("b");
      socket.on("hello", (ack: (rooms: string[]) => void) => ack([...socket.rooms].slice(1)));
      socket.emit("welcome", 1);
      socket.emit("question", (answer: unknown) => socket.emit("answered", answer));
      assert.throws(() => socket.emit("x", 1n), TypeError);
      assert.deepEqual([...socket.rooms], [socket.id, "a"]);
      io.emit("not for who has not joined");
      next();
    });
    const client = await EngineClient.join(t, port);
    assert.equal(await client.next(), '42["welcome",1]');
    assert.equal(await client.next(), '420["question"]');
    await client.send('430["yes"]');
    assert.equal(await client.next(), '42["answered","yes"]');
    await client.send('427["hello"]');
    assert.equal(await client.next(), '437[["a"]]');
    io.to("a").emit("room");
    assert.equal(await client.next(), '42["room"]');
  });

  test("leaves nothing of a socket that is refused", async (t) => {
    const { io, port } = await startServer(t);
    let refused: Socket | undefined;
    const failed: unknown[] = [];
    io.use((socket, next) => {
      refused = socket as Socket;
      void socket.join("a");
      socket.emit("lost");
      socket.emitWithAck("lost").catch((error: { code: string }) => void failed.push(error.code));
      next(new Error("no"));
      void socket.join("b");
    });
    const client = await EngineClient.open(t, port);
    await client.send("40");
    assert.equal(await client.next(), '44{"message":"no"}');
    await new Promise(setImmediate);
    assert.deepEqual(failed, ["disconnected"]);
    assert.equal(refused!.connected, false);
    assert.equal(io.sockets.adapter.rooms.size + io.sockets.adapter.sids.size, 0);
  });

  test("may disconnect the socket itself", async (t) => {
    const { io, port } = await startServer(t);
    io.use((socket, next) => {
      socket.disconnect(socket.handshake.auth["close"] === true);
      next();
    });
    io.on("connection", () => assert.fail("nobody is there"));
    const client = await EngineClient.open(t, port);
    await client.send("40");
    assert.equal(await client.next(), "41");
    await client.send('40{"close":true}');
    assert.equal(await client.next(), "41");
    assert.equal(await client.nextClose(), undefined);
  });
});

describe("while a middleware runs", () => {
  /** A server whose clients wait for `next`. */
  async function waiting(t: Parameters<typeof startServer>[0], clock = new FakeClock()) {
    const server = await startServer(t, { clock });
    const steps: Next[] = [];
    const sockets: Socket[] = [];
    let connections = 0;
    server.io.use((socket, next) => {
      sockets.push(socket as Socket);
      socket.on("disconnect", () => assert.fail("it was never there"));
      steps.push(next);
    });
    server.io.on("connection", () => void (connections += 1));
    const client = await EngineClient.open(t, server.port);
    await client.send("40");
    while (steps.length === 0) await new Promise(setImmediate);
    return { ...server, clock, steps, sockets, client, count: () => connections };
  }

  test("the client may leave, and come again", async (t) => {
    const { client, steps, sockets, count, io } = await waiting(t);
    await client.send("41");
    await client.send("40");
    while (steps.length < 2) await new Promise(setImmediate);
    steps[0]!();
    assert.equal(count(), 0);
    steps[1]!();
    assert.equal(await client.next(), `40{"sid":"${sockets[1]!.id}"}`);
    assert.deepEqual([count(), io.sockets.sockets.size], [1, 1]);
    client.raw.destroy();
    sockets[1]!.removeAllListeners("disconnect");
  });

  test("the session may end", async (t) => {
    const { client, steps, sockets, count, io } = await waiting(t);
    client.raw.destroy();
    while (io.engine.clientsCount > 0) await new Promise(setImmediate);
    steps[0]!();
    assert.deepEqual([count(), io.sockets.sockets.size, sockets[0]!.connected], [0, 0, false]);
  });

  for (const packet of ['42["early"]', "430[]", "40"]) {
    test(`${packet} is a breach`, async (t) => {
      const { client, steps, count } = await waiting(t);
      await client.send(packet);
      assert.equal(await client.nextClose(), 1002);
      steps[0]!();
      assert.equal(count(), 0);
    });
  }

  test("the time without a namespace goes on, and ends the session", async (t) => {
    const { client, clock, steps, count } = await waiting(t);
    clock.advance(44_999);
    // The heartbeat: it is pinged at 25 s.
    assert.equal(await client.next(), "2");
    await client.send("3");
    clock.advance(1);
    assert.equal(await client.nextClose(), undefined);
    steps[0]!();
    assert.equal(count(), 0);
  });
});

test("the time without a namespace is over when one was joined, not when one was found", async (t) => {
  const clock = new FakeClock();
  const { io, port } = await startServer(t, { clock, connectTimeout: 1000 });
  io.of("/closed").use((_socket, next) => next(new Error("no")));
  const refused = await EngineClient.open(t, port);
  await refused.send("40/closed,");
  assert.equal(await refused.next(), '44/closed,{"message":"no"}');
  const joined = await EngineClient.join(t, port);
  clock.advance(1000);
  assert.equal(await refused.nextClose(), undefined);
  await joined.send("41");
  await joined.joinNamespace();
  joined.raw.destroy();
});
