import { serveBroken } from "../../lib/serve-broken.ts";
import { FAULTS } from "./faults.ts";
import { startBrokenServer } from "./server.ts";

await serveBroken(FAULTS, ({ fault, port }) => startBrokenServer({ fault, port }));
