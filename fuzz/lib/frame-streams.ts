import { deflateRawSync, constants } from "node:zlib";
import type { SeededRandom } from "../../src/testing/seeded-random.ts";
import { closeBody, frame, type FrameOptions, OPCODE } from "../../test/support/wire-frames.ts";
import { mutate, splice } from "./mutate.ts";
import { lengthOf, textOf } from "./texts.ts";

/** What streams are made for. */
export interface StreamOptions {
  /** Whether the frames are masked: those that a server receives are. */
  readonly masked: boolean;
  /** Whether some messages are compressed. */
  readonly compressed: boolean;
}

const LONGEST_CONTROL = 125;
const MOST_ITEMS = 5;
const MOST_FRAGMENTS = 4;
/** So many of the streams stay as they were made: valid. */
const UNTOUCHED = 0.25;
const CODES = [1000, 1001, 1002, 1003, 1007, 1011, 1014, 3000, 4999];
const BAD_CODES = [0, 999, 1004, 1005, 1006, 1015, 1016, 2000, 2999, 5000, 65_535];

/** What a client or server might send, and what somebody who means ill might. */
export function frameStream(random: SeededRandom, options: StreamOptions): Buffer {
  const frames = validFrames(random, options);
  if (random.fraction() < UNTOUCHED) return Buffer.concat(frames);
  switch (random.integer(0, 3)) {
    case 0:
      return editLength(frames, random);
    case 1:
      return splice(Buffer.concat(frames), Buffer.concat(validFrames(random, options)), random);
    case 2:
      return rearrange(frames, random);
    default:
      return mutate(Buffer.concat(frames), random);
  }
}

function validFrames(random: SeededRandom, options: StreamOptions): Buffer[] {
  const frames: Buffer[] = [];
  for (let count = random.integer(1, MOST_ITEMS); count > 0; count -= 1) {
    if (random.fraction() < 0.25) frames.push(controlFrame(random, options));
    else frames.push(...messageFrames(random, options));
  }
  if (random.fraction() < 0.4) frames.push(closeFrame(random, options));
  return frames;
}

function messageFrames(random: SeededRandom, options: StreamOptions): Buffer[] {
  const isText = random.fraction() < 0.6;
  const content = isText
    ? textOf(lengthOf(random), random)
    : Buffer.from(random.bytes(Math.min(300, lengthOf(random))));
  // Now and then text that is not.
  const plain = isText && random.fraction() < 0.08 && content.length > 0 ? mutate(content, random) : content;
  const compressed = options.compressed && random.fraction() < 0.5;
  const payload = compressed ? compress(plain) : plain;
  const fragments = random.fraction() < 0.5 ? 1 : random.integer(2, MOST_FRAGMENTS);
  const frames: Buffer[] = [];
  let at = 0;
  for (let index = 0; index < fragments; index += 1) {
    const isLast = index === fragments - 1;
    const end = isLast ? payload.length : random.integer(at, payload.length);
    const opcode = index > 0 ? OPCODE.continuation : isText ? OPCODE.text : OPCODE.binary;
    const rsv = compressed && index === 0 ? 4 : 0;
    frames.push(makeFrame(opcode, payload.subarray(at, end), random, options, { fin: isLast, rsv }));
    if (!isLast && random.fraction() < 0.3) frames.push(controlFrame(random, options));
    at = end;
  }
  return frames;
}

function controlFrame(random: SeededRandom, options: StreamOptions): Buffer {
  const payload = random.bytes(Math.min(LONGEST_CONTROL, lengthOf(random)));
  return makeFrame(random.pick([OPCODE.ping, OPCODE.pong]), payload, random, options);
}

function closeFrame(random: SeededRandom, options: StreamOptions): Buffer {
  const code = random.pick(random.fraction() < 0.8 ? CODES : BAD_CODES);
  const reason = textOf(random.integer(0, 100), random);
  const body = random.pick([Buffer.alloc(0), closeBody(code), closeBody(code, reason), Buffer.of(3)]);
  return makeFrame(OPCODE.close, body, random, options);
}

function makeFrame(
  opcode: number,
  payload: Uint8Array,
  random: SeededRandom,
  { masked }: StreamOptions,
  more: FrameOptions = {},
): Buffer {
  return frame(opcode, payload, { ...more, mask: masked && [...random.bytes(4)] });
}

/** Changes what the header of one frame says about its length. */
function editLength(frames: readonly Buffer[], random: SeededRandom): Buffer {
  const edited = frames.map((bytes) => Buffer.from(bytes));
  const chosen = random.pick(edited);
  const length = chosen[1]! & 0x7f;
  if (length === 126 && random.fraction() < 0.5) chosen.writeUInt16BE(random.integer(0, 200), 2);
  else if (length === 127 && random.fraction() < 0.7)
    chosen[random.integer(2, 9)] = random.pick([0, 1, 0x80, 0xff]);
  else
    chosen[1] =
      (chosen[1]! & 0x80) | random.pick([0, 1, 125, 126, 127, length + 1, length - 1].map((to) => to & 0x7f));
  return Buffer.concat(edited);
}

/** Leaves a frame out, sends one twice, or two in the wrong order. */
function rearrange(frames: readonly Buffer[], random: SeededRandom): Buffer {
  const list = [...frames];
  const [taken] = list.splice(random.integer(0, list.length - 1), 1);
  if (random.fraction() < 0.3) return Buffer.concat(list);
  list.splice(random.integer(0, list.length), 0, taken!);
  if (random.fraction() < 0.5) list.splice(random.integer(0, list.length), 0, taken!);
  return Buffer.concat(list);
}

/** As it stands in the payload of a compressed message, with an empty window (RFC 7692 §7.2.1). */
export function compress(plain: Uint8Array, windowBits = 15): Buffer {
  const compressed = deflateRawSync(plain, { finishFlush: constants.Z_SYNC_FLUSH, windowBits });
  return compressed.subarray(0, compressed.length - 4);
}
