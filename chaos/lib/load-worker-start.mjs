/** A thread of Node 20 does not inherit what reads TypeScript. */
import "../../scripts/lib/typescript.mjs";

await import("./load-worker.ts");
