import { closeSync, constants, openSync, readSync, writeSync } from "node:fs";
import { crc32 } from "node:zlib";

const BYTES = 12;
const CHECKED_BYTES = 8;

/**
 * Up to which commit somebody was told that it is kept: beside the database, so that a database that has lost its end is found out. It is written
 * without waiting for the disk: it outlives the process, and when the machine itself goes down the database has what was committed.
 */
export class CommitMark {
  readonly #file: number;
  readonly #bytes = Buffer.alloc(BYTES);

  /** Opens it, or makes it. */
  constructor(path: string) {
    this.#file = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600);
  }

  /** The last commit that was told; 0: none was, or what stands there is no mark. */
  read(): number {
    const bytes = Buffer.alloc(BYTES);
    if (readSync(this.#file, bytes, 0, BYTES, 0) < BYTES) return 0;
    if (crc32(bytes.subarray(0, CHECKED_BYTES)) !== bytes.readUInt32LE(CHECKED_BYTES)) return 0;
    return bytes.readDoubleLE();
  }

  write(commit: number): void {
    this.#bytes.writeDoubleLE(commit);
    this.#bytes.writeUInt32LE(crc32(this.#bytes.subarray(0, CHECKED_BYTES)), CHECKED_BYTES);
    writeSync(this.#file, this.#bytes, 0, BYTES, 0);
  }

  close(): void {
    closeSync(this.#file);
  }
}
