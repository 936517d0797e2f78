import { test } from "node:test";
import { assertKept } from "../kept.ts";

test("with a log on disk, nothing is lost, and clients are sent nothing twice, when the server is killed", () =>
  assertKept("switchboard-delivery-disk", "delivery", "small-kill", 20_264));
