/** A thread of Node 20 does not inherit what reads TypeScript. */
import { register } from "tsx/esm/api";

register();
await import("./load-worker.ts");
