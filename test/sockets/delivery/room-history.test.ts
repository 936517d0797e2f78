import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { DeliveryWorld, join, LOGS } from "../../support/delivery-world.ts";

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

    test("it is not lost if the connection is, and comes no second time", async () => {
      const { world, tell } = await worldWith(5);
      const { client, socket, seat } = await join(world);
      await Promise.all([socket.join("a", { history: 3 }), world.settle()]);
      const first = client.take();
      assert.deepEqual(numbers(first), [3, 4, 5]);
      const offset = Number(/@(\d+),/.exec(first[1]!)![1]);
      client.drop();
      await world.settle();
      tell(6);
      await world.settle();
      const again = world.open();
      again.send(`0${JSON.stringify({ $seat: { key: seat.key, epoch: seat.epoch, offset } })}`);
      await world.settle();
      assert.deepEqual(numbers(again.take()), [5, 6]);
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
