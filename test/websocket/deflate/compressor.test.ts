import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Compressor } from "../../../src/websocket/deflate/compressor.ts";
import { ZlibPool } from "../../../src/websocket/deflate/zlib-pool.ts";
import { Inflater, noise, prose } from "../../support/payloads.ts";

function makePool({ concurrencyLimit = 10, atOnce = true } = {}): ZlibPool {
  return new ZlibPool({ deflate: {}, inflate: {}, concurrencyLimit, atOnce });
}

/** What a message becomes, now or later, in memory of its own. */
function compress(compressor: Compressor, message: Uint8Array): Promise<Buffer> {
  return new Promise((resolve) => {
    const now = compressor.compress(message, (later) => resolve(Buffer.from(later)));
    if (now !== undefined) resolve(Buffer.from(now));
  });
}

const LONG = 33 * 1024;

for (const atOnce of [true, false]) {
  for (const keepsHistory of [true, false]) {
    for (const windowBits of [9, 11, 15]) {
      const name = `${windowBits} bits, ${keepsHistory ? "with" : "without"} history`;
      test(`messages short and long, ${name}${atOnce ? "" : ", in the thread pool"}`, async () => {
        const compressor = new Compressor(makePool({ atOnce }), windowBits, keepsHistory);
        const inflater = new Inflater(keepsHistory, windowBits);
        const lengths = [0, 1, 5, 1000, LONG - 1024, LONG, 1000, 70_000, 0, 400, LONG];
        for (const [index, length] of lengths.entries()) {
          const message = index % 3 === 2 ? noise(length) : Buffer.from(prose(length));
          const compressed = await compress(compressor, message);
          assert.ok((await inflater.inflate(compressed)).equals(message), `${index}: ${length}`);
        }
        compressor.close();
      });
    }
  }
}

describe("history", () => {
  test("makes the second of two equal messages short", async () => {
    const compressor = new Compressor(makePool(), 15, true);
    const message = noise(2000);
    assert.ok((await compress(compressor, message)).length >= 2000);
    assert.ok((await compress(compressor, message)).length < 50);
    compressor.close();
  });

  test("is not there where it was not agreed on, nor between connections", async () => {
    const pool = makePool();
    const message = noise(2000);
    for (let count = 0; count < 3; count += 1) {
      const compressor = new Compressor(pool, 15, false);
      assert.ok((await compress(compressor, message)).length >= 2000);
      assert.ok((await compress(compressor, message)).length >= 2000);
      compressor.close();
      const other = new Compressor(pool, 15, true);
      assert.ok((await compress(other, message)).length >= 2000);
      other.close();
    }
  });

  test("that is to be forgotten is not referred to any more", async () => {
    const compressor = new Compressor(makePool(), 15, true);
    const message = noise(2000);
    const first = await compress(compressor, message);
    compressor.forget();
    assert.deepEqual(await compress(compressor, message), first);
    assert.ok((await compress(compressor, message)).length < 50);
    compressor.close();
  });
});

describe("the thread pool", () => {
  test("is for long messages only", () => {
    const compressor = new Compressor(makePool(), 15, false);
    assert.ok(compressor.compress(noise(32 * 1024), () => assert.fail("it was returned")) !== undefined);
    compressor.close();
  });

  /** Whether somebody else still gets a long message compressed. */
  async function assertIsUsable(pool: ZlibPool): Promise<void> {
    const other = new Compressor(pool, 15, true);
    const message = noise(LONG);
    assert.ok((await new Inflater().inflate(await compress(other, message))).equals(message));
    other.close();
  }

  for (const keepsHistory of [true, false]) {
    const name = keepsHistory ? "with history" : "without history";

    test(`is free again after those that were closed while they worked, ${name}`, async () => {
      const pool = makePool({ concurrencyLimit: 2 });
      for (let count = 0; count < 4; count += 1) {
        const compressor = new Compressor(pool, 15, keepsHistory);
        compressor.compress(noise(LONG), () => {});
        compressor.close();
      }
      await assertIsUsable(pool);
    });

    test(`does not get what was closed while it waited, ${name}`, async () => {
      const pool = makePool({ concurrencyLimit: 1 });
      const first = new Compressor(pool, 15, true);
      const working = compress(first, noise(100_000));
      const waiting = new Compressor(pool, 15, keepsHistory);
      waiting.compress(noise(LONG), () => assert.fail("it was closed"));
      waiting.close();
      await working;
      await assertIsUsable(pool);
      first.close();
    });
  }

  test("a message that was being compressed when its compressor was closed does not come", async () => {
    const pool = makePool();
    const compressor = new Compressor(pool, 15, true);
    compressor.compress(noise(LONG), () => assert.fail("it was closed"));
    compressor.close();
    for (let count = 0; count < 3; count += 1) await assertIsUsable(pool);
  });
});
