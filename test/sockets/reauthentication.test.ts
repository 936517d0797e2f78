/** docs/protocol/reauthentication.md, and what `authenticatedFor` and `reauthenticate` promise. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { EventError } from "../../src/shared/event-error.ts";
import type { Socket } from "../../src/sockets/socket.ts";
import {
  comeBack,
  DeliveryWorld,
  join,
  socketOf,
  type WireClient,
  type WireSeat,
} from "../support/delivery-world.ts";

interface Guest {
  readonly world: DeliveryWorld;
  readonly client: WireClient;
  readonly socket: Socket;
  /** What middleware has seen of each try. */
  readonly seen: unknown[];
  /** Why the socket ended. */
  readonly ends: string[];
  readonly seat: WireSeat | undefined;
}

/** A client that gives `auth`; whoever shows a token `bad` is refused. */
async function guest(auth: object, enter?: (socket: Socket) => void, hasLog = false): Promise<Guest> {
  const world = new DeliveryWorld({ hasLog });
  const seen: unknown[] = [];
  const ends: string[] = [];
  world.main.use((socket, next) => {
    seen.push(socket.handshake.auth);
    enter?.(socket as unknown as Socket);
    next(socket.handshake.auth["token"] === "bad" ? new Error("bad") : undefined);
  });
  world.main.on("connection", (socket) => {
    socket.on("disconnect", (reason) => void ends.push(reason));
  });
  const client = world.open(hasLog ? "delivery=1" : "");
  client.send(`0${JSON.stringify(auth)}`);
  await world.settle();
  const { sid, $seat } = client.answer();
  return { world, client, socket: socketOf(world, sid), seen, ends, seat: $seat };
}

const RENEWABLE = { token: "a", $renew: true };

describe("asking a client again who it is", () => {
  test("middleware decides about what it gives; the application never sees what is ours", async () => {
    const { world, client, socket, seen, ends } = await guest(RENEWABLE);
    const asked = socket.reauthenticate();
    assert.deepEqual(client.take(), ['20["$auth"]']);
    client.send('30[{"token":"b"}]');
    assert.equal(await asked, true);
    assert.deepEqual(seen, [{ token: "a" }, { token: "b" }]);
    assert.deepEqual(socket.handshake.auth, { token: "b" });
    await world.settle();
    assert.deepEqual([client.take(), ends], [[], []]);
  });

  test("who is refused has to leave", async () => {
    const { client, socket, ends } = await guest(RENEWABLE);
    const asked = socket.reauthenticate();
    client.take();
    client.send('30[{"token":"bad"}]');
    assert.equal(await asked, false);
    assert.deepEqual([client.take(), ends], [["1"], ["server namespace disconnect"]]);
  });

  for (const [what, auth] of [
    ["who has not said so", { token: "a" }],
    ["who says it in another way", { token: "a", $renew: 1 }],
    ["who gives nothing", {}],
  ] as const) {
    test(`${what} is not asked`, async () => {
      const { client, socket, seen } = await guest(auth);
      assert.equal(await socket.reauthenticate(), false);
      assert.deepEqual([client.take(), seen, socket.connected], [[], [auth], true]);
      client.send('2["$auth"]');
      assert.deepEqual(client.take(), []);
    });
  }

  for (const [what, answer] of [
    ["an answer that is no object", '30["token"]'],
    ["a list", "30[[1]]"],
    ["an error", undefined],
  ] as const) {
    test(`${what}: nothing is decided, and the client stays`, async () => {
      const { world, client, socket, seen } = await guest(RENEWABLE);
      const asked = socket.reauthenticate();
      client.take();
      if (answer === undefined) world.clock.advance(10_000);
      else client.send(answer);
      assert.equal(await asked, false);
      assert.deepEqual([seen.length, socket.connected], [1, true]);
    });
  }

  test("nothing given is nothing shown, as at the first time", async () => {
    const { client, socket, seen } = await guest(RENEWABLE);
    const asked = socket.reauthenticate();
    client.send("30[null]");
    assert.equal(await asked, true);
    assert.deepEqual(seen[1], {});
  });

  test("one question at a time, however often it is asked for, by both sides", async () => {
    const { client, socket, seen } = await guest(RENEWABLE);
    const asked = [socket.reauthenticate(), socket.reauthenticate()];
    client.send('2["$auth"]');
    client.send('2["$auth"]');
    assert.deepEqual(client.take(), ['20["$auth"]']);
    client.send('30[{"token":"b"}]');
    assert.deepEqual(await Promise.all(asked), [true, true]);
    assert.equal(seen.length, 2);
    client.send('2["$auth"]');
    assert.deepEqual(client.take(), ['21["$auth"]']);
  });

  test("the application's middleware and listeners do not see that a client asks for it", async () => {
    const { client, socket } = await guest(RENEWABLE);
    const seen: unknown[] = [];
    socket.use(([name], next) => {
      seen.push(name);
      next(new Error("unknown"));
    });
    socket.onAny((name) => void seen.push(name));
    socket.removeAllListeners();
    client.send('2["$auth"]');
    assert.deepEqual([client.take(), seen], [['20["$auth"]'], []]);
  });

  test("a client that leaves meanwhile is not decided about", async () => {
    const { world, client, socket, seen } = await guest(RENEWABLE);
    const asked = socket.reauthenticate();
    client.drop();
    assert.equal(await asked, false);
    assert.equal(seen.length, 1);
    assert.equal(world.clock.pending, 0);
  });

  test("a middleware that fails refuses, and that is reported", async () => {
    let isBroken = false;
    const { world, client, socket } = await guest(RENEWABLE, () => {
      if (isBroken) throw new EventError("x", "broken");
    });
    isBroken = true;
    const asked = socket.reauthenticate();
    client.send('30[{"token":"b"}]');
    assert.equal(await asked, false);
    assert.equal(world.failures.length, 1);
  });
});

describe("an authentication that holds for a time", () => {
  test("is asked for before it ends; what middleware says then counts from then on", async () => {
    const { world, client, socket, ends } = await guest(
      RENEWABLE,
      (one) => void one.authenticatedFor(60_000),
    );
    for (let round = 0; round < 3; round += 1) {
      world.clock.advance(49_999);
      assert.deepEqual(client.take(), []);
      world.clock.advance(1);
      assert.deepEqual(client.take(), [`2${round}["$auth"]`]);
      client.send(`3${round}[{"token":"b"}]`);
      await world.settle();
    }
    assert.deepEqual([socket.connected, ends], [true, []]);
  });

  test("ends the connection if it is not renewed", async () => {
    const { world, client, ends } = await guest(RENEWABLE, (one) => void one.authenticatedFor(60_000));
    world.clock.advance(59_999);
    assert.deepEqual([client.take(), ends], [['20["$auth"]'], []]);
    world.clock.advance(1);
    assert.deepEqual([client.take(), ends], [["END"], ["authentication expired"]]);
    assert.equal(world.clock.pending, 0);
  });

  test("of a client that can't be asked, too: without a question", async () => {
    const { world, client, ends } = await guest({ token: "a" }, (one) => void one.authenticatedFor(60_000));
    world.clock.advance(60_000);
    assert.deepEqual([client.take(), ends], [["END"], ["authentication expired"]]);
  });

  test("a short one is asked for when half of it is over", async () => {
    const { world, client } = await guest(RENEWABLE, (one) => void one.authenticatedFor(5000));
    world.clock.advance(2499);
    assert.deepEqual(client.take(), []);
    world.clock.advance(1);
    assert.deepEqual(client.take(), ['20["$auth"]']);
    world.clock.advance(2500);
    assert.deepEqual(client.take(), ["END"]);
  });

  test("longer than a timer can wait, or for ever", async () => {
    const year = 365 * 24 * 3_600_000;
    const { world, client, socket, ends } = await guest({}, (one) => void one.authenticatedFor(year));
    world.clock.advance(year - 1);
    assert.deepEqual(ends, []);
    socket.authenticatedFor(Infinity);
    world.clock.advance(year);
    assert.deepEqual([client.take(), ends, world.clock.pending], [[], [], 0]);
  });

  for (const wrong of [0, -1, Number.NaN, undefined]) {
    test(`${wrong} milliseconds are a RangeError`, async () => {
      const { socket } = await guest({});
      assert.throws(() => socket.authenticatedFor(wrong as number), RangeError);
    });
  }

  test("said of one that is gone, it starts nothing", async () => {
    const { world, client, socket } = await guest({});
    client.drop();
    socket.authenticatedFor(1000);
    assert.equal(world.clock.pending, 0);
  });

  test("with delivery the seat stays for who comes back with another token", async () => {
    const { world, seat, ends } = await guest(RENEWABLE, (one) => void one.authenticatedFor(60_000), true);
    world.clock.advance(60_000);
    world.main.emit("n", 1);
    await world.settle();
    assert.deepEqual(ends, ["authentication expired"]);
    assert.deepEqual((await comeBack(world, seat!, 0)).missed, ['2@1,["n",1]']);
  });

  test("in middleware that is left out for who comes back it is a TypeError: nobody would look again", async () => {
    const world = new DeliveryWorld({ skipMiddlewares: true });
    const failed: unknown[] = [];
    world.main.use((socket, next) => {
      try {
        socket.authenticatedFor(1000);
      } catch (error) {
        failed.push(error);
      }
      next();
    });
    const { socket, client } = await join(world);
    assert.match(String(failed[0]), /^TypeError: .*"skipMiddlewares"/);
    // A listener for "connection" hears of those who come back as well.
    socket.authenticatedFor(1000);
    world.clock.advance(1000);
    assert.equal(client.session.isOpen, false);
  });
});
