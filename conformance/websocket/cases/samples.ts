/** Payloads. Every one is the same in every run. */

const BYTES = Buffer.from(Array.from({ length: 65536 }, (_, i) => (i * 7 + (i >> 8)) & 0xff));
const PRINTABLE = Buffer.from(Array.from({ length: 128 * 95 }, (_, i) => 0x20 + ((i * 7 + (i >> 7)) % 95)));

/** Bytes that differ from their neighbours and from those 256 further on, so that a shift shows. */
export function bytes(length: number): Buffer {
  return Buffer.alloc(length, BYTES);
}

/** Printable ASCII of this length. */
export function ascii(length: number): Buffer {
  return Buffer.alloc(length, PRINTABLE);
}

/** A payload of this length that suits the kind. */
export function sample(kind: "text" | "binary", length: number): Buffer {
  return kind === "text" ? ascii(length) : bytes(length);
}

/** Bytes that no compressor makes smaller (xorshift32 from a fixed seed). */
export function noise(length: number, seed = 0x9e3779b9): Buffer {
  const made = Buffer.allocUnsafe(length);
  let state = seed;
  for (let i = 0; i < length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    made[i] = state >>> 24;
  }
  return made;
}

const SCRIPTS = "Grüße · κόσμε · Привет · 你好，世界 · नमस्ते · 🙂👩‍🚀🏳️‍🌈 · ";

/** Valid UTF-8 of exactly this many bytes in which characters of every length come and go. */
export function scripts(length: number): Buffer {
  const unit = Buffer.from(SCRIPTS);
  const made = Buffer.alloc(length, unit);
  // The last character may be cut: replace what is left of it.
  let end = length;
  while (end > 0 && (made[end - 1]! & 0xc0) === 0x80) end--;
  if (end > 0 && made[end - 1]! >= 0xc0) made.fill(0x2e, end - 1);
  return made;
}

/** A JSON document as applications send them: keys repeat, values differ. */
export function json(entries: number): Buffer {
  const rows = Array.from({ length: entries }, (_, i) => ({
    id: i,
    name: `item ${i}`,
    price: ((i * 7919) % 10000) / 100,
    tags: ["new", i % 3 === 0 ? "sale" : "regular"],
    available: i % 2 === 0,
  }));
  return Buffer.from(JSON.stringify(rows));
}
