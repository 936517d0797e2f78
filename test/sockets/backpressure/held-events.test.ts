/** Clients that do not keep up, and have no log to come back to. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { DeliveryWorld, join, type Joined, type WireClient } from "../../support/delivery-world.ts";

const FILL = "x".repeat(70_000);

/** The arguments of the events that have come, as text. */
function taken(client: WireClient): string[] {
  return client.take().map((line) => (line.startsWith("2") ? line.slice(line.indexOf("[")) : line));
}

for (const [what, hasLog] of [
  ["without a log", false],
  ["in a namespace with a log, by a client that has not asked", true],
] as const) {
  describe(`what is held for a client that is slow, ${what}`, () => {
    const slowWorld = async (): Promise<{ world: DeliveryWorld } & Joined> => {
      const world = new DeliveryWorld({ hasLog });
      world.main.backpressure({
        events: {
          price: { policy: "latest-only", key: (symbol: string) => symbol },
          cursor: { policy: "drop-oldest", keep: 2 },
          must: { policy: "disconnect", above: 100_000 },
        },
      });
      const joined = await join(world, { query: "" });
      world.main.emit("fill", FILL);
      return { world, ...joined };
    };
    const drain = (world: DeliveryWorld): void => world.clock.advance(1000);

    test("of each key the newest comes, when what was sent before is taken", async () => {
      const { world, client } = await slowWorld();
      for (let value = 1; value <= 1000; value += 1) {
        world.main.emit("price", "A", value);
        if (value % 2 === 0) world.main.emit("price", "B", value);
      }
      await world.settle();
      assert.ok(client.session.bufferedBytes < 71_000);
      assert.equal(taken(client).length, 1);
      drain(world);
      assert.deepEqual(taken(client), ['["price","A",1000]', '["price","B",1000]']);
      world.main.emit("price", "A", 1001);
      await world.settle();
      assert.deepEqual(taken(client), ['["price","A",1001]']);
    });

    test("of others the newest come, in order", async () => {
      const { world, client } = await slowWorld();
      for (let value = 1; value <= 5; value += 1) world.main.emit("cursor", value);
      await world.settle();
      taken(client);
      drain(world);
      assert.deepEqual(taken(client), ['["cursor",4]', '["cursor",5]']);
    });

    test("what is held is not overtaken by what comes when there is room again", async () => {
      const { world, client } = await slowWorld();
      world.main.emit("price", "A", 1);
      world.main.emit("cursor", 1);
      await world.settle();
      taken(client);
      world.main.emit("price", "A", 2);
      world.main.emit("cursor", 2);
      world.main.emit("other");
      await world.settle();
      assert.deepEqual(taken(client), ['["other"]']);
      drain(world);
      assert.deepEqual(taken(client), ['["price","A",2]', '["cursor",1]', '["cursor",2]']);
    });

    test("one that is quick gets all", async () => {
      const { world } = await slowWorld();
      const { client } = await join(world, { query: "" });
      for (let value = 1; value <= 3; value += 1) world.main.emit("price", "A", value);
      await world.settle();
      assert.equal(taken(client).length, 3);
    });

    test("what one socket is sent, with binary data, has policies as well", async () => {
      const { world, client, socket } = await slowWorld();
      socket.emit("price", "A", new Uint8Array([1]));
      socket.emit("price", "A", new Uint8Array([2]));
      await world.settle();
      client.take();
      drain(world);
      assert.deepEqual(client.take(), ['51-["price","A",{"_placeholder":true,"num":0}]', "bytes 2"]);
    });

    test("one for whom too much waits is put out", async () => {
      const { world, client } = await slowWorld();
      world.main.emit("must", 1);
      await world.settle();
      assert.equal(client.session.isOpen, true);
      world.main.emit("fill", FILL);
      world.main.emit("must", 2);
      await world.settle();
      assert.equal(client.session.isOpen, false);
    });

    test("of more than may be held, the newest come", async () => {
      const { world, client } = await slowWorld();
      const large = "y".repeat(600_000);
      for (let value = 1; value <= 7; value += 1) world.main.emit("cursor", value, large);
      await world.settle();
      // What has been sent is what was before.
      assert.equal(client.take().length, 1);
      drain(world);
      assert.deepEqual(
        taken(client).map((line) => line.slice(0, 12)),
        ['["cursor",7,'],
      );
    });

    test("more than may be held is sent, and its older ones are not", async () => {
      const { world, client } = await slowWorld();
      const large = "y".repeat(300_000);
      for (const key of ["A", "B", "C"]) world.main.emit("price", key, large);
      world.main.emit("price", "D", 1);
      await world.settle();
      assert.equal(client.take().length, 1);
      world.main.emit("price", "D", large);
      await world.settle();
      const [only, ...more] = client.take();
      assert.ok(only!.includes('"D"') && only!.includes(large));
      assert.deepEqual(more, []);
      while (client.session.isOpen && world.clock.pending > 0) {
        drain(world);
        const lines = client.take();
        assert.ok(lines.every((line) => !line.includes('"D"')));
      }
    });

    for (const [name, leave] of [
      ["leaves the namespace", ({ client }: Joined) => client.send("1")],
      ["is gone", ({ client }: Joined) => client.drop()],
    ] as const) {
      test(`of one that ${name} nothing is left`, async () => {
        const { world, ...joined } = await slowWorld();
        world.main.emit("price", "A", 1);
        await world.settle();
        taken(joined.client);
        leave(joined);
        await world.settle();
        taken(joined.client);
        drain(world);
        assert.deepEqual(taken(joined.client), []);
        assert.deepEqual(world.failures, []);
      });
    }
  });
}
