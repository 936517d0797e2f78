import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ZlibPool } from "../../../src/websocket/deflate/zlib-pool.ts";
import { Inflater, noise, prose } from "../../support/payloads.ts";

function makePool(concurrencyLimit = 10, deflate = {}): ZlibPool {
  return new ZlibPool({ deflate, inflate: {}, concurrencyLimit, atOnce: true });
}

describe("streams", () => {
  test("that come back are lent again, without their history", () => {
    const pool = makePool();
    const stream = pool.acquire("deflate", 15);
    const first = Buffer.from(stream.step(noise(1000), 0).output);
    pool.release(stream);
    const again = pool.acquire("deflate", 15);
    assert.equal(again, stream);
    assert.deepEqual(Buffer.from(again.step(noise(1000), 0).output), first);
    again.close();
  });

  test("are lent to one at a time, and only for what they are", () => {
    const pool = makePool();
    const stream = pool.acquire("deflate", 15);
    assert.notEqual(pool.acquire("deflate", 15), stream);
    pool.release(stream);
    assert.notEqual(pool.acquire("deflate", 14), stream);
    assert.notEqual(pool.acquire("inflate", 15), stream);
    assert.equal(pool.acquire("deflate", 15), stream);
  });

  test("that are spent are not lent again", () => {
    const pool = makePool();
    const stream = pool.acquire("inflate", 15);
    assert.throws(() => stream.step(Buffer.alloc(10, 0xff), 0));
    pool.release(stream);
    assert.notEqual(pool.acquire("inflate", 15), stream);
  });

  test("are kept in a small number", () => {
    const pool = makePool();
    const streams = new Set(Array.from({ length: 20 }, () => pool.acquire("inflate", 15)));
    assert.equal(streams.size, 20);
    for (const stream of streams) pool.release(stream);
    const kept = Array.from({ length: 20 }, () => pool.acquire("inflate", 15)).filter((stream) =>
      streams.has(stream),
    );
    assert.ok(kept.length > 0 && kept.length <= 8, `${kept.length}`);
  });
});

describe("a message compressed once", () => {
  for (const windowBits of [9, 12, 15]) {
    test(`fits a window of ${windowBits} bits and needs nothing before it`, async () => {
      const pool = makePool();
      for (const message of ["", "a", prose(100_000), noise(70_000)]) {
        const compressed = pool.compressOnce(Buffer.from(message), windowBits);
        const inflated = await new Inflater(false, windowBits).inflate(compressed);
        assert.ok(inflated.equals(Buffer.from(message)));
      }
    });
  }

  test("uses the options of zlib", () => {
    const message = Buffer.from(prose(10_000));
    const stored = makePool(1, { level: 0 }).compressOnce(message, 15);
    assert.ok(stored.length > message.length);
    assert.ok(makePool(1, { level: 9 }).compressOnce(message, 15).length < message.length / 2);
  });
});

describe("the thread pool", () => {
  test("is entered by so many at a time, in the order in which they came", () => {
    const pool = makePool(2);
    const begun: number[] = [];
    const dones: (() => void)[] = [];
    for (let index = 0; index < 5; index += 1) {
      pool.enter((done) => {
        begun.push(index);
        dones.push(done);
      });
    }
    assert.deepEqual(begun, [0, 1]);
    dones[1]!();
    assert.deepEqual(begun, [0, 1, 2]);
    // A second time it means nothing.
    dones[1]!();
    assert.deepEqual(begun, [0, 1, 2]);
    dones[0]!();
    dones[2]!();
    assert.deepEqual(begun, [0, 1, 2, 3, 4]);
    dones[3]!();
    dones[4]!();
    pool.enter((done) => {
      begun.push(5);
      done();
    });
    assert.deepEqual(begun, [0, 1, 2, 3, 4, 5]);
  });

  test("work that is done at once, while it is begun, lets the next in", () => {
    const pool = makePool(1);
    const begun: number[] = [];
    let end: (() => void) | undefined;
    pool.enter((done) => {
      end = done;
    });
    for (let index = 0; index < 1000; index += 1) {
      pool.enter((done) => {
        begun.push(index);
        done();
      });
    }
    end!();
    assert.equal(begun.length, 1000);
  });
});
