import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { AsyncLog } from "../../support/async-log.ts";
import {
  comeBack,
  DeliveryWorld,
  type DeliveryWorldOptions,
  join,
  socketOf,
} from "../../support/delivery-world.ts";

describe("a log that takes its time", () => {
  const asyncWorld = (options: DeliveryWorldOptions = {}): DeliveryWorld =>
    new DeliveryWorld({ log: (_name, host) => new AsyncLog(host), ...options });

  test("the answer to CONNECT comes before all events, whatever waits for its commit behind it", async () => {
    const world = asyncWorld();
    world.main.emit("n", 1);
    const client = world.open();
    client.send("0");
    for (let turn = 0; turn < 8; turn += 1) await Promise.resolve();
    world.main.emit("n", 2);
    await world.settle();
    const [answer, ...rest] = client.take();
    assert.match(answer!, /^0\{"sid":.*"offset":1,/);
    assert.deepEqual(rest, ['2@2,["n",2]']);
  });

  test("nobody is shown what is not committed", async () => {
    const world = asyncWorld();
    const { client } = await join(world);
    world.main.emit("n", 1);
    assert.deepEqual(client.take(), []);
    world.asyncLog.commit();
    assert.equal(client.take().length, 1);
  });

  test("an event is for those who were there when it was emitted", async () => {
    const world = asyncWorld();
    const [a, b] = [await join(world), await join(world)];
    void a.socket.join("room");
    world.main.to("room").emit("n", 1);
    void a.socket.leave("room");
    void b.socket.join("room");
    world.main.to("room").emit("n", 2);
    const late = world.open("");
    late.send("0");
    await world.settle();
    assert.deepEqual([a.client.take(), b.client.take()], [['2@1,["n",1]'], ['2@2,["n",2]']]);
    assert.equal(late.take().length, 1);
    a.client.drop();
    b.client.drop();
    await world.settle();
    assert.deepEqual((await comeBack(world, a.seat, 0)).missed, ['2@1,["n",1]']);
    assert.deepEqual((await comeBack(world, b.seat, 0)).missed, ['2@2,["n",2]']);
  });

  test("rooms that were joined just before the connection was lost are kept", async () => {
    const world = asyncWorld();
    const { client, socket, seat, sid } = await join(world);
    world.main.emit("n", 1);
    void socket.join("room");
    client.drop();
    world.main.to("room").emit("n", 2);
    const back = world.open();
    back.send(`0${JSON.stringify({ $seat: { key: seat.key, epoch: seat.epoch, offset: 0 } })}`);
    await world.settle();
    assert.deepEqual(back.take().slice(1), ['2@1,["n",1]', '2@2,["n",2]']);
    assert.deepEqual(socketOf(world, sid).rooms, new Set([sid, "room"]));
  });

  test("one who leaves while events wait leaves no seat", async () => {
    const world = asyncWorld();
    world.main.emit("n", 1);
    const client = world.open();
    client.send("0");
    client.send("1");
    await world.settle();
    assert.equal(world.asyncLog.seats.size, 0);
  });

  test("answers that come in another order: who has asked last has the seat", async () => {
    const world = asyncWorld();
    const { seat, client } = await join(world);
    client.drop();
    await world.settle();
    const claim = `0${JSON.stringify({ $seat: { key: seat.key, epoch: seat.epoch, offset: 0 } })}`;
    const [first, second] = [world.open(), world.open()];
    first.send(claim);
    second.send(claim);
    world.asyncLog.answerLast();
    await world.settle();
    assert.equal(second.answer().$seat!.recovered, true);
    const { $seat } = first.answer();
    assert.equal($seat!.recovered, undefined);
    assert.notEqual($seat!.key, seat.key);
    assert.equal(world.main.sockets.size, 2);
  });

  for (const throws of [false, true]) {
    test(`its failures are told, and nobody waits for ever (it ${throws ? "throws" : "rejects"})`, async () => {
      const world = asyncWorld();
      const { client, seat, socket } = await join(world);
      const log = world.asyncLog;
      log.throws = throws;
      log.failing = "append";
      world.main.emit("n", "lost");
      void socket.join("room");
      world.main.to("room").emit("n", 1);
      await world.settle();
      assert.deepEqual(client.take(), ['2@1,["n",1]']);
      client.drop();
      await world.settle();
      log.failing = "take";
      const unknown = await comeBack(world, seat, 1);
      assert.equal(unknown.seat.recovered, undefined);
      // What is lost is a gap for all who have nothing that came later.
      world.clock.advance(1000);
      world.main.emit("n", 2);
      const again = await join(world);
      again.client.drop();
      world.main.emit("n", 3);
      await world.settle();
      log.failing = "read";
      const back = world.open();
      back.send(`0${JSON.stringify({ $seat: { ...again.seat } })}`);
      await world.settle();
      assert.equal(back.take().at(-1), "END");
      assert.deepEqual((await comeBack(world, again.seat, again.seat.offset)).missed, ['2@3,["n",3]']);
      assert.deepEqual(
        world.failures.map((error) => (error as Error).message),
        ["append", "take", "read"],
      );
    });
  }
});
