import { test } from "node:test";
import { assertFound } from "../found.ts";

test("that the newest value is left out, and not the one before, is found", () =>
  assertFound("latest-not-sent", /to clients: \d+ lost/));
