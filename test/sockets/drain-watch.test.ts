import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { DrainWatch, DRAINED_BYTES } from "../../src/sockets/drain-watch.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { WebSocket } from "../../src/websocket/index.ts";
import { AsyncLog } from "../support/async-log.ts";
import { DeliveryWorld, join } from "../support/delivery-world.ts";
import { startServer, undoAfter } from "../support/fixture.ts";

describe("whoever waits until a client has taken what it was sent", () => {
  const watchWith = (bytes: number) => {
    const clock = new FakeClock();
    const world = { bytes, clock, told: [] as string[] };
    const watch = new DrainWatch(clock, () => world.bytes);
    const add = (name: string): void => watch.add((isOver) => void world.told.push(`${name} ${isOver}`));
    return { world, watch, add };
  };

  test("is told later, all at once, with one timer", () => {
    const { world, add } = watchWith(DRAINED_BYTES + 1);
    add("a");
    world.clock.advance(100);
    add("b");
    assert.deepEqual([world.told, world.clock.pending], [[], 1]);
    world.bytes = DRAINED_BYTES;
    world.clock.advance(1000);
    assert.deepEqual([world.told, world.clock.pending], [["a false", "b false"], 0]);
  });

  test("is looked after ever more seldom, but within a second", () => {
    const { world, watch } = watchWith(1e9);
    let looks = 0;
    Object.defineProperty(world, "bytes", { get: () => ((looks += 1), 1e9) });
    watch.add(() => {});
    world.clock.advance(60_000);
    assert.ok(looks >= 60 && looks < 80, `${looks} looks`);
    watch.stop();
  });

  test("is told when the session ends, or has ended; no timer stays", () => {
    const { world, watch, add } = watchWith(1e9);
    add("a");
    watch.stop();
    add("b");
    assert.deepEqual([world.told, world.clock.pending], [["a true", "b true"], 0]);
  });
});

describe("socket.drained()", () => {
  const MESSAGE = "x".repeat(1_000_000);

  test("resolves when a slow client has read, and when it is gone; at once if nothing waits", async (t) => {
    const { io, url } = await startServer(t);
    const client = new WebSocket(`${url.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket`);
    undoAfter(t, () => client.terminate());
    const connected = new Promise<never>((resolve) => {
      io.once("connection", resolve as never);
    });
    await new Promise<void>((resolve) => {
      client.once("open", () => resolve());
    });
    client.send("40");
    const socket: {
      emit(name: string, value: string): void;
      drained(): Promise<void>;
      connected: boolean;
      once(name: string, listener: (reason: unknown) => void): void;
      conn: { bufferedBytes: number };
    } = await connected;
    await socket.drained();
    client.pause();
    for (let count = 0; count < 20; count += 1) socket.emit("n", MESSAGE);
    assert.ok(socket.conn.bufferedBytes > DRAINED_BYTES);
    const drained = socket.drained();
    client.resume();
    await drained;
    assert.ok(socket.conn.bufferedBytes <= DRAINED_BYTES);
    client.pause();
    for (let count = 0; count < 20; count += 1) socket.emit("n", MESSAGE);
    const left = socket.drained();
    const gone = new Promise((resolve) => socket.once("disconnect", resolve));
    client.terminate();
    // What waits for a stream that is cut off is nothing, which may be seen before its end is told.
    await Promise.all([left, gone]);
    assert.equal(socket.connected, false);
    await socket.drained();
  });

  test("where a log takes its time, it waits until what was sent is there; or for the end", async () => {
    const world = new DeliveryWorld({ log: (_name, host) => new AsyncLog(host) });
    const { socket, client } = await join(world);
    const heard: string[] = [];
    const wait = (name: string): void => void socket.drained().then(() => heard.push(name));
    socket.emit("row", 1);
    wait("first");
    for (let turn = 0; turn < 8; turn += 1) await Promise.resolve();
    assert.deepEqual(heard, []);
    await world.settle();
    assert.deepEqual(heard, ["first"]);
    socket.emit("row", 2);
    wait("second");
    client.drop();
    for (let turn = 0; turn < 8; turn += 1) await Promise.resolve();
    assert.deepEqual(heard, ["first", "second"]);
    await world.settle();
  });
});
