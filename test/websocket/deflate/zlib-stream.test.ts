import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { deflateRawSync } from "node:zlib";
import {
  CorruptInputError,
  OutputLimitError,
  ZlibStream,
} from "../../../src/websocket/deflate/zlib-stream.ts";
import { deflated, Inflater, noise, prose } from "../../support/payloads.ts";

const TAIL = Buffer.from([0, 0, 0xff, 0xff]);

function run(
  stream: ZlibStream,
  input: readonly Uint8Array[],
  maxBytes = Number.POSITIVE_INFINITY,
): Promise<{ error: Error | undefined; output: Buffer; read: number }> {
  return new Promise((resolve) => {
    stream.run(input, maxBytes, (error, output, read) => resolve({ error, output, read }));
  });
}

/** All that one input gives, in steps. */
function stepAll(stream: ZlibStream, input: Uint8Array): Buffer {
  const pieces: Buffer[] = [];
  for (let offset = 0, more = true; more || offset < input.length;) {
    const step = stream.step(input, offset);
    pieces.push(Buffer.from(step.output));
    ({ offset, more } = step);
  }
  return Buffer.concat(pieces);
}

for (const atOnce of [true, false]) {
  describe(`a stream ${atOnce ? "that may work at once" : "by the documented interface"}`, () => {
    test("says so", () => {
      const stream = new ZlibStream("deflate", 15, {}, atOnce);
      assert.equal(stream.worksAtOnce, atOnce);
      stream.close();
    });

    test("deflates and inflates in the thread pool: all of the output is there when it calls back", async () => {
      const deflate = new ZlibStream("deflate", 15, {}, atOnce);
      const inflate = new ZlibStream("inflate", 15, {}, atOnce);
      for (const length of [0, 1, 100, 16_383, 16_384, 16_385, 65_536, 300_000, 1_000_000]) {
        for (const message of [noise(length), Buffer.from(prose(length)), Buffer.alloc(length, 0x61)]) {
          const compressed = await run(deflate, [message]);
          assert.equal(compressed.error, undefined);
          // An empty input has nothing to flush.
          if (message.length > 0) assert.deepEqual(compressed.output.subarray(-4), TAIL);
          const inflated = await run(inflate, [compressed.output]);
          assert.equal(inflated.error, undefined);
          assert.ok(inflated.output.equals(message), `${length}`);
        }
      }
      deflate.close();
      inflate.close();
    });

    test("stops at the limit of its output, and at no byte before", async () => {
      const message = Buffer.alloc(500_000);
      for (const [maxBytes, isOver] of [
        [499_999, true],
        [500_000, false],
        [1, true],
      ] as const) {
        const stream = new ZlibStream("inflate", 15, {}, atOnce);
        const { error } = await run(stream, [deflated(message), TAIL], maxBytes);
        assert.equal(error instanceof OutputLimitError, isOver, `${maxBytes}`);
        assert.equal(stream.isSpent, isOver);
        stream.close();
      }
    });

    test("says how much it used: what stands behind the end is left", async () => {
      const message = deflated(noise(50_000));
      const stream = new ZlibStream("inflate", 15, {}, atOnce);
      assert.equal((await run(stream, [message, TAIL])).read, message.length + TAIL.length);
      assert.equal((await run(stream, [message, TAIL])).read, message.length + TAIL.length);
      stream.reset();
      const ended = deflateRawSync(noise(50_000));
      const { output, read } = await run(stream, [Buffer.concat([ended, message]), TAIL]);
      assert.deepEqual([output.length, read, stream.isSpent], [50_000, ended.length, true]);
      stream.close();
    });

    test("says what it can't make sense of", async () => {
      const stream = new ZlibStream("inflate", 15, {}, atOnce);
      const { error } = await run(stream, [Buffer.alloc(100, 0xff), TAIL]);
      assert.ok(error instanceof CorruptInputError);
      assert.equal(stream.isSpent, true);
      stream.close();
    });

    test("can be closed while it works: it does not call back", async () => {
      const other = new ZlibStream("deflate", 15, {}, atOnce);
      for (const direction of ["deflate", "inflate"] as const) {
        const stream = new ZlibStream(direction, 15, {}, atOnce);
        let calls = 0;
        stream.run([direction === "deflate" ? noise(1_000_000) : deflated(noise(1_000_000))], 1e9, () => {
          calls += 1;
        });
        stream.close();
        await run(other, [noise(2_000_000)]);
        await run(other, [noise(2_000_000)]);
        assert.equal(calls, 0);
      }
      other.close();
    });

    test("forgets what went through, if it is reset", async () => {
      const message = noise(5000);
      const stream = new ZlibStream("deflate", 15, {}, atOnce);
      const first = await run(stream, [message]);
      const again = await run(stream, [message]);
      assert.ok(again.output.length < 100, "refers to what came before");
      stream.reset();
      const anew = await run(stream, [message]);
      assert.deepEqual(anew.output, first.output);
      stream.close();
    });
  });
}

describe("at once and in the thread pool", () => {
  test("the same state is worked on, in whatever order", async () => {
    const deflate = new ZlibStream("deflate", 15, {});
    const inflate = new ZlibStream("inflate", 15, {});
    const reference = new Inflater();
    for (let count = 0; count < 12; count += 1) {
      const message = Buffer.from(prose(3000 + count));
      const whole = count % 2 === 0 ? stepAll(deflate, message) : (await run(deflate, [message])).output;
      const compressed = whole.subarray(0, -4);
      if (count > 0) assert.ok(compressed.length < 300 + count, `${count}: ${compressed.length}`);
      assert.deepEqual(await reference.inflate(compressed), message);
      const inflated = count % 3 === 0 ? stepAll(inflate, whole) : (await run(inflate, [whole])).output;
      assert.deepEqual(inflated, message);
    }
    deflate.close();
    inflate.close();
  });

  test("a step gives as much as fits, and says where to go on", () => {
    const message = Buffer.alloc(1_000_000);
    const stream = new ZlibStream("inflate", 15, {});
    const compressed = Buffer.concat([deflated(message), TAIL]);
    const first = stream.step(compressed, 0);
    assert.equal(first.more, true);
    assert.ok(first.output.length > 0 && first.output.length < 200_000);
    stream.reset();
    assert.equal(stepAll(stream, compressed).length, 1_000_000);
    stream.close();
  });

  test("a step throws what it can't make sense of, every time from then on", () => {
    const stream = new ZlibStream("inflate", 15, {});
    assert.throws(() => stream.step(Buffer.alloc(20, 0xff), 0), CorruptInputError);
    assert.throws(() => stream.step(deflated("x"), 0), CorruptInputError);
    assert.equal(stream.isSpent, true);
    stream.close();
  });

  test("outputs around the size of a step are whole", () => {
    const deflate = new ZlibStream("deflate", 15, { level: 0 });
    const inflate = new ZlibStream("inflate", 15, {});
    for (let length = 65_500; length < 65_560; length += 1) {
      const message = noise(length, length);
      const compressed = stepAll(deflate, message);
      assert.deepEqual(compressed.subarray(-4), TAIL);
      assert.ok(stepAll(inflate, compressed).equals(message), `${length}`);
    }
    deflate.close();
    inflate.close();
  });
});
