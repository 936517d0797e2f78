/** docs/protocol/delivery.md, "The outbox": events of a client are handled once. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { PacketError } from "../../../src/packets/index.ts";
import { Inbound } from "../../../src/sockets/delivery/inbound.ts";
import type { Socket } from "../../../src/sockets/socket.ts";
import {
  comeBack,
  DeliveryWorld,
  type DeliveryWorldOptions,
  join,
  LOGS,
  type WireClient,
} from "../../support/delivery-world.ts";

/** In which a client is told what is done, in milliseconds. */
const TELL_DELAY_MS = 20;

for (const [what, makeLog] of Object.entries(LOGS)) {
  describe(`the outbox's other end, over ${what}`, () => {
    const worldWith = (options: DeliveryWorldOptions = {}) => {
      const world = new DeliveryWorld({ log: makeLog(), ...options });
      const handled: unknown[] = [];
      world.main.on("connection", (socket: Socket) => {
        socket.on("n", (value: unknown, answer?: (value: unknown) => void) => {
          handled.push(value);
          answer?.(value);
        });
      });
      return { world, handled };
    };
    /** All that comes in the time in which a client is told. */
    const told = async (world: DeliveryWorld, client: WireClient): Promise<string[]> => {
      await world.settle();
      world.clock.advance(TELL_DELAY_MS);
      await world.settle();
      return client.take();
    };

    test("who asks for a new seat in an epoch that there is not keeps its numbers, also if it loses the answer", async () => {
      const { world, handled } = worldWith();
      const { client, seat } = await join(world);
      client.send('2@1,["n",1]');
      await world.settle();
      client.drop();
      const anew = { key: seat.key, epoch: "?" };
      const lost = await comeBack(world, anew, 0);
      const second = await comeBack(world, anew, 0);
      for (const { seat: each } of [lost, second]) {
        assert.deepEqual([each.sequence, each.recovered], [1, undefined]);
        assert.notEqual(each.key, seat.key);
      }
      lost.client.drop();
      second.client.send('2@2,["n",2]');
      assert.deepEqual(await told(world, second.client), ["3@2,"]);
      assert.deepEqual(handled, [1, 2]);
      // It goes when its time is over, as any other.
      second.client.drop();
      await world.settle();
      world.clock.advance(120_000);
      const late = await comeBack(world, anew, 0);
      assert.equal(late.seat.sequence, undefined);
    });

    test("each is handled, answered with an offset, and told to be done: once for many", async () => {
      const { world, handled } = worldWith();
      const { client } = await join(world);
      client.send('2@1,["n",1]');
      client.send('2@2,7["n",2]');
      client.send('2@3,["n",3]');
      assert.deepEqual(await told(world, client), ["3@1,7[2]", "3@3,"]);
      assert.deepEqual(handled, [1, 2, 3]);
    });

    test("with a quarter of the window done, it is told at once", async () => {
      const { world } = worldWith({ maxUnacknowledged: 8 });
      const { client, seat } = await join(world);
      assert.equal(seat.window, 8);
      client.send('2@1,["n",1]');
      await world.settle();
      assert.deepEqual(client.take(), []);
      client.send('2@2,["n",2]');
      await world.settle();
      assert.deepEqual(client.take(), ["3@2,"]);
      assert.deepEqual(await told(world, client), []);
    });

    test("what was sent again is not handled again, and the client is told", async () => {
      const { world, handled } = worldWith();
      const { client, seat } = await join(world);
      client.send('2@1,["n",1]');
      client.send('2@2,["n",2]');
      await world.settle();
      client.drop();
      await world.settle();
      const next = await comeBack(world, seat, seat.offset);
      assert.deepEqual([next.seat.recovered, next.seat.sequence], [true, 2]);
      next.client.send('2@3,["n",3]');
      assert.deepEqual(await told(world, next.client), ["3@3,"]);
      assert.deepEqual(handled, [1, 2, 3]);
    });

    test("a handler that takes its time goes on while the client is away; who comes back is told, and answered", async () => {
      const { world } = worldWith();
      let calls = 0;
      let finish: () => void = () => {};
      world.main.on("connection", (socket: Socket) => {
        socket.on("slow", async (answer: (value: string) => void) => {
          calls += 1;
          await new Promise<void>((resolve) => {
            finish = resolve;
          });
          answer("done");
        });
      });
      const { client, seat } = await join(world);
      client.send('2@1,4["slow"]');
      client.send('2@2,["n",2]');
      assert.deepEqual(await told(world, client), []);
      client.drop();
      await world.settle();
      const next = await comeBack(world, seat, seat.offset);
      assert.equal(next.seat.sequence, 0);
      next.client.send('2@1,4["slow"]');
      next.client.send('2@2,["n",2]');
      await world.settle();
      next.client.take();
      finish();
      assert.deepEqual(await told(world, next.client), ['3@1,4["done"]', "3@2,"]);
      assert.equal(calls, 1);
    });

    for (const [fault, packets] of [
      ["one that is left out", ['2@2,["n",2]']],
      ["the same twice in one session", ['2@1,["n",1]', '2@1,["n",1]']],
      ["one in a packet that has none", ['2@1,["n",1]', "3@1,"]],
    ] as const) {
      test(`${fault} ends the session`, async () => {
        const { world } = worldWith();
        const { client } = await join(world);
        for (const packet of packets) client.send(packet);
        await world.settle();
        assert.equal(client.take().at(-1), "END");
      });
    }

    test("more than the window under way end the session", async () => {
      const { world } = worldWith({ maxUnacknowledged: 2 });
      world.main.on("connection", (socket: Socket) => {
        socket.on("wait", () => new Promise(() => {}));
      });
      const { client } = await join(world);
      client.send('2@1,["wait"]');
      client.send('2@2,["wait"]');
      await world.settle();
      assert.deepEqual(client.take(), []);
      client.send('2@3,["wait"]');
      await world.settle();
      assert.deepEqual(client.take(), ["END"]);
    });

    test("a client that has not asked sends no numbers", async () => {
      const { world } = worldWith();
      const client = world.open("");
      client.send("0");
      await world.settle();
      client.take();
      client.send('2@1,["n",1]');
      await world.settle();
      assert.deepEqual(client.take(), ["END"]);
    });

    test("closing leaves no timer", async () => {
      const { world } = worldWith();
      const { client } = await join(world);
      client.send('2@1,["n",1]');
      await world.settle();
      await Promise.all([world.main.close(), world.settle()]);
      client.drop();
      assert.equal(world.clock.pending, 0);
    });
  });
}

test("what was dropped may come again, what is under way or done may not", () => {
  const inbound = new Inbound({}, 4, 3);
  assert.deepEqual([inbound.receive(5), inbound.receive(6), inbound.receive(7)], [true, true, true]);
  assert.throws(() => inbound.receive(8), PacketError);
  inbound.drop(5);
  assert.equal(inbound.finish(7), false);
  assert.equal(inbound.isBusy, true);
  inbound.begin();
  assert.deepEqual([inbound.receive(5), inbound.receive(6), inbound.receive(7)], [true, false, false]);
  assert.deepEqual([inbound.finish(5), inbound.done], [true, 5]);
  assert.deepEqual([inbound.finish(6), inbound.done, inbound.isBusy], [true, 7, false]);
});
