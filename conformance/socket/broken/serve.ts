import { serveBroken } from "../../lib/serve-broken.ts";
import { FAULTS } from "./faults.ts";
import { startBrokenSocketServer } from "./server.ts";

await serveBroken(FAULTS, ({ fault, port }) => startBrokenSocketServer({ fault, port }));
