/** `npm run bench:websocket`: Switchboard's WebSocket server beside its peers. See README.md. */
import { runCommand } from "./lib/command.mjs";
import { writeWebSocketDocument } from "./lib/documents.mjs";
import { anotherBuild } from "./lib/servers.mjs";
import { works } from "./lib/works.mjs";

await runCommand({
  works,
  built: "dist/websocket/index.js",
  anotherBuild: (folder) => anotherBuild("ours", folder),
  write: (run) => [writeWebSocketDocument(run)],
});
