/** Switchboard, with its own defaults; with `--delivery`, events are kept. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { importOurs } from "./build.mjs";
import { join } from "node:path";
import { cache } from "../lib/paths.mjs";
import { options, ready } from "./options.mjs";
import { runApplication } from "./sockets-application.mjs";

const { Server } = await importOurs("switchboard");

const http = createServer();
runApplication(new Server(http, { delivery: await deliveryOf(options.delivery) }));
http.listen(0, "127.0.0.1", () => ready(http.address().port));

/** @param {string | undefined} kind */
async function deliveryOf(kind) {
  if (kind !== "disk") return kind === "memory";
  const { diskLog } = await importOurs("switchboard/log/disk");
  // A folder for temporary files may be in memory.
  mkdirSync(cache, { recursive: true });
  const path = mkdtempSync(join(cache, "bench-delivery-"));
  process.once("exit", () => rmSync(path, { recursive: true, force: true }));
  return { log: await diskLog({ path }) };
}
