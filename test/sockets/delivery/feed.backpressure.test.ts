/** Clients that do not keep up, and read what they have missed from the log. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { comeBack, DeliveryWorld, join, LOGS, type WireClient } from "../../support/delivery-world.ts";

const FILL = "x".repeat(70_000);

function values(lines: readonly string[]): string[] {
  return lines.filter((line) => !line.includes(FILL)).map((line) => line.slice(line.indexOf("[")));
}

for (const [what, makeLog] of Object.entries(LOGS)) {
  describe(`the policies for slow readers over ${what}`, () => {
    const worldOf = (): DeliveryWorld => {
      const world = new DeliveryWorld({ log: makeLog() });
      world.main.backpressure({
        events: {
          price: { policy: "latest-only", key: (symbol: string) => symbol },
          must: { policy: "disconnect", above: 100_000 },
        },
        rooms: [{ room: /^v:/, policy: "drop-oldest", keep: 2 }],
      });
      return world;
    };
    /** All that comes when the client reads. */
    const read = async (world: DeliveryWorld, client: WireClient): Promise<string[]> => {
      const lines: string[] = [];
      for (let round = 0; round < 4; round += 1) {
        lines.push(...client.take());
        world.clock.advance(1000);
        await world.settle();
      }
      return values(lines);
    };

    test("of each key the newest comes, among all else and in the log's order", async () => {
      const world = worldOf();
      const { client } = await join(world);
      world.main.emit("fill", FILL);
      for (let value = 1; value <= 500; value += 1) world.main.emit("price", "A", value);
      world.main.emit("n", 1);
      world.main.emit("price", "B", 1);
      world.main.emit("price", "A", 501);
      await world.settle();
      assert.ok(client.session.bufferedBytes < 72_000);
      assert.deepEqual(await read(world, client), ['["n",1]', '["price","B",1]', '["price","A",501]']);
      world.main.emit("price", "A", 502);
      world.main.emit("price", "A", 503);
      await world.settle();
      assert.deepEqual(
        values(client.take()),
        ['["price","A",502]', '["price","A",503]'],
        "it keeps up again",
      );
    });

    test("a client that was away gets the newest", async () => {
      const world = worldOf();
      const { client, seat } = await join(world);
      client.drop();
      for (let value = 1; value <= 500; value += 1) world.main.emit("price", "A", value);
      await world.settle();
      const back = await comeBack(world, seat, 0);
      assert.deepEqual(values(back.missed), ['["price","A",500]']);
    });

    test("what is for others does not take the place of what is for it", async () => {
      const world = worldOf();
      const { client, seat, socket } = await join(world);
      void socket.join("mine");
      client.drop();
      world.main.to("mine").emit("price", "A", 1);
      world.main.to("theirs").emit("price", "A", 2);
      world.main.to(["mine", "theirs"]).emit("price", "A", 3);
      world.main.to("mine").except("mine").emit("price", "A", 4);
      await world.settle();
      const back = await comeBack(world, seat, 0);
      assert.deepEqual(values(back.missed), ['["price","A",1]', '["price","A",3]']);
    });

    test("of a room the newest come", async () => {
      const world = worldOf();
      const { client, socket } = await join(world);
      void socket.join(["v:1", "v:2"]);
      world.main.emit("fill", FILL);
      for (let value = 1; value <= 5; value += 1) world.main.to("v:1").emit("n", value);
      world.main.to("v:2").emit("n", 6);
      await world.settle();
      assert.deepEqual(await read(world, client), ['["n",4]', '["n",5]', '["n",6]']);
    });

    test("one for whom too much waits is put out, and comes back to what it has missed", async () => {
      const world = worldOf();
      const { client, seat } = await join(world);
      world.main.emit("fill", FILL);
      world.main.emit("fill", FILL);
      await world.settle();
      assert.equal(client.session.isOpen, true);
      world.main.emit("must", 1);
      await world.settle();
      assert.equal(client.session.isOpen, false);
      const back = await comeBack(world, seat, 2);
      assert.deepEqual(values(back.missed), ['["must",1]']);
    });

    test("one that is behind already is put out, too", async () => {
      const world = worldOf();
      const { client } = await join(world);
      world.main.emit("fill", FILL);
      world.main.emit("fill", FILL);
      world.main.emit("price", "A", 1);
      await world.settle();
      assert.equal(client.session.isOpen, true);
      world.main.emit("must", 1);
      await world.settle();
      assert.equal(client.session.isOpen, false);
    });
  });
}
