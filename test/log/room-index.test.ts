import assert from "node:assert/strict";
import { test } from "node:test";
import { RoomIndex } from "../../src/log/room-index.ts";

function walk(index: RoomIndex, after: number, rooms: string[], max = Infinity): number[] {
  const found: number[] = [];
  index.walk(after, rooms, (offset) => found.push(offset) < max);
  return found;
}

test("names of rooms go with their last entry", () => {
  const index = new RoomIndex();
  for (let offset = 1; offset <= 1000; offset++) index.add(offset, [`own ${offset}`, "shared", "shared"]);
  assert.equal(index.roomCount, 1001);
  for (let offset = 1; offset <= 999; offset++)
    index.removeFirst(offset, [`own ${offset}`, "shared", "shared"]);
  assert.equal(index.roomCount, 2);
  index.removeFirst(1000, ["own 1000", "shared", "shared"]);
  assert.equal(index.roomCount, 0);
});

test("rooms and everyone are walked through together, each entry once, as long as is wanted", () => {
  const index = new RoomIndex();
  const rooms = [["a"], [], ["b", "a"], ["c"], ["b"], [], ["a", "b", "c"]];
  for (const [place, names] of rooms.entries()) index.add(place + 1, names);
  assert.deepEqual(walk(index, 0, ["a", "b"]), [1, 2, 3, 5, 6, 7]);
  assert.deepEqual(walk(index, 2, ["a", "b", "a"]), [3, 5, 6, 7]);
  assert.deepEqual(walk(index, 0, []), [2, 6]);
  assert.deepEqual(walk(index, 0, ["a", "b"], 2), [1, 2]);
  assert.deepEqual(walk(index, 7, ["a", "b"]), []);
});

test("the last of a room", () => {
  const index = new RoomIndex();
  for (let offset = 1; offset <= 5; offset++) index.add(offset, [offset === 3 ? "one" : "a"]);
  assert.deepEqual([index.last("a", 2), index.last("a", 9), index.last("a", 0)], [[4, 5], [1, 2, 4, 5], []]);
  assert.deepEqual([index.last("one", 1), index.last("none", 1)], [[3], []]);
  assert.deepEqual([index.count("a"), index.count("one"), index.count("none")], [4, 1, 0]);
});
