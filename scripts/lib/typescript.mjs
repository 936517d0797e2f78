/**
 * `--import` this, and Node loads TypeScript. It knows what this repository needs and no more: our imports name files with their `.ts`, and all are
 * modules. That takes half the time of loaders that know everything, and there are many processes to start.
 */
import { register } from "node:module";

register("./typescript-hooks.mjs", import.meta.url);
process.setSourceMapsEnabled(true);

/** Arguments with which a child process does the same. */
export const TYPESCRIPT = [`--import=${import.meta.url}`];
