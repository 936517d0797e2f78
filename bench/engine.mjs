/** `npm run bench:engine`: Switchboard's Engine.IO server beside `engine.io`, and its transports side by side. See README.md. */
import { runCommand } from "./lib/command.mjs";
import { writeEngineDocument } from "./lib/documents.mjs";
import { works } from "./lib/engine-works.mjs";
import { anotherBuild } from "./lib/servers.mjs";
import { writeTransportsTable } from "./lib/transports-table.mjs";

await runCommand({
  works,
  built: "dist/engine/index.js",
  anotherBuild: (folder) => anotherBuild("engine-ours", folder),
  write: (run) => [writeEngineDocument(run), ...(run.isDefaultNode ? [writeTransportsTable(run)] : [])],
});
