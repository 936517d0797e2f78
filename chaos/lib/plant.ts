/** Loaded before `serve.ts --bug BUG KIND FOLDER`: has the server's modules read with that bug in them. Without a bug it does nothing. */
import { register } from "node:module";
import { bugOf } from "../bugs.ts";
import { readArguments } from "./serve-arguments.ts";

const { bug } = readArguments();
if (bug !== undefined) {
  const { file, edits } = bugOf(bug);
  const url = new URL(`../../dist/${file}`, import.meta.url).href;
  register("./bug-hooks.mjs", { parentURL: import.meta.url, data: { url, edits } });
}
