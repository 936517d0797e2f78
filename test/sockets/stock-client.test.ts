/** An unmodified socket.io-client 4.8: what our users already have must simply work. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { EventError } from "../../src/shared/event-error.ts";
import { startServer } from "../support/fixture.ts";
import { collect, connectPair, nextOf } from "../support/stock-client.ts";

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
      /more than 10/i,
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

describe("broadcasts", () => {
  test("reach whom they mean", async (t) => {
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

  test("ask", async (t) => {
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
});
