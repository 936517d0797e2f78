import assert from "node:assert/strict";
import { test } from "node:test";
import { Server } from "../../src/sockets/server.ts";
import { EngineClient } from "../support/engine-client.ts";
import { startServer } from "../support/fixture.ts";

test("a namespace is the same for each call, with or without its slash", async () => {
  const io = new Server();
  assert.equal(io.of("/"), io.sockets);
  assert.equal(io.of("/admin"), io.of("admin"));
  assert.equal(io.of("/admin").name, "/admin");
  assert.notEqual(io.of("/admin"), io.of("/other"));
  assert.throws(() => io.of("/a,b"), TypeError);
  await io.close();
});

test("a connection is told by both names, once, and by the server for the main namespace", async (t) => {
  const { io, port } = await startServer(t);
  const told: string[] = [];
  for (const name of ["connect", "connection"] as const) {
    io.on(name, () => told.push(`server ${name}`));
    io.sockets.on(name, () => told.push(`main ${name}`));
    io.of("/admin").on(name, () => told.push(`admin ${name}`));
  }
  const client = await EngineClient.join(t, port);
  assert.deepEqual(told.splice(0).toSorted(), [
    "main connect",
    "main connection",
    "server connect",
    "server connection",
  ]);
  await client.joinNamespace("/admin");
  assert.deepEqual(told, ["admin connect", "admin connection"]);
});

test("rooms and events of namespaces are apart", async (t) => {
  const { io, port } = await startServer(t);
  io.of("/admin").on("connection", (socket) => void socket.join("room"));
  io.on("connection", (socket) => void socket.join("room"));
  const client = await EngineClient.open(t, port);
  await client.joinNamespace();
  await client.joinNamespace("/admin");
  io.to("room").emit("news", 1);
  io.of("/admin").to("room").emit("news", 2);
  io.of("/admin").emit("news", 3);
  io.of("/admin").except("room").emit("news", 4);
  io.of("/admin").in("room").volatile.emit("news", 5);
  io.of("/admin").local.emit("news", 6);
  io.of("/admin").volatile.emit("news", 7);
  assert.equal(await client.next(), '42["news",1]');
  for (const number of [2, 3, 5, 6, 7]) assert.equal(await client.next(), `42/admin,["news",${number}]`);
});

test("the sockets of a namespace are those that are there", async (t) => {
  const { io, port } = await startServer(t);
  const client = await EngineClient.open(t, port);
  const id = await client.joinNamespace();
  assert.deepEqual([...io.sockets.sockets.keys()], [id]);
  assert.equal(io.sockets.sockets.get(id)!.id, id);
  await client.send("41");
  await client.send("40/nowhere");
  await client.next();
  assert.equal(io.sockets.sockets.size, 0);
});

test("what can't be broadcast throws to the caller", async (t) => {
  const { io, port } = await startServer(t);
  const client = await EngineClient.join(t, port);
  const circular: Record<string, unknown> = {};
  circular["self"] = circular;
  assert.throws(() => io.emit("news", circular), /circular/);
  for (const name of [
    "connect",
    "connect_error",
    "disconnect",
    "disconnecting",
    "newListener",
    "removeListener",
  ]) {
    assert.throws(() => io.emit(name), TypeError);
    assert.throws(() => io.to("room").emit(name), TypeError);
  }
  io.emit("next");
  assert.equal(await client.next(), '42["next"]');
});
