/** `npm run bench:delivery`: what it costs that nothing is lost. See README.md. */
import { runCommand } from "./lib/command.mjs";
import { works } from "./lib/delivery-works.mjs";
import { writeDeliveryDocument } from "./lib/documents.mjs";
import { anotherBuild } from "./lib/servers.mjs";

await runCommand({
  works,
  built: "dist/log/disk.js",
  anotherBuild: (folder) => anotherBuild("sockets-ours", folder),
  write: (run) => [writeDeliveryDocument(run)],
});
