/**
 * `--import` of test runs: Node loads TypeScript with it, in half the time that tsx takes. It knows what this repository needs and no more: our imports name
 * files with their `.ts`, and all are modules.
 */
import { register } from "node:module";

register("./typescript-hooks.mjs", import.meta.url);
process.setSourceMapsEnabled(true);
