import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { deflateRawSync } from "node:zlib";
import { ProtocolError } from "../../../src/protocol/errors.ts";
import { Compressor } from "../../../src/websocket/deflate/compressor.ts";
import { Decompressor } from "../../../src/websocket/deflate/decompressor.ts";
import { ZlibPool } from "../../../src/websocket/deflate/zlib-pool.ts";
import { deflated, deflatedWithFinal, noise, prose } from "../../support/payloads.ts";

function makePool({ concurrencyLimit = 10, atOnce = true } = {}): ZlibPool {
  return new ZlibPool({ deflate: {}, inflate: {}, concurrencyLimit, atOnce });
}

/** What a message becomes, now or later; rejects with what is wrong with it. */
function decompress(decompressor: Decompressor, message: Uint8Array): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const now = decompressor.decompress(message, (error, later) => {
      if (error === undefined) resolve(later);
      else reject(error);
    });
    if (now !== undefined) resolve(now);
  });
}

function compress(compressor: Compressor, message: Uint8Array): Promise<Buffer> {
  return new Promise((resolve) => {
    const now = compressor.compress(message, (later) => resolve(Buffer.from(later)));
    if (now !== undefined) resolve(Buffer.from(now));
  });
}

function failsWith(code: string, closeCode: number): (error: unknown) => boolean {
  return (error) => error instanceof ProtocolError && error.code === code && error.closeCode === closeCode;
}

const isTooLong = failsWith("WS_ERR_UNSUPPORTED_MESSAGE_LENGTH", 1009);
const isCorrupt = failsWith("WS_ERR_INVALID_COMPRESSED_DATA", 1007);
const LONG = 40 * 1024;

for (const atOnce of [true, false]) {
  const how = atOnce ? "at once where it is short" : "in the thread pool";

  describe(`a message is inflated ${how}`, () => {
    for (const keepsHistory of [true, false]) {
      test(`whatever its length, ${keepsHistory ? "with" : "without"} history`, async () => {
        const pool = makePool({ atOnce });
        const compressor = new Compressor(pool, 15, keepsHistory);
        const decompressor = new Decompressor(pool, 15, keepsHistory, 0);
        const lengths = [0, 1, 100, 30_000, LONG, 100, 1_000_000, 65_536, 262_144, 262_145, 0, 500, 327_680];
        for (const length of lengths) {
          for (const message of [noise(length), Buffer.from(prose(length)), Buffer.alloc(length)]) {
            const inflated = await decompress(decompressor, await compress(compressor, message));
            assert.ok(inflated.equals(message), `${length}`);
          }
        }
        compressor.close();
        decompressor.close();
      });
    }

    test("and what is returned stays as it is", async () => {
      const decompressor = new Decompressor(makePool({ atOnce }), 15, false, 0);
      const first = await decompress(decompressor, deflated("first"));
      await decompress(decompressor, deflated("other"));
      assert.equal(String(first), "first");
      decompressor.close();
    });

    test("the examples of RFC 7692 §7.2.3", async () => {
      const inflate = async (...messages: string[]): Promise<string[]> => {
        const decompressor = new Decompressor(makePool({ atOnce }), 15, true, 0);
        const texts = [];
        for (const hex of messages) {
          texts.push(String(await decompress(decompressor, Buffer.from(hex.replaceAll(" ", ""), "hex"))));
        }
        decompressor.close();
        return texts;
      };
      assert.deepEqual(await inflate("f2 48 cd c9 c9 07 00"), ["Hello"]);
      assert.deepEqual(await inflate("f2 48 cd c9 c9 07 00", "f2 00 11 00 00"), ["Hello", "Hello"]);
      // Not compressed; with BFINAL; in two blocks; nothing.
      assert.deepEqual(await inflate("00 05 00 fa ff 48 65 6c 6c 6f 00"), ["Hello"]);
      assert.deepEqual(await inflate("f3 48 cd c9 c9 07 00 00"), ["Hello"]);
      assert.deepEqual(await inflate("f2 48 05 00 00 00 ff ff ca c9 c9 07 00"), ["Hello"]);
      assert.deepEqual(await inflate("00"), [""]);
    });

    for (const keepsHistory of [true, false]) {
      test(`messages whose last block says so, ${keepsHistory ? "with" : "without"} history`, async () => {
        const decompressor = new Decompressor(makePool({ atOnce }), 15, keepsHistory, 0);
        for (const length of [5, 5000, 5, LONG, 400_000, 7]) {
          for (const message of [noise(length), Buffer.from(prose(length))]) {
            assert.ok((await decompress(decompressor, deflatedWithFinal(message))).equals(message));
            assert.ok((await decompress(decompressor, deflated(message))).equals(message));
          }
        }
        decompressor.close();
      });
    }

    for (const keepsHistory of [true, false]) {
      test(`what stands behind a last block is read, ${keepsHistory ? "with" : "without"} history`, async () => {
        const decompressor = new Decompressor(makePool({ atOnce }), 15, keepsHistory, 0);
        for (const lengths of [
          [5, 5],
          [5, LONG],
          [LONG, 5],
          [LONG, LONG, LONG],
          [300_000, 5, 300_000, 5],
        ]) {
          const parts = lengths.map((length) => noise(length));
          const ended = parts.slice(0, -1).map((part) => deflateRawSync(part));
          const message = Buffer.concat([...ended, deflated(parts.at(-1)!)]);
          assert.ok((await decompress(decompressor, message)).equals(Buffer.concat(parts)), lengths.join());
          assert.equal(String(await decompress(decompressor, deflated("next"))), "next");
        }
        decompressor.close();
      });
    }

    test("what stands behind a last block is held to the same rules", async () => {
      for (const length of [5, LONG]) {
        const ended = deflateRawSync(noise(length));
        const decompressor = (maxBytes: number): Decompressor =>
          new Decompressor(makePool({ atOnce }), 15, true, maxBytes);
        const whole = Buffer.concat([ended, deflated(noise(LONG))]);
        assert.equal((await decompress(decompressor(length + LONG), whole)).length, length + LONG);
        await assert.rejects(decompress(decompressor(length + LONG - 1), whole), isTooLong);
        const corrupt = Buffer.concat([ended, Buffer.alloc(LONG, 0xff)]);
        await assert.rejects(decompress(decompressor(0), corrupt), isCorrupt);
      }
    });

    test("thousands of last blocks, with nothing in them, are read", async () => {
      const decompressor = new Decompressor(makePool({ atOnce }), 15, true, 0);
      const empty = deflateRawSync("");
      const count = atOnce ? 40_000 : 2000;
      const ended = Array.from({ length: count }, () => empty);
      const message = Buffer.concat([deflateRawSync(noise(LONG)), ...ended, deflated("at last")]);
      const inflated = await decompress(decompressor, message);
      assert.equal(String(inflated.subarray(LONG)), "at last");
      decompressor.close();
    });

    test("a longer one than is accepted is refused at the byte too many", async () => {
      // Among them the lengths at which the rest is left to the thread pool.
      for (const length of [1, 2, 1000, 65_536, 262_144, 262_145, 327_680, 327_681, 393_216, 600_000]) {
        for (const make of [deflated, deflatedWithFinal]) {
          const message = make(Buffer.alloc(length));
          const generous = new Decompressor(makePool({ atOnce }), 15, true, length);
          assert.equal((await decompress(generous, message)).length, length);
          generous.close();
          if (length === 1) continue;
          const strict = new Decompressor(makePool({ atOnce }), 15, true, length - 1);
          await assert.rejects(decompress(strict, message), isTooLong, `${length}`);
          strict.close();
        }
      }
    });

    test("a bomb is stopped long before its end", async () => {
      // 64 MB of zeros in 64 KB; a short one of 24 MB in 24 KB.
      for (const megabytes of [64, 24]) {
        const bomb = deflated(Buffer.alloc(megabytes * 1024 * 1024));
        const decompressor = new Decompressor(makePool({ atOnce }), 15, true, 1_000_000);
        const before = process.memoryUsage();
        await assert.rejects(decompress(decompressor, bomb), isTooLong);
        const after = process.memoryUsage();
        const grown = after.arrayBuffers + after.external - before.arrayBuffers - before.external;
        assert.ok(grown < 16 * 1024 * 1024, `${grown}`);
        decompressor.close();
      }
    });

    test("what is not deflate is refused", async () => {
      for (const length of [1, 100, LONG]) {
        const decompressor = new Decompressor(makePool({ atOnce }), 15, true, 0);
        // A block of the type that does not exist.
        await assert.rejects(decompress(decompressor, Buffer.alloc(length, 0xff)), isCorrupt);
        decompressor.close();
      }
      const spoilt = deflated(prose(400_000));
      assert.ok(spoilt.length > LONG);
      spoilt.fill(0xff, 20_000);
      const decompressor = new Decompressor(makePool({ atOnce }), 15, true, 0);
      await assert.rejects(decompress(decompressor, spoilt), isCorrupt);
      decompressor.close();
    });

    test("a reference to what was never there is refused", async () => {
      const pool = makePool({ atOnce });
      const compressor = new Compressor(pool, 15, true);
      await compress(compressor, noise(1000));
      const second = await compress(compressor, noise(1000));
      for (const keepsHistory of [true, false]) {
        const decompressor = new Decompressor(pool, 15, keepsHistory, 0);
        await decompress(decompressor, deflated("something else"));
        await assert.rejects(decompress(decompressor, second), isCorrupt);
        decompressor.close();
      }
      compressor.close();
    });
  });

  describe(`the thread pool (${how})`, () => {
    const long = deflated(noise(100_000));

    async function assertIsUsable(pool: ZlibPool): Promise<void> {
      const other = new Decompressor(pool, 15, true, 0);
      assert.equal((await decompress(other, long)).length, 100_000);
      other.close();
    }

    for (const keepsHistory of [true, false]) {
      const name = keepsHistory ? "with history" : "without history";

      test(`is free again after those that were closed while they worked, ${name}`, async () => {
        const pool = makePool({ concurrencyLimit: 2, atOnce });
        for (let count = 0; count < 4; count += 1) {
          const decompressor = new Decompressor(pool, 15, keepsHistory, 0);
          decompressor.decompress(long, () => assert.fail("it was closed"));
          decompressor.close();
        }
        await assertIsUsable(pool);
      });

      test(`is free again after those that were wrong, ${name}`, async () => {
        const pool = makePool({ concurrencyLimit: 1, atOnce });
        for (let count = 0; count < 3; count += 1) {
          const corrupt = new Decompressor(pool, 15, keepsHistory, 0);
          await assert.rejects(decompress(corrupt, Buffer.alloc(LONG, 0xff)), isCorrupt);
          corrupt.close();
          const limited = new Decompressor(pool, 15, keepsHistory, 1000);
          await assert.rejects(decompress(limited, long), isTooLong);
          limited.close();
        }
        await assertIsUsable(pool);
      });

      test(`does not get what was closed while it waited, ${name}`, async () => {
        const pool = makePool({ concurrencyLimit: 1, atOnce });
        const first = new Decompressor(pool, 15, true, 0);
        const working = decompress(first, long);
        const waiting = new Decompressor(pool, 15, keepsHistory, 0);
        waiting.decompress(long, () => assert.fail("it was closed"));
        waiting.close();
        await working;
        await assertIsUsable(pool);
        first.close();
      });
    }
  });
}

test("a short message that becomes long does not hold up others: the rest is left to the thread pool", async () => {
  const decompressor = new Decompressor(makePool(), 15, true, 0);
  const bomb = deflated(Buffer.alloc(24 * 1024 * 1024));
  assert.ok(bomb.length < 32 * 1024);
  let inflated: Buffer | undefined;
  await new Promise<void>((resolve) => {
    const now = decompressor.decompress(bomb, (_error, message) => {
      inflated = message;
      resolve();
    });
    assert.equal(now, undefined);
  });
  assert.equal(inflated!.length, 24 * 1024 * 1024);
  assert.ok(inflated!.every((byte) => byte === 0));
  decompressor.close();
});
