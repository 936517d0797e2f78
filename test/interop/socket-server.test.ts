import assert from "node:assert/strict";
import { createServer } from "node:http";
import { describe, test, type TestContext } from "node:test";
import { Server, type ServerOptions } from "socket.io";
import { delivery } from "../../src/client/delivery/index.ts";
import type { TransportName } from "../../src/client/options.ts";
import { undoAfter } from "../support/fixture.ts";
import { listen } from "../support/listen.ts";
import { nodeClient } from "../support/node-client.ts";
import { nextOf } from "../support/stock-client.ts";

/** A server of Socket.IO, as npm has it. */
async function stockServer(t: TestContext, options: Partial<ServerOptions> = {}) {
  const http = createServer();
  const io = new Server(http, options);
  undoAfter(t, () => io.close());
  return { io, url: `http://127.0.0.1:${await listen(http)}` };
}

const WAYS: readonly (readonly [string, readonly TransportName[] | undefined])[] = [
  ["whatever gets through", undefined],
  ["WebSocket", ["websocket"]],
  ["polling", ["polling"]],
  ["polling, then WebSocket", ["polling", "websocket"]],
];

describe("our client with a server of Socket.IO, over", () => {
  for (const [name, transports] of WAYS) {
    test(name, async (t) => {
      const { io, url } = await stockServer(t);
      io.on("connection", (socket) => {
        socket.on("echo", (...args) => (args.pop() as (...args: unknown[]) => void)(...args));
        socket.on("ask me", async (ack: (answer: unknown) => void) =>
          ack(await socket.timeout(5000).emitWithAck("what", Buffer.of(1))),
        );
      });
      const client = nodeClient(t, url, transports === undefined ? {} : { transports });
      client.on("what", (bytes: Buffer, ack: (answer: unknown) => void) => ack({ bytes, more: "ä😀" }));
      const moving = transports?.length === 2 ? nextOf(client.io.engine, "upgrade") : undefined;
      for (const value of [
        1,
        "ä€😀",
        null,
        { a: [true] },
        Buffer.of(1, 2),
        { deep: [Buffer.alloc(100_000, 7)] },
      ]) {
        assert.deepEqual(await client.emitWithAck("echo", value), value);
      }
      assert.deepEqual(await client.emitWithAck("ask me"), { bytes: Buffer.of(1), more: "ä😀" });
      await moving;
      if (moving !== undefined) {
        assert.equal(client.io.engine.transport.name, "websocket");
        assert.equal(await client.emitWithAck("echo", "after the move"), "after the move");
      }
    });
  }

  test("one connection, for several namespaces, one of them dynamic", async (t) => {
    const { io, url } = await stockServer(t);
    for (const name of ["/", "/admin", /^\/room-\d+$/]) {
      io.of(name).on("connection", (socket) => {
        socket.emit("hello", socket.nsp.name, socket.handshake.auth);
      });
    }
    const main = nodeClient(t, url);
    const others = ["/admin", "/room-1", "/room-2"].map((name) => main.io.socket(name, { auth: { name } }));
    const all = [main, ...others];
    assert.deepEqual(
      await Promise.all(all.map((socket) => nextOf(socket, "hello"))),
      all.map(({ nsp }) => [nsp, nsp === "/" ? {} : { name: nsp }]),
    );
    assert.equal(io.engine.clientsCount, 1);
    const nowhere = main.io.socket("/nowhere");
    const [error] = await nextOf(nowhere, "connect_error");
    assert.equal((error as Error).message, "Invalid namespace");
    const left = others.map((socket) => nextOf(io.of(socket.nsp).sockets.get(socket.id!)!, "disconnect"));
    for (const socket of others) socket.disconnect();
    assert.deepEqual(
      await Promise.all(left),
      others.map(() => ["client namespace disconnect", undefined]),
    );
    assert.equal(main.connected, true);
  });

  test("refused by middleware, with data, then let in with another token", async (t) => {
    const { io, url } = await stockServer(t);
    io.use((socket, next) => {
      if (socket.handshake.auth["token"] === "right") next();
      else next(Object.assign(new Error("Not authorized"), { data: { hint: "token" } }));
    });
    const client = nodeClient(t, url, { auth: { token: "wrong" } });
    const [error] = (await nextOf(client, "connect_error")) as [Error & { data: unknown }];
    assert.deepEqual(
      [error.message, error.data, client.active],
      ["Not authorized", { hint: "token" }, false],
    );
    client.auth = { token: "right" };
    client.connect();
    await nextOf(client, "connect");
  });

  test("comes back when the connection is lost, and sends what waited", async (t) => {
    const { io, url } = await stockServer(t);
    const client = nodeClient(t, url, { transports: ["websocket"] });
    await nextOf(client, "connect");
    const heard: unknown[] = [];
    const done = new Promise<void>((resolve) => {
      io.on("connection", (socket) => {
        socket.on("late", (value: unknown) => {
          heard.push(value);
          if (heard.length === 3) resolve();
        });
      });
    });
    const lost = nextOf(client, "disconnect");
    io.sockets.sockets.get(client.id!)!.conn.close();
    assert.equal((await lost)[0], "transport close");
    for (const value of [1, 2, 3]) client.emit("late", value);
    await done;
    assert.deepEqual(heard, [1, 2, 3]);
  });

  test("is sent away by the server, and does not come back", async (t) => {
    const { io, url } = await stockServer(t);
    io.on("connection", (socket) => void socket.disconnect());
    const client = nodeClient(t, url);
    assert.deepEqual(await nextOf(client, "disconnect"), ["io server disconnect"]);
    assert.equal(client.active, false);
  });

  for (const [what, options] of [
    ["", {}],
    [", also with an outbox that it does not know", { delivery: delivery() }],
  ] as const) {
    test(`recovers a connection where the server does${what}`, async (t) => {
      const { io, url } = await stockServer(t, { connectionStateRecovery: {} });
      const client = nodeClient(t, url, { transports: ["websocket"], ...options });
      const arrived = nextOf(io, "connection");
      await nextOf(client, "connect");
      io.emit("news", 1);
      await nextOf(client, "news");
      await arrived;
      const { id } = client;
      client.io.reconnection(false);
      const [lost, gone] = [nextOf(client, "disconnect"), nextOf(io.sockets.sockets.get(id!)!, "disconnect")];
      client.io.engine.close();
      await Promise.all([lost, gone]);
      io.emit("news", 2);
      const [missed, back] = [nextOf(client, "news"), nextOf(client, "connect")];
      client.connect();
      assert.equal((await missed)[0], 2);
      await back;
      assert.deepEqual([client.recovered, client.id], [true, id]);
    });
  }

  test("sends an event again until it is acknowledged", async (t) => {
    const { io, url } = await stockServer(t);
    const heard: unknown[] = [];
    io.on("connection", (socket) => {
      socket.on("save", (value: unknown, ack: () => void) => {
        heard.push(value);
        if (heard.length === 2) socket.conn.close();
        else if (heard.length > 2) ack();
      });
    });
    const client = nodeClient(t, url, { transports: ["websocket"], retries: 5, ackTimeout: 50 });
    await Promise.all([client.emitWithAck("save", "a"), client.emitWithAck("save", "b")]);
    assert.deepEqual([...new Set(heard)], ["a", "b"]);
    assert.ok(heard.indexOf("b") > heard.lastIndexOf("a"));
  });
});
