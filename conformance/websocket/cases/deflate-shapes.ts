import zlib from "node:zlib";
import { type Case, session } from "../case.ts";
import { deflateMessage, storedBlocks } from "../wire/deflate.ts";
import { OPCODE, pieces } from "../../lib/wire/frame.ts";
import type { Peer } from "../wire/peer.ts";
import { bytes, json, noise } from "./samples.ts";

const { binary } = OPCODE;
const { Z_HUFFMAN_ONLY, Z_FIXED, Z_RLE } = zlib.constants;

/** Ready-made deflate data, each a message of its own that refers to nothing before it. */
function shape(name: string, section: string, sentence: string, data: Uint8Array, message: Uint8Array): Case {
  const run = async (peer: Peer): Promise<void> => {
    for (let i = 0; i < 2; i++) {
      await peer.send({ opcode: binary, payload: data, rsv: 4 });
      await peer.expectBinary(message);
    }
    await peer.finish();
  };
  return session(`deflate/shape-${name}`, section, sentence, run, { wish: {} });
}

const HELLO = Buffer.from("Hello");
const hex = (digits: string): Buffer => Buffer.from(digits, "hex");
/** Blocks that end as a deflate stream of its own ends, and the byte that then closes the message. */
const ENDED = Buffer.concat([zlib.deflateRawSync(json(20)), Buffer.of(0)]);

/** Every form that RFC 7692 lets deflate data have. */
export const deflateShapes: Case[] = [
  shape("of-the-rfc", "7692 §7.2.3.1", "Inflates one fixed block.", hex("f248cdc9c90700"), HELLO),
  shape("stored", "7692 §7.2.3.3", "Inflates a stored block.", hex("000500faff48656c6c6f00"), HELLO),
  shape(
    "final",
    "7692 §7.2.3.4",
    "Inflates a block marked as final, and the next message.",
    hex("f348cdc9c9070000"),
    HELLO,
  ),
  shape("final-json", "7692 §7.2.3.4", "Inflates dynamic blocks that end with a final one.", ENDED, json(20)),
  shape(
    "two-blocks",
    "7692 §7.2.3.5",
    "Inflates two blocks with a flush between them.",
    hex("f24805000000ffffcac9c90700"),
    HELLO,
  ),
  shape("empty", "7692 §7.2.3.6", "Inflates a message of nothing.", hex("00"), Buffer.alloc(0)),
  shape(
    "empty-fixed",
    "7692 §7.2.3.6",
    "Inflates a message of an empty fixed block.",
    hex("0200"),
    Buffer.alloc(0),
  ),
  shape(
    "empty-blocks",
    "7692 §7.2.3.5",
    "Inflates empty blocks around a full one.",
    Buffer.concat([hex("000000ffff000000ffff"), hex("000500faff"), HELLO, hex("000000ffff00")]),
    HELLO,
  ),
  shape(
    "stored-many",
    "7692 §7.2.3.5",
    "Inflates fifty stored blocks.",
    Buffer.concat([storedBlocks(pieces(bytes(1000), 20)), Buffer.of(0)]),
    bytes(1000),
  ),
  shape(
    "stored-65535",
    "7692 §7.2.3.3",
    "Inflates stored blocks of the largest size.",
    Buffer.concat([storedBlocks(pieces(noise(131070), 65535)), Buffer.of(0)]),
    noise(131070),
  ),
  shape(
    "stored-final",
    "7692 §7.2.3.4",
    "Inflates stored blocks, the last marked as final.",
    Buffer.concat([storedBlocks(pieces(bytes(500), 99), true), Buffer.of(0)]),
    bytes(500),
  ),
  shape(
    "level-0",
    "7692 §7.2.1",
    "Inflates what was only stored.",
    deflateMessage(json(50), { level: 0 }),
    json(50),
  ),
  shape(
    "level-1",
    "7692 §7.2.1",
    "Inflates what was compressed fast.",
    deflateMessage(json(50), { level: 1 }),
    json(50),
  ),
  shape(
    "level-9",
    "7692 §7.2.1",
    "Inflates what was compressed hard.",
    deflateMessage(json(50), { level: 9 }),
    json(50),
  ),
  shape(
    "huffman-only",
    "7692 §7.2.1",
    "Inflates without references.",
    deflateMessage(json(50), { strategy: Z_HUFFMAN_ONLY }),
    json(50),
  ),
  shape(
    "fixed",
    "7692 §7.2.1",
    "Inflates fixed blocks alone.",
    deflateMessage(json(50), { strategy: Z_FIXED }),
    json(50),
  ),
  shape(
    "run-length",
    "7692 §7.2.1",
    "Inflates references to the byte before.",
    deflateMessage(Buffer.alloc(5000, "ab"), { strategy: Z_RLE }),
    Buffer.alloc(5000, "ab"),
  ),
  shape(
    "window-9",
    "7692 §7.2.1",
    "Inflates what was compressed in a small window.",
    deflateMessage(json(50), { windowBits: 9 }),
    json(50),
  ),
];
