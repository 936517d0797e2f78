import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Socket } from "../../../src/sockets/socket.ts";
import { Deferred } from "../../support/deferred.ts";
import { comeBack, DeliveryWorld, type DeliveryWorldOptions, join } from "../../support/delivery-world.ts";

/** A client, and handlers that settle when the test says so. */
function open(options: DeliveryWorldOptions = {}) {
  const world = new DeliveryWorld({ hasLog: false, turns: {}, ...options });
  /** What handlers were given, in order; a value that is "begun" settles by `settle`. */
  const begun: unknown[] = [];
  const works: Deferred<unknown>[] = [];
  const reasons: unknown[] = [];
  const sockets: Socket[] = [];
  world.main.on("connection", (socket: Socket) => {
    sockets.push(socket);
    socket.on("work", (value: unknown) => {
      begun.push(value);
      const work = new Deferred<unknown>();
      works.push(work);
      return work.promise;
    });
    socket.on("now", (value: unknown, answer?: (value: unknown) => void) => {
      begun.push(value);
      answer?.(value);
    });
    socket.on("disconnect", (reason: unknown) => void reasons.push(reason));
  });
  const turn = async (): Promise<void> => {
    for (let turns = 0; turns < 8; turns += 1) await Promise.resolve();
  };
  const settle = async (index: number, error?: Error): Promise<void> => {
    if (error === undefined) works[index]!.resolve(undefined);
    else works[index]!.reject(error);
    await turn();
  };
  return { world, begun, works, reasons, sockets, turn, settle };
}

/** One that has joined the main namespace. */
function connected(options: DeliveryWorldOptions = {}) {
  const opened = open(options);
  const client = opened.world.open("");
  client.send("0");
  const { sid } = client.answer();
  return { ...opened, client, sid, socket: opened.sockets[0]! };
}

test("an event is handled when the handlers of the one before have settled, also if they fail", async () => {
  const { client, begun, settle, world } = connected();
  for (const value of [1, 2, 3]) client.send(`2["work",${value}]`);
  client.send('27["now",4]');
  assert.deepEqual(begun, [1]);
  await settle(0);
  assert.deepEqual(begun, [1, 2]);
  await settle(1, new Error("handler"));
  assert.deepEqual(begun, [1, 2, 3]);
  assert.deepEqual(client.take(), []);
  await settle(2);
  assert.deepEqual(begun, [1, 2, 3, 4]);
  assert.deepEqual(client.take(), ["37[4]"]);
  assert.deepEqual(
    world.failures.map((error) => (error as Error).message),
    ["handler"],
  );
});

test("what is handled at once needs no queue, and is never paused for", () => {
  const { client, begun } = connected({ turns: { maxWaitingEvents: 1 } });
  for (let value = 0; value < 1000; value++) {
    client.send(`2["now",${value}]`);
    assert.equal(client.session.isPaused, false);
  }
  assert.equal(begun.length, 1000);
});

test("many that wait and are handled at once follow each other without growing the stack", async () => {
  const { client, begun, settle } = connected({
    turns: { maxWaitingEvents: 1e6, maxWaitingEventBytes: 1e9 },
  });
  client.send('2["work",0]');
  for (let value = 1; value <= 20_000; value++) client.send(`2["now",${value}]`);
  await settle(0);
  assert.deepEqual(
    begun,
    Array.from({ length: 20_001 }, (_, value) => value),
  );
});

test("all listeners are waited for: those for every event, too, and each of several", async () => {
  const { client, begun, socket, settle, turn } = connected();
  const any = new Deferred();
  const other = new Deferred();
  socket.onAny(() => any.promise);
  socket.onAny(() => {
    throw new Error("any");
  });
  socket.on("work", () => other.promise);
  client.send('2["work",1]');
  client.send('2["now",2]');
  await settle(0);
  assert.deepEqual(begun, [1]);
  other.resolve();
  await turn();
  assert.deepEqual(begun, [1]);
  any.resolve();
  await turn();
  assert.deepEqual(begun, [1, 2]);
});

test("so is middleware, what it does behind next() as well; and schemas", async () => {
  const { client, begun, socket, world, turn } = connected();
  const steps: Deferred[] = [];
  const step = (): Promise<void> => {
    const work = new Deferred();
    steps.push(work);
    return work.promise;
  };
  socket.use(async (_event, next) => {
    await step();
    next();
    await step();
  });
  world.main.validate({
    now: {
      "~standard": {
        version: 1,
        vendor: "test",
        validate: (value: unknown) => step().then(() => ({ value })),
      },
    },
  } as never);
  client.send('2["now",1]');
  client.send('2["now",2]');
  // What it does before, the schema, and what it does behind.
  for (const [settled, handled, begunSteps] of [
    [0, [], 3],
    [1, [1], 3],
    [2, [1], 4],
    [3, [1], 6],
    [5, [1], 6],
    [4, [1, 2], 6],
  ] as const) {
    steps[settled]!.resolve();
    await turn();
    assert.deepEqual([begun, steps.length], [handled, begunSteps], `after step ${settled}`);
  }
});

test("what middleware refuses is over", async () => {
  const { client, begun, socket } = connected();
  socket.use(([name], next) => next(name === "work" ? new Error("no") : undefined));
  socket.on("error", () => {});
  client.send('2["work",1]');
  client.send('2["now",2]');
  assert.deepEqual(begun, [2]);
});

test("namespaces do not wait for each other", async () => {
  const { client, begun, world } = connected();
  world.namespaces.of("/other").on("connection", (socket: Socket) => {
    socket.on("now", (value: unknown) => void begun.push(value));
  });
  client.send("0/other,");
  client.take();
  client.send('2["work",1]');
  client.send('2/other,["now",2]');
  assert.deepEqual(begun, [1, 2]);
});

describe("when much waits", () => {
  test("reading stops, over all namespaces, and goes on when half of it has been handled", async () => {
    const { client, begun, settle } = connected({ turns: { maxWaitingEvents: 4 } });
    for (let value = 1; value <= 10; value++) client.send(`2["work",${value}]`);
    assert.equal(client.unread, 5);
    await settle(0);
    assert.equal(client.unread, 5);
    // Two wait: two more are read.
    await settle(1);
    assert.equal(client.unread, 3);
    for (let index = 2; index < 10; index++) await settle(index);
    assert.deepEqual(begun, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    assert.equal(client.session.isPaused, false);
  });

  test("bytes count, with attachments", async () => {
    const { client, settle } = connected({ turns: { maxWaitingEventBytes: 1000 } });
    client.send('2["work",1]');
    client.send('51-["work",{"_placeholder":true,"num":0}]');
    client.session.handler!.receiveBinary(new Uint8Array(900));
    assert.equal(client.session.isPaused, false);
    client.send(`2["work","${"x".repeat(100)}"]`);
    assert.equal(client.session.isPaused, true);
    await settle(0);
    assert.equal(client.session.isPaused, false);
  });

  test("an acknowledgement that a handler waits for is read all the same", async () => {
    const { client, begun, socket, settle, turn } = connected({ turns: { maxWaitingEvents: 4 } });
    socket.on("ask", async () => {
      begun.push(await socket.emitWithAck("question"));
    });
    client.send('2["work",1]');
    client.send('2["ask"]');
    for (let value = 2; value <= 20; value++) client.send(`2["now",${value}]`);
    client.send('30["answer"]');
    assert.equal(client.unread, 17);
    await settle(0);
    // The handler has asked: all is read, and the answer behind it.
    assert.deepEqual(client.take(), ['20["question"]']);
    await turn();
    assert.equal(client.unread, 0);
    assert.deepEqual(begun.slice(0, 4), [1, "answer", 2, 3]);
    assert.equal(begun.length, 21);
    assert.equal(client.session.isPaused, false);
  });

  test("beyond sixteen times as much it is not; then a time limit helps", async () => {
    const { client, world, begun, socket, turn } = connected({ turns: { maxWaitingEvents: 2 } });
    socket.on("ask", async () => {
      await assert.rejects(socket.timeout(1000).emitWithAck("question"), { code: "timeout" });
      begun.push("late");
    });
    client.send('2["ask"]');
    for (let value = 1; value <= 40; value++) client.send(`2["now",${value}]`);
    client.send("30[1]");
    assert.equal(client.unread, 9);
    await turn();
    assert.deepEqual(begun, []);
    world.clock.advance(1000);
    await turn();
    assert.equal(client.unread, 0);
    assert.equal(begun.length, 41);
  });
});

describe("at the end", () => {
  test("of a socket, what waits is dropped, and reading goes on", async () => {
    for (const end of ["1", "server"]) {
      const { client, begun, reasons, socket, world, settle } = connected({ turns: { maxWaitingEvents: 3 } });
      world.namespaces.of("/other");
      client.send("0/other,");
      client.take();
      for (const value of [1, 2, 3]) client.send(`2["work",${value}]`);
      if (end === "server") {
        client.send('2["work",4]');
        assert.equal(client.session.isPaused, true);
        socket.disconnect();
      } else client.send(end);
      assert.equal(reasons.length, 1);
      assert.equal(client.session.isPaused, false);
      await settle(0);
      assert.deepEqual(begun, [1]);
      assert.ok(client.session.isOpen);
      assert.equal(world.clock.pending, 0);
    }
  });

  test("of the session, too", async () => {
    const { client, begun, settle, world } = connected();
    for (const value of [1, 2, 3]) client.send(`2["work",${value}]`);
    client.drop();
    await settle(0);
    assert.deepEqual(begun, [1]);
    assert.equal(world.clock.pending, 0);
  });

  test("in a handler of one that is handled at once, what came behind it is dropped", () => {
    const { client, begun, socket } = connected();
    socket.on("leave", () => void socket.disconnect());
    client.send('2["leave"]');
    client.send('2["now",1]');
    assert.deepEqual(begun, []);
  });
});

describe("a handler that does not settle", () => {
  test("ends the connection when its time is over, and is reported by name", async () => {
    const { client, reasons, world, begun } = connected({ turns: { handlerTimeout: 1000 } });
    client.send('2["work",1]');
    client.send('2["now",2]');
    world.clock.advance(999);
    assert.deepEqual(reasons, []);
    world.clock.advance(1);
    assert.deepEqual(reasons, ["handler timeout"]);
    assert.equal(client.session.isOpen, false);
    assert.match((world.failures[0] as Error).message, /"work" did not settle in time \("handlerTimeout"\)/);
    assert.deepEqual(begun, [1]);
    assert.equal(world.clock.pending, 0);
  });

  test("each has the whole time", async () => {
    const { client, reasons, world, settle } = connected({ turns: { handlerTimeout: 1000 } });
    for (const value of [0, 1, 2]) client.send(`2["work",${value}]`);
    for (const value of [0, 1, 2]) {
      world.clock.advance(999);
      await settle(value);
    }
    assert.deepEqual(reasons, []);
    assert.equal(world.clock.pending, 0);
  });

  test("so does a middleware that does not call next", () => {
    const { client, reasons, world, socket } = connected({ turns: { handlerTimeout: 1000 } });
    socket.use(() => {});
    client.send('2["now",1]');
    world.clock.advance(1000);
    assert.deepEqual(reasons, ["handler timeout"]);
  });
});

describe("of an outbox", () => {
  test("one whose handlers take too long has failed, and is done: those behind it go on", async () => {
    const { world, begun, works, turn } = open({ hasLog: true, turns: { handlerTimeout: 1000 } });
    const first = await join(world, { query: "delivery=1&errors=1" });
    first.client.send('2@1,7["work",1]');
    first.client.send('2@2,["now",2]');
    world.clock.advance(1000);
    await world.settle();
    assert.equal(first.client.session.isOpen, false);
    const back = await comeBack(world, first.seat, 0);
    assert.equal(back.seat.sequence, 1);
    assert.match(back.missed.join(), /^4@1,7\{"code":"handler_failed"/);
    back.client.send('2@2,["now",2]');
    assert.deepEqual(begun, [1, 2]);
    works[0]!.resolve(undefined);
    await turn();
    assert.equal(world.failures.length, 1);
  });

  test("that is so as well if the client was lost before, and leaves it alone when it is back", async () => {
    const { world, begun, reasons } = open({ hasLog: true, turns: { handlerTimeout: 1000 } });
    const first = await join(world);
    first.client.send('2@1,["work",1]');
    first.client.drop();
    await world.settle();
    const back = await comeBack(world, first.seat, 0);
    back.client.send('2@1,["work",1]');
    back.client.send('2@2,["now",2]');
    assert.deepEqual(begun, [1, 2]);
    world.clock.advance(1000);
    await world.settle();
    back.client.take();
    back.client.send('2@3,["now",3]');
    world.clock.advance(1000);
    assert.deepEqual(back.client.take(), ["3@3,"]);
    assert.deepEqual([reasons, back.client.session.isOpen], [["transport close"], true]);
    assert.match((world.failures[0] as Error).message, /handlerTimeout/);
  });

  test("events that wait are under way; those that were dropped come again", async () => {
    const { world, begun, settle } = open({ hasLog: true });
    const first = await join(world);
    for (const value of [1, 2, 3]) first.client.send(`2@${value},["work",${value}]`);
    await world.settle();
    assert.deepEqual(begun, [1]);
    await settle(0);
    assert.deepEqual(begun, [1, 2]);
    first.client.drop();
    await settle(1);
    assert.deepEqual(begun, [1, 2]);
    const second = await comeBack(world, first.seat, first.seat.offset);
    assert.equal(second.seat.sequence, 2);
    second.client.send('2@3,["work",3]');
    assert.deepEqual(begun, [1, 2, 3]);
    await settle(2);
    world.clock.advance(1000);
    await world.settle();
    assert.deepEqual(second.client.take(), ["3@3,"]);
  });
});
