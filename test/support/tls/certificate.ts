import { readFileSync } from "node:fs";

/** A certificate for `localhost`, and its key; see the README beside it. */
export const cert = readFileSync(new URL("test-only.cert.pem", import.meta.url), "utf8");
export const key = readFileSync(new URL("test-only.key.pem", import.meta.url), "utf8");
