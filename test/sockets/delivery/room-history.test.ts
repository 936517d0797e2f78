import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { LogPosition } from "../../../src/sockets/delivery/room-history.ts";
import { comeBack, DeliveryWorld, join, LOGS, socketOf } from "../../support/delivery-world.ts";

/** The numbers that were sent, in the order in which they came. */
function numbers(packets: readonly string[]): number[] {
  return packets
    .filter((packet) => packet.startsWith("2"))
    .map((packet) => JSON.parse(packet.slice(packet.indexOf("["))).at(1));
}

for (const [what, makeLog] of Object.entries(LOGS)) {
  const isAsync = what !== "a log in memory";

  describe(`the history of a room over ${what}`, () => {
    const worldWith = async (count: number) => {
      const world = new DeliveryWorld({ log: makeLog() });
      const tell = (value: number, room = "a"): void => void world.main.to(room).emit("n", value);
      for (let value = 1; value <= count; value += 1) tell(value);
      await world.settle();
      return { world, tell };
    };

    for (const [who, query] of [
      ["who can come back", undefined],
      ["who can't", ""],
    ] as const) {
      test(`${who}: the last ones come first, then what is sent from then on, each once`, async () => {
        const { world, tell } = await worldWith(10);
        const { client, socket } = await join(world, { ...(query !== undefined && { query }) });
        // Some are still on their way into the log.
        tell(11);
        tell(0, "b");
        void socket.join("a", { history: 4 });
        tell(12);
        await world.settle();
        tell(13);
        await world.settle();
        // What comes while the log looks for them is among them.
        assert.deepEqual(numbers(client.take()), isAsync ? [9, 10, 11, 12, 13] : [8, 9, 10, 11, 12, 13]);
      });
    }

    test("all there is, if that is less; nothing, if there is nothing", async () => {
      const { world, tell } = await worldWith(2);
      const { client, socket } = await join(world);
      await Promise.all([socket.join(["a", "empty"], { history: 1000 }), world.settle()]);
      tell(3, "empty");
      await world.settle();
      assert.deepEqual(numbers(client.take()), [1, 2, 3]);
      assert.deepEqual([...socket.rooms].toSorted(), ["a", "empty", socket.id].toSorted());
    });

    test("who is in the room has had it", async () => {
      const { world } = await worldWith(3);
      const { client, socket } = await join(world);
      await socket.join("a");
      await Promise.all([socket.join("a", { history: 3 }), world.settle()]);
      assert.deepEqual(client.take(), []);
    });

    test("what was not for it is left out", async () => {
      const { world } = await worldWith(0);
      const { client, socket } = await join(world);
      void socket.join("b");
      world.main.to("a").except("b").emit("n", 1);
      world.main.to("a").emit("n", 2);
      await world.settle();
      await Promise.all([socket.join("a", { history: 9 }), world.settle()]);
      assert.deepEqual(numbers(client.take()), [2]);
    });

    test("who has all of it comes back, and nothing of it comes a second time", async () => {
      const { world, tell } = await worldWith(5);
      const { client, socket, seat } = await join(world);
      await Promise.all([socket.join("a", { history: 3 }), world.settle()]);
      const history = client.take();
      assert.deepEqual(history, ['2["n",3]', '2["n",4]', '2@6,["n",5]']);
      client.drop();
      await world.settle();
      tell(6);
      await world.settle();
      const again = await comeBack(world, seat, 6);
      assert.equal(again.seat.recovered, true);
      assert.deepEqual(numbers(again.missed), [6]);
    });

    test("who may lack some of it is told of a gap", async () => {
      const { world } = await worldWith(5);
      const { client, socket, seat } = await join(world);
      await Promise.all([socket.join("a", { history: 3 }), world.settle()]);
      client.drop();
      await world.settle();
      const again = await comeBack(world, seat, 5);
      assert.equal(again.seat.recovered, undefined);
      assert.notEqual(again.seat.key, seat.key);
    });

    test("what is large is not logged again: it is certain two pings later", async () => {
      for (const pings of [0, 1, 2]) {
        const { world } = await worldWith(2);
        world.main.to("a").emit("n", 3, "x".repeat(2000));
        await world.settle();
        const { client, socket, seat } = await join(world);
        await Promise.all([socket.join("a", { history: 2 }), world.settle()]);
        assert.deepEqual(numbers(client.take()), [2, 3]);
        assert.equal(world.logs.get("/")!.head, 3);
        for (let ping = 0; ping < pings; ping += 1) {
          client.ping();
          client.take();
        }
        client.drop();
        await world.settle();
        assert.equal((await comeBack(world, seat, 3)).seat.recovered, pings === 2 ? true : undefined);
      }
    });

    test("a client that joins and leaves again and again adds little to the log", async () => {
      const { world } = await worldWith(500);
      const [peer, other] = [await join(world), await join(world)];
      const log = world.logs.get("/")!;
      const { head } = log;
      for (let round = 1; round <= 20; round += 1) {
        await Promise.all([peer.socket.join("a", { history: 500 }), world.settle()]);
        assert.equal(numbers(peer.client.take()).length, 500);
        await peer.socket.leave("a");
        assert.equal(log.head, head + round);
      }
      other.client.drop();
      await world.settle();
      assert.equal((await comeBack(world, other.seat, other.seat.offset)).seat.recovered, true);
    });

    test("it comes as fast as the client takes it, before all that is newer", async () => {
      const { world, tell } = await worldWith(0);
      for (let value = 1; value <= 40; value += 1) world.main.to("a").emit("n", value, "x".repeat(100_000));
      await world.settle();
      const { client, socket } = await join(world);
      await Promise.all([socket.join("a", { history: 40 }), world.settle()]);
      tell(41);
      await world.settle();
      const first = numbers(client.take());
      assert.ok(first.length >= 10 && first.length < 15, `${first.length}`);
      const all = [...first];
      for (let turn = 0; turn < 10; turn += 1) {
        world.clock.advance(1000);
        await world.settle();
        all.push(...numbers(client.take()));
      }
      assert.deepEqual(
        all,
        Array.from({ length: 41 }, (_, index) => index + 1),
      );
      tell(42);
      await world.settle();
      assert.deepEqual(numbers(client.take()), [42]);
    });

    test("a client that asks for more and more of it and takes none is cut off", async () => {
      const world = new DeliveryWorld({ log: makeLog(), maxHistory: 10, pauseAbove: 1000 });
      for (let value = 1; value <= 10; value += 1) world.main.to("a").emit("n", value, "x".repeat(2000));
      await world.settle();
      const { client, socket } = await join(world);
      for (let round = 1; round <= 101; round += 1) {
        assert.equal(client.session.isOpen, true);
        await Promise.all([socket.join("a", { history: 10 }), world.settle()]);
        await socket.leave("a");
      }
      assert.equal(client.session.reason, "forced close");
      await world.settle();
      assert.equal(world.main.adapter.rooms.size, 0);
    });

    test("a client of Socket.IO goes on behind it", async () => {
      const world = new DeliveryWorld({ log: makeLog(), stock: true });
      for (let value = 1; value <= 3; value += 1) world.main.to("a").emit("n", value, "text");
      await world.settle();
      const client = world.open("");
      client.send("0");
      await world.settle();
      const { sid } = client.answer();
      const { epoch } = world.logs.get("/")!;
      await Promise.all([socketOf(world, sid).join("a", { history: 2 }), world.settle()]);
      assert.deepEqual(client.take(), [`2["n",2,"text","${epoch}:3"]`, `2["n",3,"text","${epoch}:4"]`]);
    });

    test("who is gone before it is there is in no room", async () => {
      const { world } = await worldWith(5);
      const { client, socket } = await join(world);
      void socket.join("a", { history: 3 });
      client.drop();
      await world.settle();
      assert.equal(world.main.adapter.rooms.has("a"), false);
      assert.deepEqual(world.failures, []);
    });

    test("in middleware: after the answer to CONNECT", async () => {
      const { world, tell } = await worldWith(5);
      world.main.use((socket, next) => {
        void socket.join("a", { history: 2 });
        next();
      });
      const client = world.open();
      client.send("0");
      await world.settle();
      tell(6);
      await world.settle();
      const [answer, ...rest] = client.take();
      assert.match(answer!, /^0\{"sid"/);
      assert.deepEqual(numbers(rest), [4, 5, 6]);
    });

    for (const [who, query] of [
      ["who can come back", undefined],
      ["who can't", ""],
    ] as const) {
      test(`${who}: all behind a position, and what is sent from then on, each once`, async () => {
        const { world, tell } = await worldWith(3);
        const asked = world.main.position();
        tell(4);
        tell(0, "b");
        await world.settle();
        const since = await asked;
        for (let value = 5; value <= 300; value += 1) tell(value);
        const { client, socket } = await join(world, { ...(query !== undefined && { query }) });
        tell(301);
        const joined = socket.join("a", { since });
        tell(302);
        await world.settle();
        await joined;
        tell(303);
        await world.settle();
        assert.deepEqual(
          numbers(client.take()),
          Array.from({ length: 300 }, (_, at) => 4 + at),
        );
      });
    }

    test("asked for again and again while it is looked for, it comes once", async () => {
      const { world } = await worldWith(3);
      const { client, socket } = await join(world);
      const joins = Array.from({ length: 50 }, () => socket.join("a", { history: 3 }));
      await world.settle();
      await Promise.all(joins);
      assert.deepEqual([numbers(client.take()), socket.rooms.has("a")], [[1, 2, 3], true]);
    });

    test("who leaves before it is there stays outside; who has come again gets it once", async () => {
      const { world } = await worldWith(3);
      const { client, socket } = await join(world);
      const joined = socket.join("a", { history: 3 });
      const wasIn = socket.rooms.has("a");
      void socket.leave("a");
      await Promise.all([joined, world.settle()]);
      assert.equal(socket.rooms.has("a"), false);
      // Only over a log that keeps at once was it in before it left.
      assert.deepEqual(numbers(client.take()), wasIn ? [1, 2, 3] : []);
      void socket.join("a", { history: 3 });
      void socket.leave("a");
      await Promise.all([socket.join("a", { history: 2 }), world.settle()]);
      assert.equal(socket.rooms.has("a"), true);
      assert.deepEqual(numbers(client.take()), wasIn ? [1, 2, 3, 2, 3] : [2, 3]);
    });

    test("nothing behind it is nothing sent; who is in the room has had it", async () => {
      const { world, tell } = await worldWith(3);
      const asked = world.main.position();
      await world.settle();
      const since = await asked;
      const { client, socket } = await join(world);
      await Promise.all([socket.join("a", { since }), world.settle()]);
      assert.deepEqual([client.take(), socket.rooms.has("a")], [[], true]);
      tell(4);
      await Promise.all([socket.join("a", { since }), world.settle()]);
      assert.deepEqual(numbers(client.take()), [4]);
    });

    const gaps: Readonly<Record<string, (position: LogPosition) => unknown>> = {
      "of another epoch": ({ offset }) => ({ epoch: "other", offset }),
      "from the future": ({ epoch, offset }) => ({ epoch, offset: offset + 1 }),
      "before what is kept": ({ epoch }) => ({ epoch, offset: -1 }),
      "that is none": () => ({}),
      "that is null": () => null,
      "that is a text": () => "x",
      "with more behind it than may be asked for": ({ epoch }) => ({ epoch, offset: 0 }),
    };
    for (const [what, change] of Object.entries(gaps)) {
      test(`a position ${what} is a gap, which is told, and the socket is not in the room`, async () => {
        const world = new DeliveryWorld({ log: makeLog(), maxHistory: 5 });
        for (let value = 1; value <= 6; value += 1) world.main.to("a").emit("n", value);
        const asked = world.main.position();
        await world.settle();
        const since = change(await asked) as LogPosition;
        const { client, socket } = await join(world);
        const joining = assert.rejects(socket.join("a", { since }), {
          name: "EventError",
          code: "history_gap",
          data: { room: "a" },
        });
        await world.settle();
        await joining;
        // Nobody need listen to the promise.
        void socket.join("a", { since });
        await world.settle();
        assert.deepEqual([client.take(), socket.rooms.has("a"), world.failures], [[], false, []]);
      });
    }

    test("what can't be asked for is said at once", async () => {
      const { world } = await worldWith(0);
      const since = { epoch: "e", offset: 0 };
      let thrown: unknown;
      world.main.use((socket, next) => {
        try {
          void socket.join("a", { since });
        } catch (error) {
          thrown = error;
        }
        next();
      });
      const { socket } = await join(world);
      assert.ok(thrown instanceof TypeError);
      assert.throws(() => socket.join("a", { since, history: 5 }), TypeError);
    });

    test("too much of it, or none, is a RangeError", async () => {
      const { world } = await worldWith(0);
      const { socket } = await join(world);
      for (const history of [0, -1, 1.5, 1001, Number.NaN]) {
        assert.throws(() => socket.join("a", { history }), { name: "RangeError", message: /maxHistory/ });
      }
      assert.deepEqual([...socket.rooms], [socket.id]);
    });
  });
}
