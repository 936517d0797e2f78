import { serveBroken } from "../../lib/serve-broken.ts";
import { FAULTS } from "./faults.ts";
import { startReferenceServer } from "./reference-server.ts";

await serveBroken(FAULTS, startReferenceServer);
