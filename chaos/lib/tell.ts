import { writeSync } from "node:fs";

/** How long it waits for the reader, when that is behind. */
const PAUSE_MS = 1;
const pause = new Int32Array(new SharedArrayBuffer(4));

/** Prints a line at once, before anything else is done: what it says must be known even if the next thing is `kill -9`. */
export function tell(line: string): void {
  let rest = Buffer.from(`${line}\n`);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(1, rest));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
      Atomics.wait(pause, 0, 0, PAUSE_MS);
    }
  }
}
