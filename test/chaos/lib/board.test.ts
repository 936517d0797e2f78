import assert from "node:assert/strict";
import { test } from "node:test";
import { Board } from "../../../chaos/lib/board.ts";

test("a board knows what was said and taken, also one made of the same memory", () => {
  const board = Board.create(2, 40);
  const other = new Board(board.memory);
  for (let number = 1; number <= 40; number += 1) assert.equal(board.say(1), number);
  for (const number of [1, 33, 32]) other.take(1, number);
  assert.deepEqual(
    [1, 2, 31, 32, 33].map((number) => board.wasTaken(1, number)),
    [true, false, false, true, true],
  );
  assert.equal(board.wasTaken(0, 1), false);
  assert.equal(board.published(1), 33);
  assert.deepEqual(board.totals, { said: 40, published: 33 });
});

test("a board that is full says so, and takes no harm from what is not on it", () => {
  const board = Board.create(1, 10);
  let said = 0;
  while (board.say(0) !== undefined) said += 1;
  assert.ok(said >= 10);
  for (const number of [0, -1, 1.5, 1e9, Number.NaN]) board.take(0, number);
  board.take(7, 1);
  assert.equal(board.wasTaken(0, 0), false);
});
