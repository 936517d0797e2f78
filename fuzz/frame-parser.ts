/**
 * However a stream of frames is cut into pieces, and whenever the application pauses, the parser reports the same events and refuses
 * the same byte with the same code; it throws nothing but `ProtocolError`.
 */
import assert from "node:assert/strict";
import { isUtf8 } from "node:buffer";
import type { FrameParserOptions } from "../src/protocol/frame-parser.ts";

import type { SeededRandom } from "../src/testing/seeded-random.ts";
import { copyOf, cutEvery, cutRandomly } from "./lib/cuts.ts";
import { fuzzer, type Run } from "./lib/fuzzer.ts";
import { frameStream } from "./lib/frame-streams.ts";
import { parsePausing, parsePieces, type ParserRun } from "./lib/parser-runs.ts";

const LIMITS = [0, 100, 250, 66_000];
/** Long streams are not cut into single bytes: it would take most of the time and show no more. */
const BYTE_BY_BYTE_UP_TO = 1500;

export const run: Run = fuzzer("frame-parser", (random) => {
  const role = random.pick(["server", "client"] as const);
  const allowCompressed = random.fraction() < 0.5;
  const options: FrameParserOptions = {
    role,
    maxMessageBytes: random.pick(LIMITS),
    allowCompressed,
    ...(random.fraction() < 0.5 && { isUtf8, allocate: (size: number) => Buffer.allocUnsafeSlow(size) }),
  };
  const bytes = frameStream(random, { masked: role === "server", compressed: allowCompressed });
  const whole = parsePieces([copyOf(bytes)], options);
  for (const pieces of waysToCut(bytes, random)) {
    checkSame(bytes, whole, parsePieces(pieces, options), `cut into ${pieces.length}`);
  }
  checkPoint(bytes, options, random, whole);
  checkSame(bytes, whole, parsePausing(cutRandomly(bytes, random, 40), options), "with pauses");
  return whole.error?.code ?? (whole.events.at(-1)?.startsWith("close") === true ? "closed" : "taken");
});

function waysToCut(bytes: Buffer, random: SeededRandom): Uint8Array[][] {
  const half = cutEvery(Math.ceil(bytes.length / 2) || 1, bytes);
  const ways = [half, cutRandomly(bytes, random, 300)];
  if (bytes.length <= BYTE_BY_BYTE_UP_TO) ways.push(cutRandomly(bytes, random, 8));
  return ways;
}

function checkSame(bytes: Buffer, expected: ParserRun, actual: ParserRun, how: string): void {
  const isSame = actual.events.join("\n") === expected.events.join("\n");
  if (isSame && actual.error?.code === expected.error?.code) return;
  const stream = `${how}: ${bytes.toString("hex", 0, 2000)}`;
  assert.deepEqual(actual.events, expected.events, stream);
  assert.equal(actual.error?.code, expected.error?.code, stream);
}

/** Byte by byte the parser refuses at one certain byte; a stream cut there in two must be refused there as well, not sooner or later. */
function checkPoint(
  bytes: Buffer,
  options: FrameParserOptions,
  random: SeededRandom,
  whole: ParserRun,
): void {
  if (bytes.length > BYTE_BY_BYTE_UP_TO) return;
  const single = parsePieces(cutEvery(1, bytes), options);
  checkSame(bytes, whole, single, "byte by byte");
  if (single.error === undefined) return;
  const hex = (): string => bytes.toString("hex");
  const before = bytes.subarray(0, single.taken - 1);
  const sooner = parsePieces(cutEvery(random.integer(1, before.length + 1), before), options);
  if (sooner.error !== undefined) assert.fail(`refused before byte ${single.taken}: ${hex()}`);
  const there = parsePieces([copyOf(bytes.subarray(0, single.taken))], options);
  if (there.error?.code !== single.error.code) assert.fail(`not refused at byte ${single.taken}: ${hex()}`);
}
