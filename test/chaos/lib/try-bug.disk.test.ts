import { test } from "node:test";
import { assertFound } from "../found.ts";

test("that a log on disk begins a new epoch when it is opened is found", () =>
  assertFound("epoch-anew", /to clients: \d+ missing without need/));
