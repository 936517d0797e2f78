import assert from "node:assert/strict";
import { test } from "node:test";
import { type RoomMatch, roomMatcher } from "../../src/sockets/room-match.ts";

test("a name, a pattern, or a function means rooms", () => {
  const meant = (match: RoomMatch): string[] => {
    const matches = roomMatcher(match, "It");
    return ["a", "ab", "ab", "b"].filter((room) => matches(room));
  };
  assert.deepEqual(meant("ab"), ["ab", "ab"]);
  assert.deepEqual(meant(/^a/), ["a", "ab", "ab"]);
  assert.deepEqual(meant(/^a/g), ["a", "ab", "ab"], "it goes on from where it was");
  assert.deepEqual(meant(/B/iy), ["ab", "ab", "b"]);
  assert.deepEqual(
    meant((room) => room.length === 1),
    ["a", "b"],
  );
});

test("a room that code without types has named by a number is meant as its digits are", () => {
  for (const match of ["5", /^5$/, (room: string) => room === "5"]) {
    assert.equal(roomMatcher(match, "It")(5 as never), true, String(match));
  }
});

test("nothing else does", () => {
  for (const none of [undefined, null, 7, ["a"]]) {
    assert.throws(() => roomMatcher(none as never, "The rooms of a rule"), {
      name: "TypeError",
      message: `The rooms of a rule must be a string, a pattern or a function, not ${typeof none}.`,
    });
  }
});
