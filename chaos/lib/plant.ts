/** Loaded before `serve.ts KIND FOLDER BUG`: has the server's modules read with that bug in them. Without a bug it does nothing. */
import { register } from "node:module";
import { bugOf } from "../bugs.ts";

const name = process.argv[4];
if (name !== undefined) {
  const { file, edits } = bugOf(name);
  const url = new URL(`../../dist/${file}`, import.meta.url).href;
  register("./bug-hooks.mjs", { parentURL: import.meta.url, data: { url, edits } });
}
