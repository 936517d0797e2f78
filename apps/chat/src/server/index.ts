import { realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { main } from "./main.ts";

export { main } from "./main.ts";
export { startChat, type ChatAddress, type RunningChat } from "./start.ts";

// Started as a program (`node apps/chat/dist/server.js`), not imported.
const program = process.argv[1];
if (program !== undefined && realpathSync(program) === fileURLToPath(import.meta.url)) await main();
