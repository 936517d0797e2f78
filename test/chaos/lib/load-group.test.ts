import assert from "node:assert/strict";
import { test } from "node:test";
import { countBreaches, type FaultProfile, makeSchedule, printVerdict } from "switchboard/testing";
import { LoadGroup, roomOf } from "../../../chaos/lib/load-group.ts";
import { clientOf } from "../../../chaos/clients.ts";
import { serverOf } from "../../../chaos/servers.ts";
import { Board } from "../../../chaos/lib/board.ts";
import { undoAfter } from "../../support/fixture.ts";

const CLIENTS = 12;
const ROOM_SIZE = 4;
const SECONDS = 4;

/** Faults that a link outlives: each is over long before a session would be given up. */
const WITHIN_A_LINK: FaultProfile = {
  durationMs: SECONDS * 1000,
  tracks: [
    {
      targets: CLIENTS,
      everyMs: [400, 1500],
      choices: [
        { kind: "cut", forMs: [10, 400], weight: 3 },
        { kind: "black-hole", forMs: [10, 400], weight: 3 },
        { kind: "half-close", forMs: 100 },
        { kind: "delay", delayMs: [5, 50], jitterMs: [0, 50], forMs: [100, 400] },
        { kind: "throttle", bytesPerSecond: [5000, 50_000], forMs: [100, 400] },
        { kind: "refuse", forMs: [10, 400] },
      ],
    },
  ],
};

test("within a link nothing is lost, doubled or reordered, whatever the network does", async (t) => {
  const board = Board.create(CLIENTS, 1000);
  const taken: number[] = Array(CLIENTS).fill(0);
  const serving = await serverOf("switchboard").serve({
    onSay(client, number) {
      assert.equal(number, taken[client]! + 1, `what the server takes of client ${client}`);
      taken[client] = number;
      board.take(client, number);
    },
    onTwice: (id) => assert.fail(`${id} is there twice`),
  });
  undoAfter(t, () => serving.close());
  const schedule = makeSchedule(20_261, WITHIN_A_LINK);
  const group = new LoadGroup({
    kind: clientOf("switchboard"),
    members: Array.from({ length: CLIENTS }, (_, client) => ({ client, room: roomOf(client, ROOM_SIZE) })),
    roomSize: ROOM_SIZE,
    saysPerSecond: 20,
    schedule,
    ownNetworks: true,
    board: board.memory,
  });
  undoAfter(t, () => group.close());
  await group.open(serving.port);
  group.start();
  // The faults themselves need time to pass; nothing is expected of a moment.
  await new Promise((resolve) => void setTimeout(resolve, SECONDS * 1000));
  group.calm();
  // All must come, however long a busy machine needs; the limit is there to report what did not.
  await group.settle({ quietMs: 60_000, limitMs: 90_000 });
  const { verdict, acknowledged } = group.report();
  assert.equal(countBreaches(verdict), 0, printVerdict(verdict));
  assert.equal(verdict.delivered, verdict.expected);
  assert.deepEqual(taken, [...board.memory.said]);
  assert.equal(verdict.expected, taken.reduce((sum, count) => sum + count, 0) * (ROOM_SIZE + 1));
  assert.ok(schedule.length > 2 * CLIENTS && acknowledged > 0);
});
