import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** What is really in use after a full collection, buffers included, in bytes. */
export async function heapBytes(): Promise<number> {
  // What was closed is let go of a turn later, and what that held one more.
  for (let round = 0; round < 4; round += 1) {
    await new Promise<void>((resolve) => void setImmediate(resolve));
    collect();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
