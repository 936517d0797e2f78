import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { delivery } from "../../../src/client/delivery/index.ts";
import type { Socket } from "../../../src/client/socket.ts";
import { memoryLog } from "../../../src/log/index.ts";
import { startServer } from "../../support/fixture.ts";
import { nodeClient } from "../../support/node-client.ts";

/** WebSocket alone: there is no link that would have hidden the loss. */
const LOSSY = { transports: ["websocket"], delivery: delivery() } as const;

function next(socket: Socket, name: string): Promise<unknown[]> {
  return new Promise((resolve) => {
    socket.once(name, (...args: unknown[]) => resolve(args));
  });
}

describe("delivery, of our client by our server", () => {
  test("what is sent while a client is away comes once and in order, with its id, rooms and data", async (t) => {
    const { io, url } = await startServer(t, { delivery: true });
    io.on("connection", (socket) => {
      if (!socket.recovered) {
        void socket.join("room");
        socket.data = { name: "Ada" };
      }
      socket.emit("you", socket.recovered, socket.data);
    });
    const client = nodeClient(t, url, LOSSY);
    const got: number[] = [];
    client.on("n", (value: number) => void got.push(value));
    assert.deepEqual(await next(client, "you"), [false, { name: "Ada" }]);
    const { id } = client;
    for (let value = 1; value <= 3; value += 1) io.to("room").emit("n", value);
    const left = next(client, "disconnect");
    io.sockets.sockets.get(id!)!.conn.close();
    await left;
    for (let value = 4; value <= 300; value += 1) io.to("room").emit("n", value);
    assert.deepEqual(await next(client, "you"), [true, { name: "Ada" }]);
    assert.deepEqual([client.id, client.recovered], [id, true]);
    assert.deepEqual(
      got,
      Array.from({ length: 300 }, (_, at) => at + 1),
    );
  });

  test("what is emitted over many lost connections is handled once and in order, and answered", async (t) => {
    const { io, url } = await startServer(t, { delivery: { maxUnacknowledged: 16 } });
    const handled: number[] = [];
    io.on("connection", (socket) => {
      socket.on("add", (value: number, done: (sum: number) => void) => {
        handled.push(value);
        done(handled.length);
        if (value % 40 === 0) socket.conn.close();
      });
    });
    const client = nodeClient(t, url, LOSSY);
    await next(client, "connect");
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, at) => client.emitWithAck("add", at + 1) as Promise<number>),
    );
    const all = Array.from({ length: 200 }, (_, at) => at + 1);
    assert.deepEqual(handled, all);
    assert.deepEqual(answers, all);
  });

  test("a server with another memory is a gap", async (t) => {
    const first = await startServer(t, { delivery: true });
    const client = nodeClient(t, first.url, LOSSY);
    await next(client, "connect");
    const gap = next(client, "gap");
    const closed = next(client, "disconnect");
    await first.io.close();
    await closed;
    await startServer(t, { delivery: true }, { port: first.port });
    assert.deepEqual(await gap, []);
    assert.equal(client.recovered, false);
  });

  test("a log that has dropped what was missed is a gap", async (t) => {
    const { io, url } = await startServer(t, { delivery: { log: memoryLog({ maxEntries: 10 }) } });
    const client = nodeClient(t, url, LOSSY);
    await next(client, "connect");
    const server = io.sockets.sockets.get(client.id!)!;
    const gap = next(client, "gap");
    const got: unknown[] = [];
    client.on("n", (value) => void got.push(value));
    server.conn.close();
    assert.ok(server.disconnected);
    for (let value = 1; value <= 50; value += 1) io.emit("n", value);
    await gap;
    assert.equal(client.recovered, false);
    const heard = next(client, "n");
    io.emit("n", "new");
    await heard;
    assert.deepEqual(got, ["new"]);
  });

  test("who leaves and comes again is a new client, whose events are handled", async (t) => {
    const { io, url } = await startServer(t, { delivery: true });
    const handled: unknown[] = [];
    io.on("connection", (socket) => {
      socket.on("say", (text: unknown, done: () => void) => {
        handled.push(text);
        done();
      });
    });
    const client = nodeClient(t, url, LOSSY);
    await client.emitWithAck("say", "one");
    client.disconnect();
    client.connect();
    await client.emitWithAck("say", "two");
    assert.deepEqual(handled, ["one", "two"]);
  });
});
