import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { DeliveryVerdict } from "switchboard/testing";
import { Board } from "../../../chaos/lib/board.ts";
import { LoadGroup, roomOf } from "../../../chaos/lib/load-group.ts";
import { until } from "../../support/until.ts";
import { type Bug, type Note, relay } from "../relay.ts";

const CLIENTS = 6;
const ROOM_SIZE = 3;
const SAYS = 20;

/** Runs the relay with a bug until everything has come but what the bug swallows. */
async function judge(bug: Bug, swallowed: number): Promise<DeliveryVerdict> {
  const { server, client } = relay(bug);
  const board = Board.create(CLIENTS, 10_000);
  const serving = await server.serve({
    onSay: (client, number) => board.take(client, number),
    onTwice: () => {},
  });
  const group = new LoadGroup({
    kind: client,
    members: Array.from({ length: CLIENTS }, (_, client) => ({ client, room: roomOf(client, ROOM_SIZE) })),
    roomSize: ROOM_SIZE,
    saysPerSecond: 100,
    schedule: [],
    ownNetworks: true,
    board: board.memory,
  });
  try {
    await group.open(serving.port);
    group.start();
    await until(() => board.memory.said.every((count) => count >= SAYS));
    group.calm();
    await until(() => board.totals.said === board.totals.published);
    const { expected } = group.report().verdict;
    await until(() => group.report().verdict.delivered === expected - swallowed);
    return group.report().verdict;
  } finally {
    await group.close();
    await serving.close();
  }
}

/** Whether a note is what client 1 is to get of what client 0 says, with that number. */
function isHit(to: number, note: Note, number: number): boolean {
  return to === 1 && note.kind === "said" && note.client === 0 && note.number === number;
}

const NONE = { lost: 0, doubled: 0, reordered: 0, invented: 0, silentGaps: 0, excused: 0, needlessGaps: 0 };
const GAP: Note = { kind: "gap" };

/** Each is made anew for its test. */
const BUGS: readonly [name: string, make: () => Bug, swallowed: number, found: Partial<typeof NONE>][] = [
  ["nothing", () => (_to, note) => [note], 0, {}],
  [
    "one that is dropped",
    () => (to, note) => (isHit(to, note, 5) ? [] : [note]),
    1,
    { lost: 1, silentGaps: 1 },
  ],
  [
    "one that is doubled",
    () => (to, note) => (isHit(to, note, 5) ? [note, note] : [note]),
    0,
    { doubled: 1 },
  ],
  [
    "two that are swapped",
    () => {
      const held: Note[] = [];
      return (to, note) => {
        if (isHit(to, note, 5)) held.push(note);
        else if (isHit(to, note, 6)) return [note, ...held];
        else return [note];
        return [];
      };
    },
    0,
    { reordered: 1 },
  ],
  [
    "one that nobody sent",
    () => (to, note) => (isHit(to, note, 5) ? [note, { kind: "said", client: 0, number: 1e6 }] : [note]),
    0,
    { invented: 1 },
  ],
  [
    "one that was for another room",
    () => (to, note) => (isHit(to, note, 5) ? [note, { kind: "said", client: 4, number: 1 }] : [note]),
    0,
    { invented: 1 },
  ],
  [
    "one of a sender that is not there",
    () => (to, note) => (isHit(to, note, 5) ? [note, { kind: "said", client: 99, number: 1 }] : [note]),
    0,
    { invented: 1 },
  ],
  [
    "a gap that is not told",
    () => (to, note) => ([5, 6, 7].some((number) => isHit(to, note, number)) ? [] : [note]),
    3,
    { lost: 3, silentGaps: 1 },
  ],
  [
    "a gap that is told: no breach",
    () => (to, note) => {
      if (isHit(to, note, 8)) return [GAP, note];
      return [5, 6, 7].some((number) => isHit(to, note, number)) ? [] : [note];
    },
    3,
    { excused: 3 },
  ],
  [
    "a gap that is told too late",
    () => (to, note) => {
      if (isHit(to, note, 8)) return [note, GAP];
      return [5, 6, 7].some((number) => isHit(to, note, number)) ? [] : [note];
    },
    3,
    { excused: 3, silentGaps: 1 },
  ],
  [
    "an answer that never comes",
    () => (to, note) => (to === 2 && note.kind === "heard" && note.number === 9 ? [] : [note]),
    1,
    { lost: 1, silentGaps: 1 },
  ],
];

describe("the lab finds", () => {
  for (const [name, make, swallowed, found] of BUGS) {
    test(name, async () => {
      const verdict = await judge(make(), swallowed);
      const { lost, doubled, reordered, invented, silentGaps, excused, needlessGaps } = verdict;
      assert.deepEqual(
        { lost, doubled, reordered, invented, silentGaps, excused, needlessGaps },
        { ...NONE, ...found },
      );
      for (const breach of verdict.breaches) assert.match(breach.reader, /^client [12]$/);
    });
  }
});
