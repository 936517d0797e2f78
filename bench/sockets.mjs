/** `npm run bench:sockets`: Switchboard's events, rooms and acknowledgements beside `socket.io`. See README.md. */
import { runCommand } from "./lib/command.mjs";
import { writeSocketsDocument } from "./lib/documents.mjs";
import { anotherBuild } from "./lib/servers.mjs";
import { works } from "./lib/sockets-works.mjs";

await runCommand({
  works,
  built: "dist/index.js",
  anotherBuild: (folder) => anotherBuild("sockets-ours", folder),
  write: (run) => [writeSocketsDocument(run)],
});
