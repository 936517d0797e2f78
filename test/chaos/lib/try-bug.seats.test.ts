import { test } from "node:test";
import { assertFound } from "../found.ts";

test("that a seat is restored without its rooms is found", () =>
  assertFound("rooms-forgotten", /to clients: \d+ lost/));

test("that what was for one socket alone is not kept for it is found", () =>
  assertFound("own-room-forgotten", /to clients: \d+ lost/));
