// Methods that every Node we support has on its Buffers but does not document: `write` and `toString` end in them,
// and calling them directly spares the look-up of the encoding. Used inside function bodies only, so that
// the published declarations don't mention them.
interface Buffer {
  /** Encodes `text` to `this[offset, …)` and returns how many bytes it took. */
  utf8Write(text: string, offset?: number, length?: number): number;
  /** Decodes `this[start, end)`. */
  utf8Slice(start?: number, end?: number): string;
  /** Decodes `this[start, end)`, one character a byte. */
  latin1Slice(start?: number, end?: number): string;
}
