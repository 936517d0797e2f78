/**
 * A decompressor gives what zlib gives in one go, at once or in the thread pool, message by message; on any other input it fails
 * with a `ProtocolError`: it never gives more bytes than are allowed, never hangs, and never takes the process down.
 */
import assert from "node:assert/strict";
import { constants, inflateRawSync } from "node:zlib";
import { ProtocolError } from "../src/protocol/errors.ts";
import { Decompressor } from "../src/websocket/deflate/decompressor.ts";
import { ZlibPool } from "../src/websocket/deflate/zlib-pool.ts";
import type { SeededRandom } from "../src/testing/seeded-random.ts";
import { compress } from "./lib/frame-streams.ts";
import { fuzzer, type Run } from "./lib/fuzzer.ts";
import { mutate, splice } from "./lib/mutate.ts";
import { lengthOf, textOf } from "./lib/texts.ts";

const TAIL = Buffer.from([0x00, 0x00, 0xff, 0xff]);
const MAX_BYTES = 300_000;
const BOMB_BYTES = 2_000_000;

const atOnce = new ZlibPool({ deflate: {}, inflate: {}, concurrencyLimit: 4, atOnce: true });
const threaded = new ZlibPool({ deflate: {}, inflate: {}, concurrencyLimit: 4, atOnce: false });

type Result = Buffer | ProtocolError["code"];

export const run: Run = fuzzer("decompressor", async (random) => {
  const windowBits = random.integer(9, 15);
  const maxBytes = random.pick([0, 10, 1000, MAX_BYTES]);
  const messages = Array.from({ length: random.integer(1, 3) }, () => payload(random, windowBits));
  const keepsHistory = random.fraction() < 0.5;
  const results = [];
  for (const pool of [atOnce, threaded]) {
    results.push(await inflateAll(new Decompressor(pool, windowBits, keepsHistory, maxBytes), messages));
  }
  const [one, other] = results;
  const what = JSON.stringify({
    windowBits,
    maxBytes,
    keepsHistory,
    messages: messages.map((each) => each.toString("hex", 0, 400)),
  });
  const read = (all: readonly Result[] = []): unknown[] => all.map(comparison(maxBytes));
  assert.deepEqual(read(one), read(other), `at once and threaded differ: ${what}`);
  for (const result of one!) {
    if (typeof result !== "string" && maxBytes > 0) assert.ok(result.length <= maxBytes, what);
  }
  if (!keepsHistory) checkAgainstZlib(messages, one!, windowBits, maxBytes, what);
  const last = one!.at(-1)!;
  return typeof last === "string" ? last : "inflated";
});

/** Data that is too long and then corrupt may be refused for either reason: it depends on how much is read in one step. */
function comparison(maxBytes: number): (result: Result) => Result | "refused" {
  return (result) => (typeof result === "string" && maxBytes > 0 ? "refused" : result);
}

/** Inflates messages until one fails, as a connection would. */
async function inflateAll(decompressor: Decompressor, messages: readonly Buffer[]): Promise<Result[]> {
  const results: Result[] = [];
  for (const message of messages) {
    const result = await inflate(decompressor, message);
    results.push(result);
    if (typeof result === "string") break;
  }
  decompressor.close();
  return results;
}

function inflate(decompressor: Decompressor, message: Buffer): Promise<Result> {
  return new Promise((resolve, reject) => {
    try {
      const output = decompressor.decompress(Buffer.from(message), (error, later) =>
        resolve(error?.code ?? later),
      );
      if (output !== undefined) resolve(output);
    } catch (error) {
      if (error instanceof ProtocolError) resolve(error.code);
      else reject(error);
    }
  });
}

/** Where zlib reads all of the input up to its tail, it must agree; a last block in the middle is handled in a way of our own. */
function checkAgainstZlib(
  messages: readonly Buffer[],
  results: readonly Result[],
  windowBits: number,
  maxBytes: number,
  what: string,
): void {
  for (const [index, result] of results.entries()) {
    const message = messages[index]!;
    let expected: Buffer | undefined;
    try {
      expected = inflateRawSync(Buffer.concat([message, TAIL]), {
        windowBits,
        finishFlush: constants.Z_SYNC_FLUSH,
      });
    } catch {
      expected = undefined;
    }
    if (expected === undefined) assert.equal(typeof result, "string", what);
    else if (typeof result !== "string")
      assert.deepEqual(result.subarray(0, expected.length), expected, what);
    else if (maxBytes === 0) assert.equal(result, "WS_ERR_INVALID_COMPRESSED_DATA", what);
  }
}

function payload(random: SeededRandom, windowBits: number): Buffer {
  if (random.fraction() < 0.01) return compress(Buffer.alloc(BOMB_BYTES), windowBits);
  const valid = compress(textOf(lengthOf(random), random), windowBits);
  const draw = random.fraction();
  if (draw < 0.4) return valid;
  if (draw < 0.9) return mutate(valid, random);
  return splice(valid, compress(Buffer.from(random.bytes(random.integer(0, 100))), windowBits), random);
}
