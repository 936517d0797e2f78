/** The messages of the compressed rows. */
import { constants, createDeflateRaw } from "node:zlib";

const COUNT = 96;
const BYTES = 1024;
const SYMBOLS = ["AAL", "BTR", "CYM", "DNX", "EVO", "FLR", "GHT", "HPQ"];

/**
 * A file for the load generator (load/train.h): JSON messages of 1 KiB as a feed of prices would send them, all compressed
 * by one stream, each after its length in four bytes. Together they are three times the window of 32 KiB.
 */
export async function compressMessages() {
  const stream = createDeflateRaw({ windowBits: 15 });
  /** @type {Buffer[]} */
  const pieces = [];
  for (let i = 0; i < COUNT; i += 1) {
    const payload = await compress(stream, message(i));
    const size = Buffer.alloc(4);
    size.writeUInt32LE(payload.length);
    pieces.push(size, payload);
  }
  stream.destroy();
  return Buffer.concat(pieces);
}

/**
 * One message, behind those before (RFC 7692 §7.2.1: flushed, without the last four bytes).
 * @param {import("node:zlib").DeflateRaw} stream
 * @param {string} text
 * @returns {Promise<Buffer>}
 */
function compress(stream, text) {
  return new Promise((done) => {
    /** @type {Buffer[]} */
    const chunks = [];
    const collect = (/** @type {Buffer} */ chunk) => chunks.push(chunk);
    stream.on("data", collect);
    stream.write(text);
    stream.flush(constants.Z_SYNC_FLUSH, () => {
      stream.off("data", collect);
      done(Buffer.concat(chunks).subarray(0, -4));
    });
  });
}

/**
 * Different each time, and the same in every run.
 * @param {number} seed
 */
function message(seed) {
  let state = seed + 1;
  const random = () => (state = (state * 48271) % 0x7fffffff) / 0x7fffffff;
  const quotes = [];
  let text = "";
  while (text.length < BYTES) {
    const symbol = SYMBOLS[Math.floor(random() * SYMBOLS.length)];
    const price = Number((random() * 1000).toFixed(2));
    quotes.push({ symbol, price, size: Math.floor(random() * 500), side: random() < 0.5 ? "buy" : "sell" });
    text = JSON.stringify({ type: "quotes", sequence: 100_000 + seed, quotes });
  }
  return text.slice(0, BYTES);
}
