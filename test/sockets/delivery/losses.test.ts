/** What the log does not take is lost: those for whom it was are told, in whatever way they hear of it. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { LogFactory } from "../../../src/sockets/log.ts";
import { AsyncLog } from "../../support/async-log.ts";
import { comeBack, DeliveryWorld, join, socketOf } from "../../support/delivery-world.ts";

const LOG: LogFactory = (_name, host) => new AsyncLog(host);

/** Sends an event that the log does not take. */
async function lose(world: DeliveryWorld, room: string): Promise<void> {
  world.asyncLog.failing = "append";
  world.main.to(room).emit("lost");
  await world.settle();
}

describe("an event that the log does not take", () => {
  for (const throws of [false, true]) {
    test(`is a gap for those for whom it was, and for nobody else${throws ? "; at once" : ""}`, async () => {
      const world = new DeliveryWorld({ log: LOG });
      const [a, b] = [await join(world), await join(world)];
      await a.socket.join("room");
      world.main.emit("n", 1);
      await world.settle();
      a.client.take();
      b.client.take();
      world.asyncLog.throws = throws;
      await lose(world, "room");
      world.main.emit("n", 2);
      await world.settle();
      world.clock.advance(1000);
      const [event, gap, ...more] = a.client.take();
      assert.equal(event, '2@2,["n",2]');
      assert.match(gap!, /^0\{"\$seat":\{"epoch":"epoch","offset":2,/);
      assert.deepEqual([more, b.client.take()], [[], ['2@2,["n",2]']]);
      assert.equal(world.failures.length, 1);
    });
  }

  test("many in a row are one gap, and one more if it goes on", async () => {
    const world = new DeliveryWorld({ log: LOG });
    const { client, socket } = await join(world);
    await socket.join("room");
    for (let count = 0; count < 5; count += 1) await lose(world, "room");
    world.clock.advance(1000);
    assert.equal(client.take().length, 1);
    await lose(world, "room");
    world.clock.advance(1000);
    assert.equal(client.take().length, 1);
    assert.equal(world.clock.pending, 0);
  });

  test("is a gap for who is away, whether it was for him or not; and for nobody who goes on behind it", async () => {
    const world = new DeliveryWorld({ log: LOG });
    const [a, b] = [await join(world), await join(world)];
    world.main.emit("n", 1);
    await world.settle();
    a.client.drop();
    await world.settle();
    await lose(world, "room");
    // While it is not told yet, too.
    assert.equal((await comeBack(world, a.seat, 1)).seat.recovered, undefined);
    world.clock.advance(1000);
    world.main.emit("n", 2);
    await world.settle();
    b.client.drop();
    await world.settle();
    assert.equal((await comeBack(world, b.seat, 1)).seat.recovered, undefined);
    const c = await join(world);
    world.main.emit("n", 3);
    await world.settle();
    c.client.drop();
    await world.settle();
    assert.equal((await comeBack(world, c.seat, 3)).seat.recovered, true);
  });

  test("is a gap for who came back before it was known", async () => {
    const world = new DeliveryWorld({ log: LOG });
    const { client, socket, seat, sid } = await join(world);
    await socket.join("room");
    world.asyncLog.failing = "append";
    world.main.to("room").emit("lost");
    client.drop();
    const back = world.open();
    back.send(`0${JSON.stringify({ $seat: { key: seat.key, epoch: seat.epoch, offset: 0 } })}`);
    await world.settle();
    const answer = back.answer();
    // The seat is taken behind what waits for the log: by then it is known.
    assert.equal(answer.$seat?.recovered, undefined);
    assert.notEqual(answer.sid, sid);
    assert.equal(socketOf(world, answer.sid).recovered, false);
  });

  test("has a client of Socket.IO come again, as a new one", async () => {
    const world = new DeliveryWorld({ log: LOG, stock: true });
    const client = world.open("");
    client.send("0");
    await world.settle();
    const { sid, pid } = client.answer() as unknown as { sid: string; pid: string };
    await socketOf(world, sid).join("room");
    await lose(world, "room");
    world.clock.advance(1000);
    assert.equal(client.session.isOpen, false);
    await world.settle();
    const back = world.open("");
    back.send(`0${JSON.stringify({ pid })}`);
    await world.settle();
    const again = back.answer() as unknown as { sid: string; pid: string };
    assert.notEqual(again.pid, pid);
  });

  test("is missing in what came since: joining there is refused", async () => {
    const world = new DeliveryWorld({ log: LOG });
    const { socket } = await join(world);
    const position = world.main.position();
    await world.settle();
    const at = await position;
    await lose(world, "room");
    world.clock.advance(1000);
    const joined = assert.rejects(socket.join("room", { since: at }), { code: "history_gap" });
    await world.settle();
    await joined;
  });
});
