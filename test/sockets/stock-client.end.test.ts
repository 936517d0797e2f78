/** An unmodified socket.io-client 4.8: how it ends, and comes back. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { describe, test } from "node:test";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { startServer } from "../support/fixture.ts";
import { connectPair, nextOf } from "../support/stock-client.ts";

describe("the end, as both sides are told", () => {
  test("the server disconnects", async (t) => {
    for (const close of [false, true]) {
      const server = await startServer(t);
      const { client, socket } = await connectPair(t, server);
      const told = nextOf(client, "disconnect");
      const left = nextOf(socket, "disconnect");
      socket.disconnect(close);
      assert.equal((await told)[0], "io server disconnect");
      assert.equal((await left)[0], "server namespace disconnect");
      assert.equal(client.active, false);
      assert.equal(socket.connected, false);
    }
  });

  test("the client disconnects", async (t) => {
    const server = await startServer(t);
    const { client, socket } = await connectPair(t, server);
    await socket.join("room");
    const order: unknown[] = [];
    socket.on("disconnecting", (reason) => order.push("disconnecting", reason, [...socket.rooms]));
    const left = nextOf(socket, "disconnect");
    const told = nextOf(client, "disconnect");
    client.disconnect();
    assert.equal((await told)[0], "io client disconnect");
    assert.deepEqual(await left, [
      "client namespace disconnect",
      { clean: true, description: "the client left" },
    ]);
    assert.deepEqual(order, ["disconnecting", "client namespace disconnect", [socket.id, "room"]]);
    assert.equal(socket.rooms.size, 0);
  });

  test("the client closes its connection", async (t) => {
    const server = await startServer(t);
    const { client, socket } = await connectPair(t, server);
    const left = nextOf(socket, "disconnect");
    client.io.engine.close();
    const [reason, details] = await left;
    assert.equal(reason, "transport close");
    assert.equal((details as { clean: boolean }).clean, true);
  });

  test("the server goes away", async (t) => {
    const server = await startServer(t);
    const { client, socket } = await connectPair(t, server, { reconnection: false });
    const told = nextOf(client, "disconnect");
    const left = nextOf(socket, "disconnect");
    await server.io.close();
    assert.equal((await told)[0], "transport close");
    assert.equal((await left)[0], "server shutting down");
  });

  test("the client does not answer pings", async (t) => {
    const clock = new FakeClock();
    const server = await startServer(t, { clock });
    const { client, socket } = await connectPair(t, server, { reconnection: false });
    const left = nextOf(socket, "disconnect");
    const told = nextOf(client, "disconnect");
    // All at once: the client has no time to answer.
    clock.advance(45_000);
    assert.equal((await left)[0], "ping timeout");
    assert.equal((await told)[0], "transport close");
  });

  test("the server does not ping", async (t) => {
    const server = await startServer(t, { pingInterval: 50, pingTimeout: 50, clock: new FakeClock() });
    const { client, socket } = await connectPair(t, server, { reconnection: false });
    const left = nextOf(socket, "disconnect");
    assert.equal((await nextOf(client, "disconnect"))[0], "ping timeout");
    assert.equal((await left)[0], "transport close");
  });

  test("a message beyond maxHttpBufferSize", async (t) => {
    const server = await startServer(t, { maxHttpBufferSize: 10_000 });
    const { client, socket } = await connectPair(t, server, { reconnection: false });
    const told = nextOf(client, "disconnect");
    const left = nextOf(socket, "disconnect");
    client.emit("big", "x".repeat(10_000));
    const [reason, details] = await told;
    assert.equal(reason, "transport close");
    assert.equal((details as { context: { code: number } }).context.code, 1009);
    assert.equal((await left)[0], "transport error");
  });
});

test("heartbeats keep a quiet connection alive", async (t) => {
  const server = await startServer(t, { pingInterval: 50, pingTimeout: 5000 });
  const { client, socket } = await connectPair(t, server);
  let lost = 0;
  socket.on("disconnect", () => (lost += 1));
  for (let beat = 0; beat < 5; beat++) await nextOf(client.io.engine, "heartbeat");
  assert.equal(lost, 0);
  assert.equal(
    await new Promise((resolve) => {
      socket.on("still there?", (ack: (yes: boolean) => void) => ack(true));
      client.emit("still there?", resolve);
    }),
    true,
  );
});

test("comes back after a restart of the server on the same port", async (t) => {
  const first = await startServer(t);
  const { client } = await connectPair(t, first, { reconnectionDelay: 10, reconnectionDelayMax: 20 });
  const firstId = client.id;
  const told = nextOf(client, "disconnect");
  await first.io.close();
  assert.equal((await told)[0], "transport close");
  client.emit("missed you");

  const back = nextOf(client.io, "reconnect");
  const http = createServer();
  const heard = new Promise<unknown>((resolve) => {
    void startServer(t, {}, { http, port: first.port }).then(({ io }) => {
      io.on("connection", (socket) => void socket.on("missed you", () => resolve("heard")));
    });
  });
  await back;
  assert.equal(await heard, "heard");
  assert.notEqual(client.id, firstId);
  assert.equal(client.connected, true);
});
