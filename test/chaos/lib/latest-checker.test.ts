import assert from "node:assert/strict";
import { test } from "node:test";
import { DeliveryChecker } from "switchboard/testing";
import { Board } from "../../../chaos/lib/board.ts";
import { LatestChecker, type LatestReader } from "../../../chaos/lib/latest-checker.ts";

/** Clients 2 and 3 have said ten values each, all taken; somebody is told of them. */
function scene(): { readonly latest: LatestChecker; readonly reader: LatestReader } {
  const board = Board.create(4, 40);
  for (const client of [2, 3]) {
    for (let number = 1; number <= 10; number += 1) board.take(client, board.say(client)!);
  }
  const latest = new LatestChecker(board);
  return { latest, reader: latest.reader("Ada", 2, 2) };
}

function verdictOf(latest: LatestChecker): Record<string, number> {
  const { expected, delivered, lost, doubled, reordered, invented, inFlight } = latest.addTo(
    new DeliveryChecker().verdict(),
  );
  return { expected, delivered, lost, doubled, reordered, invented, inFlight };
}

const NONE = { lost: 0, doubled: 0, reordered: 0, invented: 0, inFlight: 0 };

test("older values may be left out, if the newest of each sender comes", () => {
  const { latest, reader } = scene();
  for (const number of [1, 2, 7, 10]) reader.receive(2, number);
  assert.equal(latest.isComplete, false);
  reader.receive(3, 10);
  assert.equal(latest.isComplete, true);
  assert.equal(latest.leftOut, 15);
  assert.deepEqual(verdictOf(latest), { ...NONE, expected: 5, delivered: 5 });
});

test("a newest value that does not come is lost, or in flight to one that is away", () => {
  const { latest, reader } = scene();
  for (const number of [1, 9]) reader.receive(2, number);
  reader.receive(3, 10);
  assert.deepEqual(verdictOf(latest), { ...NONE, expected: 4, delivered: 3, lost: 1 });
  assert.match(latest.addTo(new DeliveryChecker().verdict()).breaches[0]!.stream, /newest of 2/);
  reader.isAway = true;
  assert.deepEqual(verdictOf(latest), { ...NONE, expected: 4, delivered: 3, inFlight: 1 });
});

test("what comes twice, behind a newer one, or from nowhere is found", () => {
  const { latest, reader } = scene();
  for (const number of [5, 5, 4, 10]) reader.receive(2, number);
  for (const number of [10, 11, 0]) reader.receive(3, number);
  for (const client of [1, 4]) reader.receive(client, 1);
  const delivered = 3;
  const found = { doubled: 1, reordered: 1, invented: 4 };
  assert.deepEqual(verdictOf(latest), { ...NONE, ...found, expected: delivered, delivered });
});
