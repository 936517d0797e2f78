/** Switchboard's Engine.IO server, with its own defaults. `--package FOLDER` takes another build of it. */
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { options, ready } from "./options.mjs";

const ENTRY = "switchboard/engine";
const { Server } = await import(options.package === undefined ? ENTRY : entryOf(options.package));

const http = createServer();
const engine = new Server();
engine.attach(http, { path: "/engine.io/" });
engine.on("connection", (socket) => {
  socket.on("message", (data) => socket.send(data));
});
http.listen(0, "127.0.0.1", () => ready(http.address().port));

/** @param {string} folder */
function entryOf(folder) {
  const { resolve: find } = createRequire(join(resolve(folder), "package.json"));
  return pathToFileURL(find(ENTRY)).href;
}
