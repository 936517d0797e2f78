import assert from "node:assert/strict";
import { createServer } from "node:http";
import { describe, test } from "node:test";
import { DEFAULT_LIMITS, limitsOf } from "../../src/sockets/limits.ts";
import { Server } from "../../src/sockets/server.ts";
import type { Socket } from "../../src/sockets/socket.ts";
import { EngineClient, SESSION_PATH } from "../support/engine-client.ts";
import { startServer, undoAfter } from "../support/fixture.ts";
import { startJoined } from "../support/joined.ts";
import { listen } from "../support/listen.ts";
import { RecordingLogger } from "../support/recording-logger.ts";
import { until } from "../support/until.ts";

const TOO_MANY = '{"message":"Too many namespaces"}';

test("limits have defaults, and must be 1 or more", () => {
  assert.deepEqual(limitsOf({ maxNamespaces: undefined }), DEFAULT_LIMITS);
  assert.deepEqual(limitsOf({ maxNamespaces: 1 }), { ...DEFAULT_LIMITS, maxNamespaces: 1 });
  assert.throws(() => limitsOf({ maxRoomsPerSocket: 0 }), RangeError);
});

describe("maxNamespaces", () => {
  test("refuses one more; leaving makes room", async (t) => {
    const { io, port } = await startServer(t, { maxNamespaces: 2 });
    io.of(/^\/room/);
    const client = await EngineClient.join(t, port);
    await client.joinNamespace("/room-1");
    await client.send("40/room-2,");
    assert.equal(await client.next(), `44/room-2,${TOO_MANY}`);
    await client.send("41");
    await client.joinNamespace("/room-2");
    await client.send("40");
    assert.equal(await client.next(), `44${TOO_MANY}`);
  });

  test("counts those that are being decided about", async (t) => {
    const { io, port } = await startServer(t, { maxNamespaces: 3 });
    const never: unknown[] = [];
    io.of((_name, _auth, next) => void never.push(next));
    const client = await EngineClient.open(t, port);
    for (let number = 0; number < 1000; number++) await client.send(`40/n${number},`);
    for (let number = 3; number < 1000; number++) {
      assert.equal(await client.next(), `44/n${number},${TOO_MANY}`);
    }
    assert.equal(never.length, 3);
  });

  test("also bounds what is remembered of namespaces that the server has ended", async (t) => {
    const { io, port } = await startServer(t, { maxNamespaces: 2 });
    io.of(/^\/room/).on("connection", (socket) => void socket.disconnect());
    const client = await EngineClient.open(t, port);
    for (const name of ["/room-1", "/room-2", "/room-3"]) {
      await client.joinNamespace(name);
      assert.equal(await client.next(), `41${name},`);
    }
    // They crossed: no breach.
    await client.send('42/room-2,["late"]');
    await client.send('42/room-3,["late"]');
    await client.joinNamespace("/room-4");
    await client.next();
    // This one can't have.
    await client.send('42/room-1,["late"]');
    assert.equal(await client.nextClose(), 1002);
  });
});

test("maxDynamicNamespaces refuses one more, over all clients", async (t) => {
  const { io, port } = await startServer(t, { maxDynamicNamespaces: 2 });
  const parent = io.of(/^\/room/);
  io.of("/room-static");
  const clients = [await EngineClient.open(t, port), await EngineClient.open(t, port)];
  await clients[0]!.joinNamespace("/room-1");
  await clients[1]!.joinNamespace("/room-2");
  await clients[0]!.send("40/room-3,");
  assert.equal(await clients[0]!.next(), `44/room-3,${TOO_MANY}`);
  await clients[0]!.joinNamespace("/room-2");
  await clients[0]!.joinNamespace("/room-static");
  await clients[0]!.send("41/room-1,");
  await until(() => parent.children.size === 2);
  await clients[0]!.joinNamespace("/room-3");
});

test("clients that ask for thousands of namespaces leave nothing behind", async (t) => {
  const { io, port } = await startServer(t);
  const parent = io.of(/^\/room-\d+$/);
  const client = await EngineClient.open(t, port);
  for (let number = 0; number < 3000; number++) {
    void client.send(`40/room-${number},`);
    void client.send(`41/room-${number},`);
    void client.send(`40/nowhere-${number},`);
  }
  for (let number = 0; number < 3000; number++) {
    assert.match(await client.next(), new RegExp(`^40/room-${number},`));
    assert.equal(await client.next(), `44/nowhere-${number},{"message":"Invalid namespace"}`);
  }
  assert.equal(parent.children.size, 0);
});

describe("maxRoomsPerSocket", () => {
  test("makes join throw, and takes nothing of that call", async (t) => {
    const { socket } = await startJoined(t, { maxRoomsPerSocket: 3 });
    await socket.join(["a", "b", "a"]);
    assert.throws(() => socket.join("c"), RangeError);
    assert.throws(() => socket.join(["a", "c"]), /at most 3 rooms/);
    await socket.join(["a", "b", socket.id]);
    assert.equal(socket.rooms.size, 3);
    await socket.leave("a");
    await socket.join("c");
    assert.deepEqual([...socket.rooms], [socket.id, "b", "c"]);
  });

  test("holds in middleware, too", async (t) => {
    const { io, port } = await startServer(t, { maxRoomsPerSocket: 2 });
    io.use((socket, next) => {
      void socket.join("a");
      assert.throws(() => socket.join("b"), RangeError);
      next();
    });
    await EngineClient.join(t, port);
  });

  test("is for what sockets are told to join: what the server does to many is not counted, and not refused", async (t) => {
    const { io, socket } = await startJoined(t, { maxRoomsPerSocket: 2 });
    assert.equal(await io.socketsJoin(["a", "b"]), 1);
    const [found] = await io.fetchSockets();
    await found!.join("c");
    assert.deepEqual([...socket.rooms], [socket.id, "a", "b", "c"]);
    assert.throws(() => socket.join("d"), RangeError);
    await socket.join("a");
    await io.socketsLeave(["a", "b", "c"]);
    await socket.join("d");
    assert.deepEqual([...socket.rooms], [socket.id, "d"]);
  });

  test("can be raised: 100,000 rooms are joined and left", async (t) => {
    const { io, socket } = await startJoined(t, { maxRoomsPerSocket: 100_001 });
    for (let number = 0; number < 100_000; number++) void socket.join(`room ${number}`);
    assert.throws(() => socket.join("one more"), RangeError);
    assert.equal(io.sockets.adapter.rooms.size, 100_001);
    for (let number = 0; number < 50_000; number++) void socket.leave(`room ${number}`);
    assert.equal(socket.rooms.size, 50_001);
    socket.disconnect();
    assert.equal(io.sockets.adapter.rooms.size, 0);
  });
});

test("maxNamespaces counts those that were left before they were decided about, until they are", async (t) => {
  const { io, port } = await startServer(t, { maxNamespaces: 3 });
  const waiting: (() => void)[] = [];
  io.of("/slow").use((_socket, next) => void waiting.push(() => next()));
  io.of((_name, _auth, next) => void waiting.push(() => next(null, false)));
  const client = await EngineClient.join(t, port);
  for (const name of ["/slow", "/other"])
    await client.send(`40${name},`).then(() => client.send(`41${name},`));
  await client.send("40/slow,");
  assert.equal(await client.next(), `44/slow,${TOO_MANY}`);
  assert.equal(waiting.length, 2);
  for (const decide of waiting.splice(0)) decide();
  for (const name of ["/slow", "/other"]) await client.send(`40${name},`);
  await client.send("40/third,");
  assert.equal(await client.next(), `44/third,${TOO_MANY}`);
  for (const decide of waiting) decide();
  assert.match(await client.next(), /^40\/slow,/);
  assert.equal(await client.next(), '44/other,{"message":"Invalid namespace"}');
});

test("a client that can't take what it is sent when it joins has never joined", async (t) => {
  const { io, port } = await startServer(t, { maxBufferedBytes: 10_000 });
  const parent = io.of(/^\/room/);
  let connections = 0;
  parent.on("connection", () => (connections += 1));
  const client = await EngineClient.open(t, port, `${SESSION_PATH}&link=1`);
  const joining = new Promise<Socket>((resolve) => {
    parent.use((socket, next) => {
      socket.emit("history", "x".repeat(10_000));
      next();
      resolve(socket);
    });
  });
  await client.send("40/room,");
  const socket = await joining;
  assert.deepEqual([socket.connected, socket.nsp.sockets.size, parent.children.size], [false, 0, 0]);
  assert.equal(connections, 0);
});

test("names that are too long end the session", async (t) => {
  const { io, port } = await startServer(t, { maxEventNameLength: 10, maxNamespaceNameLength: 20 });
  let heard = 0;
  io.on("connection", (socket) => void socket.onAny(() => (heard += 1)));
  const client = await EngineClient.join(t, port);
  await client.send(`40/${"n".repeat(19)},`);
  assert.match(await client.next(), /^44\/n+,/);
  await client.send(`42["${"e".repeat(10)}"]`);
  await client.send(`42["${"e".repeat(11)}"]`);
  assert.equal(await client.nextClose(), 1002);
  assert.equal(heard, 1);
  const other = await EngineClient.open(t, port);
  await other.send(`40/${"n".repeat(20)},`);
  assert.equal(await other.nextClose(), 1002);
});

describe("maxAttachmentBytes", () => {
  /** Sends an event with attachments of these lengths; an acknowledgement says that it has arrived. */
  async function sendFiles(client: EngineClient, lengths: readonly number[]): Promise<void> {
    const places = lengths.map((_, num) => ({ _placeholder: true, num }));
    await client.send(`45${lengths.length}-1${JSON.stringify(["files", ...places])}`);
    for (const length of lengths) await client.sendBinary(Buffer.alloc(length));
  }

  function acknowledgeFiles(io: Server): void {
    io.on("connection", (socket) => {
      socket.on("files", (...args: unknown[]) => (args.at(-1) as () => void)());
    });
  }

  test("bounds what those of one event have in all", async (t) => {
    const { io, port } = await startServer(t, { maxAttachmentBytes: 10 });
    acknowledgeFiles(io);
    const client = await EngineClient.join(t, port);
    // Each event begins anew.
    for (const lengths of [[10], [4, 6], [5, 0, 5], [0, 0, 10]]) {
      await sendFiles(client, lengths);
      assert.equal(await client.next(), "431[]");
    }
    // Nothing more is waited for.
    await client.send(`4510-["files",{"_placeholder":true,"num":0}]`);
    await client.sendBinary(Buffer.alloc(4));
    await client.sendBinary(Buffer.alloc(7));
    assert.equal(await client.nextClose(), 1002);
  });

  test("is four times what a message may have, also if that is said when the server is attached", async (t) => {
    const logger = new RecordingLogger();
    const http = createServer();
    const io = new Server({ logger });
    io.attach(http, { maxHttpBufferSize: 1000 });
    undoAfter(t, () => io.close());
    acknowledgeFiles(io);
    const client = await EngineClient.join(t, await listen(http));
    await sendFiles(client, [1000, 1000, 1000, 1000]);
    assert.equal(await client.next(), "431[]");
    await sendFiles(client, [1000, 1000, 1000, 1000, 1]);
    assert.equal(await client.nextClose(), 1002);
  });
});

test("what a client sends changes no prototype", async (t) => {
  const { io, port } = await startServer(t);
  const seen: unknown[] = [];
  io.on("connection", (socket) => {
    seen.push(Object.keys(socket.handshake.auth));
    socket.on("merge", (value: object, ack: () => void) => {
      const target: Record<string, unknown> = {};
      // As careless code does it.
      for (const key of Object.keys(value)) target[key] = (value as Record<string, unknown>)[key];
      seen.push(Object.keys(value), "admin" in target, "admin" in {});
      ack();
    });
  });
  const client = await EngineClient.open(t, port);
  await client.send('40{"__proto__":{"admin":true},"token":1}');
  await client.next();
  await client.send('421["merge",{"__proto__":{"admin":true},"a":1}]');
  await client.next();
  await client.send(
    '422["merge",{"\\u005f_proto__":{"admin":true},"constructor":{"prototype":{"admin":true}}}]',
  );
  await client.next();
  assert.deepEqual(seen, [["token"], ["a"], false, false, ["constructor"], false, false]);
});
