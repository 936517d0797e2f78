import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { MAX_PEOPLE_LISTED, MAX_ROOMS, REMEMBERED_IDS } from "../../../apps/chat/src/server/limits.ts";
import { Room } from "../../../apps/chat/src/server/room.ts";
import { Rooms } from "../../../apps/chat/src/server/rooms.ts";
import { TokenBucket } from "../../../apps/chat/src/server/token-bucket.ts";
import { DEFAULT_ROOMS, HISTORY_LENGTH } from "../../../apps/chat/src/shared/limits.ts";

const ada = { id: "1", name: "Ada" };

describe("a room", () => {
  it("gives each message a later time, even if the clock stands still or goes back", () => {
    const room = new Room("lobby");
    const times = [1000, 1000, 900, 2000].map((nowMs, index) => room.add(`id-${index}`, "x", ada, nowMs).at);
    assert.deepEqual(times, [1000, 1001, 1002, 2000]);
  });

  it("remembers so many messages and ids, and no more", () => {
    const room = new Room("lobby");
    for (let index = 0; index <= REMEMBERED_IDS; index++) room.add(`id-${index}`, "x", ada, index);
    assert.equal(room.history.length, HISTORY_LENGTH);
    assert.equal(room.receipt("id-0"), undefined);
    assert.notEqual(room.receipt("id-1"), undefined);
    assert.equal(room.receipt(`id-${REMEMBERED_IDS}`)?.authorId, ada.id);
  });

  it("counts all people and lists so many", () => {
    const room = new Room("lobby");
    for (let index = 0; index < MAX_PEOPLE_LISTED + 3; index++) {
      room.enter({ id: `person-${index}`, name: "x" }, `socket-${index}`);
    }
    assert.equal(room.presence.count, MAX_PEOPLE_LISTED + 3);
    assert.equal(room.presence.list.length, MAX_PEOPLE_LISTED);
  });

  it("forgets a person with the last of their sockets, and nobody else", () => {
    const room = new Room("lobby");
    room.enter(ada, "first");
    room.enter(ada, "second");
    room.leave("someone else", "first");
    room.leave(ada.id, "first");
    assert.equal(room.size, 1);
    room.leave(ada.id, "second");
    assert.equal(room.size, 0);
  });
});

describe("the rooms", () => {
  it("give up the one that has been empty longest when there are too many", () => {
    const rooms = new Rooms();
    const free = MAX_ROOMS - DEFAULT_ROOMS.length;
    for (let index = 0; index < free; index++) rooms.open(`room-${index}`)?.add(`id-${index}`, "x", ada, 1);
    rooms.open("room-0")?.enter(ada, "socket");
    rooms.open("room-1");
    assert.notEqual(rooms.open("one-more"), undefined);
    assert.equal(rooms.open("room-1")?.history.length, 1);
    assert.equal(rooms.open("room-0")?.history.length, 1);
    assert.equal(rooms.open("room-2")?.history.length, 0);
  });

  it("refuse a new one when all have people", () => {
    const rooms = new Rooms();
    for (let index = 0; index < MAX_ROOMS - DEFAULT_ROOMS.length; index++) {
      rooms.open(`room-${index}`)?.enter(ada, `socket-${index}`);
    }
    assert.equal(rooms.open("one-more"), undefined);
    assert.notEqual(rooms.open("room-3"), undefined);
    assert.notEqual(rooms.open(DEFAULT_ROOMS[0]), undefined);
  });

  it("are listed with the default ones first, then by people, and empty ones not at all", () => {
    const rooms = new Rooms();
    rooms.open("empty");
    rooms.open("one")?.enter(ada, "a");
    const two = rooms.open("two");
    two?.enter(ada, "b");
    two?.enter({ id: "2", name: "Grace" }, "c");
    assert.deepEqual(
      rooms.summaries().map(({ name, people }) => `${name} ${people}`),
      [...DEFAULT_ROOMS.map((name) => `${name} 0`), "two 2", "one 1"],
    );
  });
});

describe("the token bucket", () => {
  it("lets a burst through, then a steady rate, and says how long to wait", () => {
    const bucket = new TokenBucket({ burst: 3, perSecond: 10 }, 0);
    assert.deepEqual(
      [0, 0, 0, 0, 40, 100, 100, 10_000, 10_000, 10_000, 10_000].map((nowMs) => bucket.take(nowMs)),
      [0, 0, 0, 100, 60, 0, 100, 0, 0, 0, 100],
    );
  });
});
