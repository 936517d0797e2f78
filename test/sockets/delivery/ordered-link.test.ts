/** What is not logged waits behind what is, but not without end. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { AsyncLog } from "../../support/async-log.ts";
import { DeliveryWorld, type DeliveryWorldOptions, join } from "../../support/delivery-world.ts";
import { collectGarbage } from "../../support/garbage.ts";

/** A log that takes its time, and for which something waits. */
async function stalledWorld(options: DeliveryWorldOptions = {}): Promise<DeliveryWorld> {
  const world = new DeliveryWorld({ log: (_name, host) => new AsyncLog(host), ...options });
  world.main.on("connection", (socket) => {
    socket.on("ask", (ack: (...answer: unknown[]) => void) => ack("x".repeat(72)));
    socket.on("fetch", (ack: (...answer: unknown[]) => void) => ack(new Uint8Array(1000)));
  });
  return world;
}

test("answers wait for what is on its way into the log, in order with it", async () => {
  const world = await stalledWorld();
  const { client, socket } = await join(world);
  world.main.emit("n", 1);
  client.send('21["fetch"]');
  client.send('22["ask"]');
  world.main.emit("n", 2);
  socket.volatile.emit("v");
  client.send('23["ask"]');
  assert.deepEqual(client.take(), []);
  world.asyncLog.commit(1);
  const bytes = `bytes ${Array.from({ length: 1000 }, () => 0).join()}`;
  const answer = (id: number): string => `3${id}["${"x".repeat(72)}"]`;
  assert.deepEqual(client.take(), ['2@1,["n",1]', '61-1[{"_placeholder":true,"num":0}]', bytes, answer(2)]);
  world.asyncLog.commit();
  assert.deepEqual(client.take(), ['2@2,["n",2]', '2["v"]', answer(3)]);
  client.send('24["ask"]');
  assert.deepEqual(client.take(), [answer(4)]);
});

test("a client that wants more answers than may wait is cut off, and only that one", async () => {
  const world = await stalledWorld({ maxWaitingBytes: 10_000 });
  const [greedy, modest] = [await join(world), await join(world)];
  world.main.emit("n", 1);
  // Each takes about 80 bytes, and 128 more.
  for (let id = 0; id < 40; id++) greedy.client.send(`2${id}["ask"]`);
  for (let id = 0; id < 40; id++) modest.client.send(`2${id}["ask"]`);
  assert.equal(greedy.client.session.isOpen, true);
  const reasons: unknown[] = [];
  greedy.socket.on("disconnect", (reason: unknown) => reasons.push(reason));
  for (let id = 40; id < 60; id++) greedy.client.send(`2${id}["ask"]`);
  assert.deepEqual(reasons, ["forced close"]);
  await world.settle();
  assert.deepEqual(greedy.client.take(), ["END"]);
  assert.equal(modest.client.take().length, 41);
});

test("what has been sent makes place for more", async () => {
  const world = await stalledWorld({ maxWaitingBytes: 10_000 });
  const { client } = await join(world);
  for (let round = 0; round < 5; round++) {
    world.main.emit("n", round);
    for (let id = 0; id < 20; id++) client.send(`2${id}["ask"]`);
    world.main.emit("n", round);
    for (let id = 0; id < 20; id++) client.send(`2${id}["ask"]`);
    world.asyncLog.commit();
    assert.equal(client.take().length, 42);
  }
});

test("attachments count", async () => {
  const world = await stalledWorld({ maxWaitingBytes: 10_000 });
  const { client } = await join(world);
  world.main.emit("n", 1);
  for (let id = 0; id < 8; id++) client.send(`2${id}["fetch"]`);
  assert.equal(client.session.isOpen, true);
  client.send('28["fetch"]');
  client.send('29["fetch"]');
  assert.equal(client.session.reason, "forced close");
});

test("over a log that keeps at once nothing waits, however much it is", async () => {
  const world = new DeliveryWorld({ maxWaitingBytes: 1 });
  world.main.on("connection", (socket) => {
    socket.on("ask", (ack: () => void) => {
      world.main.emit("asked");
      ack();
    });
  });
  const { client } = await join(world);
  for (let id = 0; id < 100; id++) client.send(`2${id}["ask"]`);
  assert.equal(client.take().length, 200);
});

test("what waits for clients that are gone is let go of at once, also if the log stands still", async () => {
  const world = await stalledWorld();
  world.main.on("connection", (socket) => {
    socket.on("big", (ack: (bytes: Uint8Array) => void) => ack(new Uint8Array(100_000)));
  });
  const joined = [];
  for (let count = 0; count < 100; count++) joined.push(await join(world));
  world.main.emit("n", 1);
  await collectGarbage();
  const before = process.memoryUsage().arrayBuffers;
  for (const { client } of joined) {
    for (let id = 0; id < 5; id++) client.send(`2${id}["big"]`);
    client.drop();
  }
  const kept = (): number => process.memoryUsage().arrayBuffers - before;
  // What was collected is given back in another thread, some time later.
  for (let turn = 0; turn < 100 && kept() > 5_000_000; turn += 1) await collectGarbage();
  assert.ok(kept() < 5_000_000, `${kept()} bytes are kept of 50,000,000`);
  await world.settle();
  for (const { client } of joined) assert.deepEqual(client.take(), ["END"]);
});

test("a socket that the server disconnects is sent what came before", async () => {
  const world = await stalledWorld();
  const { client, socket } = await join(world);
  world.main.emit("n", 1);
  client.send('21["ask"]');
  socket.disconnect();
  await world.settle();
  assert.deepEqual(client.take(), ['2@1,["n",1]', `31["${"x".repeat(72)}"]`, "1"]);
});

test("who comes and goes while the log stands still is cut off", async () => {
  const world = await stalledWorld({ maxWaitingBytes: 50_000 });
  const { client } = await join(world);
  world.main.emit("n", 1);
  for (let round = 0; round < 20; round++) {
    client.send("1");
    client.send("0");
  }
  assert.equal(client.session.isOpen, true);
  for (let round = 0; round < 20; round++) {
    client.send("1");
    client.send("0");
  }
  assert.equal(client.session.reason, "forced close");
});

test("so is who has itself taken in and out of a room", async () => {
  const world = await stalledWorld({ maxWaitingBytes: 10_000 });
  world.main.on("connection", (socket) => {
    socket.on("in", () => void socket.join("room"));
    socket.on("out", () => void socket.leave("room"));
  });
  const [greedy, modest] = [await join(world), await join(world)];
  world.main.emit("n", 1);
  const inAndOut = (times: number, { client }: typeof greedy): void => {
    for (let count = 0; count < times; count++)
      for (const packet of ['2["in"]', '2["out"]']) client.send(packet);
  };
  inAndOut(30, greedy);
  inAndOut(30, modest);
  assert.equal(greedy.client.session.isOpen, true);
  inAndOut(10, greedy);
  assert.equal(greedy.client.session.reason, "forced close");
  // What has had its turn counts no longer.
  world.asyncLog.commit();
  world.main.emit("n", 2);
  inAndOut(30, modest);
  assert.equal(modest.client.session.isOpen, true);
});
