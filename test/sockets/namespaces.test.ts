import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { NamespaceMatcher } from "../../src/sockets/parent-namespace.ts";
import { EngineClient } from "../support/engine-client.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { startServer } from "../support/fixture.ts";
import { until } from "../support/until.ts";

async function refusal(client: EngineClient, name: string, auth = ""): Promise<string> {
  await client.send(`40${name},${auth}`);
  const answer = await client.next();
  assert.ok(answer.startsWith(`44${name},`), answer);
  return (JSON.parse(answer.slice(3 + name.length)) as { message: string }).message;
}

describe("a pattern", () => {
  test("makes a namespace when a client asks for it, and forgets it when the last has left", async (t) => {
    const { io, port } = await startServer(t);
    const made: string[] = [];
    io.on("new_namespace", ({ name }) => void made.push(name));
    // A pattern that remembers where it was must not remember.
    const parent = io.of(/^\/room-\d+$/g);
    parent.on("connection", (socket) => void socket.join("all"));
    const [one, two] = [await EngineClient.open(t, port), await EngineClient.open(t, port)];
    await one.joinNamespace("/room-1");
    await two.joinNamespace("/room-1");
    await one.joinNamespace("/room-2");
    assert.deepEqual(made, ["/room-1", "/room-2"]);
    assert.equal(await refusal(one, "/room-x"), "Invalid namespace");
    assert.equal(parent.children.size, 2);
    io.of("/room-1").to("all").emit("hello");
    for (const client of [one, two]) assert.equal(await client.next(), '42/room-1,["hello"]');

    await one.send("41/room-1,");
    await one.send("41/room-2,");
    await until(() => parent.children.size === 1);
    two.raw.destroy();
    await until(() => parent.children.size === 0);
    await one.joinNamespace("/room-1");
    assert.deepEqual(made, ["/room-1", "/room-2", "/room-1"]);
  });

  test("keeps them with cleanupEmptyChildNamespaces: false", async (t) => {
    const { io, port } = await startServer(t, { cleanupEmptyChildNamespaces: false });
    const parent = io.of(/^\/room/);
    const client = await EngineClient.open(t, port);
    await client.joinNamespace("/room");
    const room = io.of("/room");
    await client.send("41/room,");
    await until(() => room.sockets.size === 0);
    assert.equal(io.of("/room"), room);
    assert.equal(parent.children.size, 1);
  });

  test("hands its middleware and listeners to each, as they are when it is made", async (t) => {
    const { io, port } = await startServer(t);
    const told: string[] = [];
    const parent = io.of(/^\/room/);
    parent.use((socket, next) => {
      told.push(`use ${socket.nsp.name}`);
      next(socket.handshake.auth["no"] === true ? new Error("no") : undefined);
    });
    parent.on("connection", ({ nsp }) => void told.push(`connection ${nsp.name}`));
    parent.on("connect", ({ nsp }) => void told.push(`connect ${nsp.name}`));
    const client = await EngineClient.open(t, port);
    assert.equal(await refusal(client, "/room-1", '{"no":true}'), "no");
    assert.equal(parent.children.size, 0);
    await client.joinNamespace("/room-1");
    assert.deepEqual(told.splice(0), ["use /room-1", "use /room-1", "connect /room-1", "connection /room-1"]);
    parent.use((_socket, next) => next(new Error("later")));
    const other = await EngineClient.open(t, port);
    await other.joinNamespace("/room-1");
    assert.equal(await refusal(other, "/room-2"), "later");
  });

  test("also stands for what the application makes, which then stays", async (t) => {
    const { io, port } = await startServer(t);
    const told: string[] = [];
    const parent = io.of(/^\/room/);
    parent.on("connection", ({ nsp }) => void told.push(nsp.name));
    const room = io.of("/room");
    assert.ok(parent.children.has(room));
    const client = await EngineClient.open(t, port);
    await client.joinNamespace("/room");
    await client.send("41/room,");
    await until(() => room.sockets.size === 0);
    assert.equal(io.of("/room"), room);
    assert.deepEqual(told, ["/room"]);
  });
});

describe("a function", () => {
  test("decides by name and auth, at once or later; the first that says yes has it", async (t) => {
    const { io, port } = await startServer(t);
    const asked: string[] = [];
    const first: NamespaceMatcher = (name, auth, next) => {
      asked.push(`${name} ${String(auth["token"])}`);
      setImmediate(() => next(null, auth["token"] === 1));
    };
    io.of(first).on("connection", (socket) => socket.emit("by", "first"));
    io.of((_name, _auth, next) => next(new Error("hidden"), true));
    io.of((name, _auth, next) => next(null, name === "/b")).on("connection", (socket) =>
      socket.emit("by", "third"),
    );
    const client = await EngineClient.open(t, port);
    await client.send('40/a,{"token":1}');
    assert.match(await client.next(), /^40\/a,/);
    assert.equal(await client.next(), '42/a,["by","first"]');
    await client.joinNamespace("/b");
    assert.equal(await client.next(), '42/b,["by","third"]');
    assert.equal(await refusal(client, "/c"), "Invalid namespace");
    assert.deepEqual(asked, ["/a 1", "/b undefined", "/c undefined"]);
  });

  test("that throws or rejects is reported, and says no", async (t) => {
    const { io, port } = await startServer(t);
    const reports: unknown[] = [];
    io.on("handler_error", (error, context) => void reports.push([(error as Error).message, context]));
    io.of(() => {
      throw new Error("one");
    });
    io.of(() => Promise.reject(new Error("two")));
    const client = await EngineClient.open(t, port);
    assert.equal(await refusal(client, "/x"), "Invalid namespace");
    const context = { event: "namespace", namespace: "/x", socketId: undefined };
    assert.deepEqual(reports, [
      ["one", context],
      ["two", context],
    ]);
  });

  test("may be asked for two clients at a time: there is one namespace", async (t) => {
    const { io, port } = await startServer(t);
    const answers: (() => void)[] = [];
    const parent = io.of((_name, _auth, next) => void answers.push(() => next(null, true)));
    const clients = [await EngineClient.open(t, port), await EngineClient.open(t, port)];
    for (const client of clients) await client.send("40/x,");
    await until(() => answers.length === 2);
    for (const answer of answers) {
      answer();
      answer();
    }
    for (const client of clients) assert.match(await client.next(), /^40\/x,/);
    assert.equal(parent.children.size, 1);
    assert.equal(io.of("/x").sockets.size, 2);
  });

  test("may answer when the client is gone", async (t) => {
    const { io, port } = await startServer(t);
    const answers: (() => void)[] = [];
    const parent = io.of((_name, _auth, next) => void answers.push(() => next(null, true)));
    const client = await EngineClient.open(t, port);
    await client.send("40/x,");
    await client.send("40/y,");
    await until(() => answers.length === 2);
    await client.send("41/y,");
    await client.send("40/nothing/here,");
    await until(() => answers.length === 3);
    answers[1]!();
    client.raw.destroy();
    await until(() => io.engine.clientsCount === 0);
    answers[0]!();
    assert.equal(parent.children.size, 0);
  });
});

test("what is done to a parent is done in all its namespaces", async (t) => {
  const { io, port } = await startServer(t);
  const parent = io.of(/^\/room/);
  parent.on("connection", (socket) => {
    void socket.join("r");
    socket.data.name = socket.nsp.name;
  });
  const client = await EngineClient.open(t, port);
  assert.deepEqual(await parent.emitWithAck("nobody?"), []);
  for (const name of ["/room-1", "/room-2"]) await client.joinNamespace(name);
  parent.emit("all");
  parent.to("r").except("x").emit("room");
  for (const event of ["all", "room"]) {
    for (const name of ["/room-1", "/room-2"]) assert.equal(await client.next(), `42${name},["${event}"]`);
  }
  assert.deepEqual(
    (await parent.fetchSockets()).map(({ data }) => data),
    [{ name: "/room-1" }, { name: "/room-2" }],
  );
  assert.equal(await parent.socketsJoin("s"), 2);
  assert.equal(await parent.in("s").socketsLeave("r"), 2);
  assert.equal(await parent.in("r").disconnectSockets(), 0);
  const asking = parent.timeout(60_000).emitWithAck("ready?");
  for (const name of ["/room-1", "/room-2"]) {
    const question = await client.next();
    const id = /,(\d+)\[/.exec(question)![1]!;
    assert.equal(question, `42${name},${id}["ready?"]`);
    await client.send(`43${name},${id}["${name}"]`);
  }
  assert.deepEqual(await asking, ["/room-1", "/room-2"]);
  const failing = parent.emitWithAck("ready?");
  const question = await client.next();
  await client.next();
  await client.send(`43/room-1,${/,(\d+)\[/.exec(question)![1]!}[1]`);
  await client.send("41/room-2,");
  await assert.rejects(failing, { code: "disconnected", responses: [1] });
  assert.equal(await parent.disconnectSockets(), 1);
  assert.equal(await client.next(), "41/room-1,");
});

test("new_namespace tells of those that the application makes", async () => {
  const { Server } = await import("../../src/sockets/server.ts");
  const io = new Server();
  const made: string[] = [];
  io.on("new_namespace", ({ name }) => void made.push(name));
  io.of("/a");
  io.of("/a");
  io.of("b");
  assert.deepEqual(made, ["/a", "/b"]);
  await io.close();
});

test("a parent's question that nobody answers in time ends so, once, without naming who was silent", async (t) => {
  const clock = new FakeClock();
  const { io, port } = await startServer(t, { clock });
  const parent = io.of(/^\/room/);
  const client = await EngineClient.open(t, port);
  for (const name of ["/room-1", "/room-2"]) await client.joinNamespace(name);
  const asking = parent.timeout(1000).emitWithAck("ready?");
  const question = await client.next();
  await client.next();
  await client.send(`43/room-1,${/,(\d+)\[/.exec(question)![1]!}["yes"]`);
  await client.send("40/room-3,");
  await client.next();
  clock.advance(1000);
  await assert.rejects(asking, { code: "timeout", responses: ["yes"], errors: [] });
});
