/** An unmodified socket.io-client 4.8: what our users already have must simply work. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { describe, test, type TestContext } from "node:test";
import { EventError } from "../../src/shared/event-error.ts";
import type { Socket as ServerSocket } from "../../src/sockets/socket.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { type RunningServer, startServer } from "../support/fixture.ts";
import { nextOf, stockClient, type StockSocket } from "../support/stock-client.ts";
import { until } from "../support/until.ts";

/** A client that has joined, and the server's end of it. */
async function connectPair(
  t: TestContext,
  { io, url }: RunningServer,
  options?: Parameters<typeof stockClient>[2],
): Promise<{ client: StockSocket; socket: ServerSocket }> {
  const arriving = nextOf(io, "connection");
  const client = stockClient(t, url, options);
  await nextOf(client, "connect");
  const [socket] = await arriving;
  return { client, socket: socket as ServerSocket };
}

/** What a client has been told so far, in order: events are delivered in order, so the last one says that all came. */
function collect(client: StockSocket): { until(last: string): Promise<unknown[][]> } {
  const heard: unknown[][] = [];
  const waiting = new Map<string, () => void>();
  client.onAny((...event: unknown[]) => {
    heard.push(event);
    waiting.get(String(event[0]))?.();
  });
  return {
    until: async (last) => {
      const isThere = (): boolean => heard.some(([name]) => name === last);
      if (!isThere()) await new Promise<void>((resolve) => waiting.set(last, resolve));
      return heard.filter(([name]) => name !== last);
    },
  };
}

test("connects", async (t) => {
  const server = await startServer(t);
  const { client, socket } = await connectPair(t, server, { auth: { token: "abc" }, query: { room: "7" } });
  assert.equal(client.connected, true);
  assert.equal(client.id, socket.id);
  assert.match(socket.id, /^[A-Za-z0-9_-]{20}$/);
  assert.equal(client.io.engine.transport.name, "websocket");
  assert.ok(!client.recovered);
  assert.deepEqual(socket.handshake.auth, { token: "abc" });
  assert.equal(socket.handshake.query["room"], "7");
  assert.deepEqual([...socket.rooms], [socket.id]);
});

test("auth may be a function", async (t) => {
  const server = await startServer(t);
  const { socket } = await connectPair(t, server, { auth: (give) => give({ token: "later" }) });
  assert.deepEqual(socket.handshake.auth, { token: "later" });
});

describe("events and acknowledgements", () => {
  test("from the client", async (t) => {
    const server = await startServer(t);
    const { client, socket } = await connectPair(t, server);
    socket.on("add", (a: number, b: number, ack: (sum: number, more: string) => void) => ack(a + b, "more"));
    const reply = await new Promise((resolve) =>
      client.emit("add", 1, 2, (...args: unknown[]) => resolve(args)),
    );
    assert.deepEqual(reply, [3, "more"]);
    assert.equal(await client.emitWithAck("add", 3, 4), 7);
    assert.equal(await client.timeout(60_000).emitWithAck("add", 5, 6), 11);
  });

  test("from the server", async (t) => {
    const server = await startServer(t);
    const { client, socket } = await connectPair(t, server);
    client.on("add", (a: number, b: number, ack: (sum: number) => void) => ack(a + b));
    const reply = await new Promise((resolve) =>
      socket.emit("add", 1, 2, (...args: unknown[]) => resolve(args)),
    );
    assert.deepEqual(reply, [3]);
    assert.equal(await socket.emitWithAck("add", 3, 4), 7);
    assert.equal(await socket.timeout(60_000).emitWithAck("add", 5, 6), 11);
  });

  test("that never come run into the limit, on both sides", async (t) => {
    const server = await startServer(t);
    const { client, socket } = await connectPair(t, server);
    await assert.rejects(client.timeout(20).emitWithAck("silence"), /timed out/);
    await assert.rejects(socket.timeout(20).emitWithAck("silence"), { name: "AckError", code: "timeout" });
    const [error] = await new Promise<unknown[]>((resolve) => {
      socket.timeout(20).emit("silence", (...args: unknown[]) => resolve(args));
    });
    assert.ok(error instanceof Error);
  });

  test("are ordered, and carry what JSON can hold", async (t) => {
    const server = await startServer(t);
    const { client, socket } = await connectPair(t, server);
    const values = [null, true, 1.5, "ä€😀", [], {}, { a: [{ b: null }] }, '{"_placeholder":true}', "\u2028"];
    socket.on("echo", (...args: unknown[]) => socket.emit("echo", ...args));
    const heard = collect(client);
    for (const value of values) client.emit("echo", value, "second");
    socket.on("done", () => socket.emit("done"));
    client.emit("done");
    assert.deepEqual(
      await heard.until("done"),
      values.map((value) => ["echo", value, "second"]),
    );
  });

  test("volatile ones arrive where nothing is in the way", async (t) => {
    const server = await startServer(t);
    const { client, socket } = await connectPair(t, server);
    const heard = nextOf(client, "typing");
    socket.volatile.emit("typing", 1);
    assert.deepEqual(await heard, [1]);
    const said = nextOf(socket, "typing");
    client.volatile.emit("typing", 2);
    assert.deepEqual(await said, [2]);
  });
});

describe("binary", () => {
  test("events and acknowledgements, both ways", async (t) => {
    const server = await startServer(t);
    const { client, socket } = await connectPair(t, server);
    const [one, two] = [Buffer.from([1, 2, 3]), Buffer.alloc(70_000, 7)];
    socket.on("swap", (a: Buffer, { b }: { b: Buffer }, ack: (...args: unknown[]) => void) =>
      ack({ b: [b] }, a),
    );
    const reply = await new Promise((resolve) => {
      client.emit("swap", one, { b: two }, (...args: unknown[]) => resolve(args));
    });
    assert.deepEqual(reply, [{ b: [two] }, one]);
    client.on("swap", (a: Buffer, { b }: { b: Buffer }, ack: (...args: unknown[]) => void) =>
      ack({ b: [b] }, a),
    );
    const back = await new Promise((resolve) => {
      socket.emit("swap", one, { b: two }, (...args: unknown[]) => resolve(args));
    });
    assert.deepEqual(back, [{ b: [two] }, one]);
  });

  test("of every kind that the server may send, at most ten a packet", async (t) => {
    const server = await startServer(t);
    const { client, socket } = await connectPair(t, server);
    const bytes = Uint8Array.of(1, 2);
    const heard = nextOf(client, "kinds");
    socket.emit(
      "kinds",
      Buffer.from(bytes),
      bytes,
      bytes.buffer,
      new DataView(bytes.buffer),
      new Uint8Array(0),
    );
    const expected = Buffer.from(bytes);
    assert.deepEqual(await heard, [expected, expected, expected, expected, Buffer.alloc(0)]);
    const ten = nextOf(client, "ten");
    socket.emit(
      "ten",
      Array.from({ length: 10 }, () => bytes),
    );
    assert.deepEqual(await ten, [Array.from({ length: 10 }, () => expected)]);
    assert.throws(
      () =>
        socket.emit(
          "eleven",
          Array.from({ length: 11 }, () => bytes),
        ),
      /at most 10/,
    );
    assert.ok(client.connected);
  });

  test("is broadcast", async (t) => {
    const server = await startServer(t);
    const pairs = [await connectPair(t, server), await connectPair(t, server)];
    const heard = pairs.map(({ client }) => nextOf(client, "picture"));
    server.io.emit("picture", { bytes: Buffer.from("pixels") });
    for (const each of heard) assert.deepEqual(await each, [{ bytes: Buffer.from("pixels") }]);
  });
});

test("broadcasts reach whom they mean", async (t) => {
  const server = await startServer(t);
  const { io } = server;
  const ada = await connectPair(t, server);
  const bob = await connectPair(t, server);
  const eve = await connectPair(t, server);
  for (const { socket } of [ada, bob]) {
    socket.on("join", async (room: string, ack: () => void) => {
      await socket.join(room);
      ack();
    });
  }
  await ada.client.emitWithAck("join", "a");
  await bob.client.emitWithAck("join", "a");
  await bob.socket.join(["b", "c"]);
  const heard = [ada, bob, eve].map(({ client }) => collect(client));

  io.emit("1 all");
  io.to("a").emit("2 room a");
  io.to(["a", "b"]).in("c").emit("3 each once");
  io.except("b").emit("4 but b");
  io.to("a").except(ada.socket.id).emit("5 a but ada");
  io.to(eve.socket.id).emit("6 eve");
  ada.socket.broadcast.emit("7 all but ada");
  ada.socket.to("a").emit("8 a but ada");
  ada.socket.except("b").emit("9 neither ada nor b");
  io.of("/").to("b").volatile.emit("10 volatile");
  io.local.emit("11 local");
  await bob.socket.leave("a");
  io.to("a").emit("12 without bob");
  io.emit("end");

  const got = await Promise.all(
    heard.map(async (each) => (await each.until("end")).map(([name]) => Number.parseInt(String(name), 10))),
  );
  assert.deepEqual(got, [
    [1, 2, 3, 4, 11, 12],
    [1, 2, 3, 5, 7, 8, 10, 11],
    [1, 4, 6, 7, 9, 11],
  ]);
});

describe("namespaces", () => {
  test("several on one connection", async (t) => {
    const { io, url } = await startServer(t);
    const admin = io.of("/admin");
    admin.on("connection", (socket) => socket.emit("hello", "admin"));
    io.on("connection", (socket) => socket.emit("hello", "main"));
    const main = stockClient(t, url);
    const heard = [nextOf(main, "hello")];
    await nextOf(main, "connect");
    const second = main.io.socket("/admin");
    heard.push(nextOf(second, "hello"));
    assert.deepEqual(await Promise.all(heard), [["main"], ["admin"]]);
    assert.notEqual(main.id, second.id);
    // Leaving one leaves the other.
    const left = nextOf([...admin.sockets.values()][0]!, "disconnect");
    second.disconnect();
    assert.equal((await left)[0], "client namespace disconnect");
    assert.equal(main.connected, true);
    assert.equal(io.sockets.sockets.size, 1);
  });

  test("one that is not there", async (t) => {
    const { url } = await startServer(t);
    const client = stockClient(t, `${url}/nowhere`);
    const [error] = await nextOf(client, "connect_error");
    assert.equal((error as Error).message, "Invalid namespace");
    assert.equal(client.connected, false);
    assert.equal(client.active, false);
  });
});

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

describe("over every way of its own choice:", () => {
  for (const [what, transports, expected] of [
    ["its default, polling and then a WebSocket", ["polling", "websocket"], "websocket"],
    ["polling alone", ["polling"], "polling"],
    ["a WebSocket alone", ["websocket"], "websocket"],
    ["a WebSocket, and polling if need be", ["websocket", "polling"], "websocket"],
  ] as const) {
    test(what, async (t) => {
      const server = await startServer(t);
      const rawSockets: string[] = [];
      server.io.engine.on("connection", ({ transport }) => void rawSockets.push(transport.name));
      const { client, socket } = await connectPair(t, server, { transports: [...transports] });
      assert.deepEqual(rawSockets, [transports[0]]);
      assert.equal(server.io.engine.clientsCount, 1);
      const heard = collect(client);
      const sent = Array.from({ length: 200 }, (_, index) => ["number", index]);
      // While it moves, nothing may be lost, doubled or reordered.
      socket.on("echo", (value: unknown, ack: (same: unknown) => void) => ack(value));
      for (const [, index] of sent) {
        socket.emit("number", index);
        if (Number(index) % 20 === 0) assert.equal(await client.emitWithAck("echo", index), index);
      }
      if (client.io.engine.transport.name !== expected) await nextOf(client.io.engine, "upgrade");
      assert.equal(client.io.engine.transport.name, expected);
      const bytes = new Uint8Array(3000).map((_, index) => index);
      socket.on("bytes", (value: Buffer, ack: (same: Buffer) => void) => ack(value));
      const back = (await client.emitWithAck("bytes", bytes)) as Buffer;
      assert.deepEqual([...back], [...bytes]);
      socket.emit("done");
      assert.deepEqual(await heard.until("done"), sent);
      const left = nextOf(socket, "disconnect");
      client.disconnect();
      assert.equal((await left)[0], "client namespace disconnect");
    });
  }

  test("is refused where allowRequest says so", async (t) => {
    const server = await startServer(t, { allowRequest: (_request, callback) => callback("not you", false) });
    for (const transport of ["polling", "websocket"]) {
      const client = stockClient(t, server.url, { transports: [transport], reconnection: false });
      const [error] = (await nextOf(client, "connect_error")) as [{ description: unknown }];
      if (transport === "polling") assert.equal(error.description, 403);
    }
  });

  test("keeps a quiet session alive by polling", async (t) => {
    const server = await startServer(t, { pingInterval: 50, pingTimeout: 5000 });
    const { client, socket } = await connectPair(t, server, { transports: ["polling"] });
    for (let beat = 0; beat < 4; beat++) await nextOf(client.io.engine, "heartbeat");
    assert.equal(socket.connected, true);
  });
});

describe("the rest of the vocabulary", () => {
  test("middleware refuses with message and data, and lets in the next time", async (t) => {
    const { io, url } = await startServer(t);
    io.of("/admin").use((socket, next) => {
      const refused = Object.assign(new Error("Not authorized"), { data: { code: 7 } });
      next(socket.handshake.auth["token"] === "right" ? undefined : refused);
    });
    const client = stockClient(t, `${url}/admin`, { auth: { token: "wrong" } });
    const [error] = (await nextOf(client, "connect_error")) as [Error & { data: unknown }];
    assert.deepEqual([error.message, error.data, client.active], ["Not authorized", { code: 7 }, false]);
    client.auth = { token: "right" };
    client.connect();
    await nextOf(client, "connect");
    assert.equal(io.of("/admin").sockets.size, 1);
  });

  test("middleware that fails says nothing of the inside", async (t) => {
    const { io, url } = await startServer(t);
    io.on("handler_error", () => {});
    io.use(async () => {
      await Promise.reject(new Error("secret"));
    });
    const [error] = (await nextOf(stockClient(t, url), "connect_error")) as [Error];
    assert.equal(error.message, "The server could not decide about this connection.");
  });

  test("what a middleware emits arrives after the connect", async (t) => {
    const { io, url } = await startServer(t);
    io.use((socket, next) => {
      socket.emit("welcome", socket.id);
      setImmediate(next);
    });
    const client = stockClient(t, url);
    assert.deepEqual(await nextOf(client, "welcome"), [client.id]);
  });

  test("dynamic namespaces, on one connection", async (t) => {
    const { io, url } = await startServer(t);
    const parent = io.of(/^\/room-\d+$/);
    parent.on("connection", (socket) => socket.emit("hello", socket.nsp.name));
    const first = stockClient(t, `${url}/room-1`);
    const second = first.io.socket("/room-2");
    const heard = [nextOf(first, "hello"), nextOf(second, "hello")];
    assert.deepEqual(await Promise.all(heard), [["/room-1"], ["/room-2"]]);
    const news = [nextOf(first, "news"), nextOf(second, "news")];
    parent.emit("news", 1);
    assert.deepEqual(await Promise.all(news), [[1], [1]]);
    const [error] = (await nextOf(first.io.socket("/room-x"), "connect_error")) as [Error];
    assert.equal(error.message, "Invalid namespace");
    first.disconnect();
    second.disconnect();
    await until(() => parent.children.size === 0);
  });

  test("broadcasts that ask", async (t) => {
    const server = await startServer(t);
    const { io } = server;
    const pairs = [await connectPair(t, server), await connectPair(t, server)];
    for (const [index, { client }] of pairs.entries()) {
      client.on("score?", (add: number, ack: (score: number) => void) => ack(index + add));
      if (index === 0) client.on("slow?", (ack: (x: string) => void) => ack("here"));
    }
    const scores = await io.timeout(60_000).emitWithAck("score?", 10);
    assert.deepEqual(
      (scores as number[]).toSorted((one, other) => one - other),
      [10, 11],
    );
    await assert.rejects(io.timeout(100).emitWithAck("slow?"), { code: "timeout", responses: ["here"] });
    const others = await pairs[0]!.socket.broadcast.timeout(60_000).emitWithAck("score?", 0);
    assert.deepEqual(others, [1]);
    const [found] = await io.in(pairs[1]!.socket.id).fetchSockets();
    assert.equal(await found!.timeout(60_000).emitWithAck("score?", 5), 6);
  });

  test("errors of events change nothing for it: its own timeout ends", async (t) => {
    const server = await startServer(t);
    const { client, socket } = await connectPair(t, server);
    socket.use(([name], next) => next(name === "refused" ? new EventError("no", "No.") : undefined));
    socket.on("failing", () => {
      throw new EventError("no", "No.");
    });
    const waiting = ["refused", "failing"].map((name) => client.timeout(50).emitWithAck(name));
    await Promise.all(waiting.map((promise) => assert.rejects(promise, /timed out/)));
    assert.ok(client.connected);
  });

  test("send and message, both ways", async (t) => {
    const server = await startServer(t);
    const { client, socket } = await connectPair(t, server);
    const heard = nextOf(socket, "message");
    client.send("hi", 1);
    assert.deepEqual(await heard, ["hi", 1]);
    const told = nextOf(client, "message");
    socket.send("hello");
    assert.deepEqual(await told, ["hello"]);
  });
});
