/** Where things are. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** This folder of the repository. */
export const bench = fileURLToPath(new URL("..", import.meta.url));
/** The repository's root. */
export const root = join(bench, "..");
/** What is made here and not kept in the repository. */
export const cache = join(bench, "node_modules/.cache");
/** The load generator, compiled. */
export const loadGenerator = join(cache, "wsload");
/** The messages for the compressed rows. */
export const compressedMessages = join(cache, "messages.deflate");
