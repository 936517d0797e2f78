import { Duplex } from "node:stream";

/** A stream that notes each write the operating system would see, and gives what it is told to. */
export class RecordingStream extends Duplex {
  readonly writes: Buffer[] = [];
  /** Set to false to have writes wait, as with a peer that does not read. */
  accepting = true;

  /** All that was written. */
  get written(): Buffer {
    return Buffer.concat(this.writes);
  }

  /** Bytes that come from the other side. */
  receive(bytes: Uint8Array): void {
    this.push(bytes);
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: () => void): void {
    this.writes.push(chunk);
    if (this.accepting) callback();
  }

  override _writev(chunks: { chunk: Buffer }[], callback: () => void): void {
    this.writes.push(Buffer.concat(chunks.map(({ chunk }) => chunk)));
    if (this.accepting) callback();
  }
}

/** Resolves when this turn of the event loop, its microtasks and ticks are over. */
export function endOfTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
