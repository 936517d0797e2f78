import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { memoryLog } from "../../../src/log/memory-log.ts";
import {
  comeBack,
  DeliveryWorld,
  type DeliveryWorldOptions,
  join,
  LOGS,
} from "../../support/delivery-world.ts";

for (const [what, makeLog] of Object.entries(LOGS)) {
  const isAsync = what !== "a log in memory";
  const worldWith = (options: DeliveryWorldOptions = {}): DeliveryWorld =>
    new DeliveryWorld({ log: makeLog(), ...options });

  describe(`what one socket is sent over ${what}`, () => {
    test("thousands of missed events come in pages, with what is new behind them", async () => {
      const world = worldWith();
      const { client, seat } = await join(world);
      client.drop();
      const text = "x".repeat(1000);
      for (let index = 1; index <= 3000; index += 1) world.main.emit("n", index, text);
      await world.settle();
      const back = world.open();
      back.send(`0${JSON.stringify({ $seat: { key: seat.key, epoch: seat.epoch, offset: 0 } })}`);
      let most = 0;
      let live = 3000;
      const numbers: number[] = [];
      while (numbers.length < 3500) {
        await world.settle();
        most = Math.max(most, back.session.bufferedBytes);
        for (const line of back.take())
          if (line[0] === "2") numbers.push(Number(/,\["n",(\d+)/.exec(line)![1]));
        if (live < 3500) world.main.emit("n", (live += 1), text);
        world.clock.advance(20);
      }
      assert.deepEqual(
        numbers,
        Array.from({ length: 3500 }, (_, index) => index + 1),
      );
      assert.ok(most < 256 * 1024, `${most} bytes waited`);
    });

    test("one that reads too slowly is sent no more, and later what it has missed", async () => {
      const world = worldWith({ pauseAbove: 20_000 });
      const { client } = await join(world);
      const text = "x".repeat(1000);
      for (let index = 1; index <= 1000; index += 1) world.main.emit("n", index, text);
      await world.settle();
      assert.ok(client.session.bufferedBytes < 30_000);
      const numbers: string[] = [];
      while (numbers.length < 1000) {
        numbers.push(...client.take().map((line) => /@(\d+),/.exec(line)![1]!));
        world.clock.advance(1000);
        await world.settle();
      }
      assert.deepEqual(
        numbers,
        Array.from({ length: 1000 }, (_, index) => String(index + 1)),
      );
      world.main.emit("n", "live");
      await world.settle();
      assert.equal(client.take().length, 1);
    });

    test("one that is behind for too long is told of the gap", async () => {
      const world = worldWith({
        pauseAbove: 20_000,
        log: isAsync ? makeLog() : memoryLog({ maxEntries: 10 }),
      });
      const { client } = await join(world);
      const text = "x".repeat(1000);
      for (let index = 1; index <= 100; index += 1) world.main.emit("n", index, text);
      await world.settle();
      if (isAsync) world.asyncLog.drop(90);
      client.take();
      world.clock.advance(1000);
      await world.settle();
      assert.deepEqual(client.take(), [
        `0{"$seat":{"epoch":"${world.logs.get("/")!.epoch}","offset":100,"sequence":0}}`,
      ]);
      world.main.emit("n", 101);
      await world.settle();
      assert.deepEqual(client.take(), ['2@101,["n",101]']);
    });

    test("rooms left while it is behind, too many to be remembered: it is told of the gap", async () => {
      const world = worldWith({ pauseAbove: 1000 });
      const { client, socket } = await join(world);
      world.main.emit("n", "x".repeat(30_000));
      for (let index = 0; index < 1002; index += 1) {
        void socket.join(`${index}`);
        world.main.to(`${index}`).emit("n", index);
        void socket.leave(`${index}`);
      }
      await world.settle();
      assert.equal(client.take().length, 1);
      world.clock.advance(1000);
      await world.settle();
      assert.match(client.take()[0]!, /^0\{"\$seat":\{"epoch":"[^"]+","offset":1003,/);
    });

    test("one whose answer is too much for it is gone from all rooms", async () => {
      const world = worldWith();
      const { client, seat } = await join(world);
      client.drop();
      world.main.emit("n", "x".repeat(1000));
      await world.settle();
      const back = world.open();
      back.session.maxBytes = 500;
      back.send(`0${JSON.stringify({ $seat: { key: seat.key, epoch: seat.epoch, offset: 0 } })}`);
      await world.settle();
      assert.equal(back.session.isOpen, false);
      assert.deepEqual([world.main.sockets.size, world.main.adapter.sids.size], [0, 0]);
      assert.equal((await comeBack(world, seat, 0)).missed.length, 1);
    });
  });
}
