import assert from "node:assert/strict";
import { test } from "node:test";
import { EngineClient } from "../support/engine-client.ts";
import { startServer } from "../support/fixture.ts";
import { startJoined } from "../support/joined.ts";
import { nextOf, stockClient } from "../support/stock-client.ts";

test("the session of a socket, one for all its namespaces", async (t) => {
  const { io, socket, client } = await startJoined(t);
  const admin = nextOf(io.of("/admin"), "connection");
  await client.joinNamespace("/admin");
  const [other] = (await admin) as [typeof socket];
  const { conn } = socket;
  assert.equal(other.conn, conn);
  assert.equal(conn.id, client.handshake["sid"]);
  assert.notEqual(conn.id, socket.id);
  assert.deepEqual(
    [conn.transport.name, conn.remoteAddress, conn.readyState, conn.bufferedBytes],
    ["websocket", "127.0.0.1", "open", 0],
  );
  assert.equal(conn.request, socket.request);
  const closed = nextOf(conn, "close");
  assert.equal(conn.close(), conn);
  assert.equal(await client.nextClose(), undefined);
  assert.equal((await closed)[0], "forced close");
  assert.equal(conn.readyState, "closed");
});

test("tells of an upgrade", async (t) => {
  const { io, url } = await startServer(t);
  const upgraded = new Promise((resolve) => {
    io.on("connection", ({ conn }) => {
      assert.equal(conn.transport.name, "polling");
      conn.once("upgrade", ({ name }) => resolve([name, conn.transport.name]));
    });
  });
  stockClient(t, url, { transports: ["polling", "websocket"] });
  assert.deepEqual(await upgraded, ["websocket", "websocket"]);
});

test("a listener that fails is reported", async (t) => {
  const { io, socket, client } = await startJoined(t);
  const failure = new Error("mine");
  socket.conn.on("close", () => {
    throw failure;
  });
  const reported = nextOf(io, "handler_error");
  client.raw.destroy();
  assert.deepEqual(await reported, [failure, { event: "close", namespace: "/", socketId: undefined }]);
});

test("a socket of a session that ended says so", async (t) => {
  const { io, port } = await startServer(t);
  const client = await EngineClient.join(t, port);
  const [socket] = [...io.sockets.sockets.values()];
  const gone = nextOf(socket!, "disconnect");
  client.raw.destroy();
  await gone;
  assert.equal(socket!.conn.readyState, "closed");
});
