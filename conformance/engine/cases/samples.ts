/** Messages that go through every transport unchanged. */
export const TEXTS: readonly (readonly [name: string, text: string])[] = [
  ["empty", ""],
  ["of-1", "a"],
  ["plain", "hello"],
  ["digits", "4123"],
  ["like-binary", "bAQIDBA=="],
  ["spaces", "  two  spaces and a\ttab  "],
  ["line-ends", "one\ntwo\r\nthree\r"],
  ["zero-character", "a\u0000b"],
  ["controls", "\u0001\u001d\u001f\u007f"],
  ["quotes", `{"key":"\\"value\\""}`],
  ["percent-and-plus", "100%25 + a&b=c"],
  ["latin", "crème brûlée"],
  ["greek", "κόσμε"],
  ["cjk", "実時間"],
  ["emoji", "🙂👩‍👩‍👧🇪🇺"],
  ["byte-order-mark", "\uFEFFfirst"],
  ["last-code-point", "\u{10ffff}"],
  ["separators-of-lines", "\u2028\u2029"],
];

/** Bytes that don't repeat soon. */
export function bytes(length: number): Buffer {
  const result = Buffer.allocUnsafe(length);
  for (let i = 0; i < length; i++) result[i] = (i * 7 + (i >> 8)) & 255;
  return result;
}

export const BINARIES: readonly (readonly [name: string, bytes: Buffer])[] = [
  ["empty", Buffer.alloc(0)],
  ["of-1", Buffer.of(0)],
  ["of-2", bytes(2)],
  ["of-3", bytes(3)],
  ["of-4", Buffer.of(1, 2, 3, 4)],
  ["separator", Buffer.of(0x1e, 0x1e)],
  ["like-text", Buffer.from("4hello")],
  ["not-utf8", Buffer.of(0xff, 0xfe, 0xc0, 0x80)],
  ["every-byte", bytes(256)],
];

/** Lengths around what a frame, a segment or a buffer holds. */
export const SIZES: readonly number[] = [
  124, 125, 126, 127, 1023, 1024, 16384, 65534, 65535, 65536, 65537, 200000,
];

/** Text of so many characters of one byte. */
export function text(length: number): string {
  return "The quick brown fox jumps over the lazy dog. ".repeat(Math.ceil(length / 45)).slice(0, length);
}
