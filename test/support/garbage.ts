import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Collects all garbage there is. */
export async function collectGarbage(): Promise<void> {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  // What weak references were made of, or asked for, stays until the end of the turn.
  await new Promise((resolve) => setImmediate(resolve));
  collect();
}
