import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Room } from "../../src/sockets/adapter.ts";
import { checkedRooms, roomList } from "../../src/sockets/room-list.ts";
import { startJoined } from "../support/joined.ts";

/** What code without types, or a client, may give for a room. */
const NO_ROOMS = [undefined, null, {}, true, [undefined], [["a"]], ["a", null]] as unknown as Room[];

test("one room, or several, are a list", () => {
  assert.deepEqual(roomList("a"), ["a"]);
  assert.deepEqual(roomList(["a", "b"]), ["a", "b"]);
  assert.deepEqual(checkedRooms([]), []);
  assert.deepEqual(checkedRooms(7 as unknown as Room), [7]);
  for (const none of NO_ROOMS) assert.throws(() => checkedRooms(none), TypeError);
});

describe("what is no room's name", () => {
  test("can't be joined", async (t) => {
    const { io, socket } = await startJoined(t);
    const [remote] = await io.fetchSockets();
    for (const none of NO_ROOMS) {
      assert.throws(() => socket.join(none), /name of a room/);
      assert.throws(() => io.socketsJoin(none), /name of a room/);
      await assert.rejects(remote!.join(none), /name of a room/);
    }
    assert.deepEqual([...socket.rooms], [socket.id]);
    assert.deepEqual([...io.sockets.adapter.rooms.keys()], [socket.id]);
  });

  test("has no members", async (t) => {
    const { io, socket, client } = await startJoined(t);
    for (const none of NO_ROOMS) {
      io.to(none).emit("nobody");
      io.except(none).emit("everybody");
      assert.equal(await client.next(), '42["everybody"]');
    }
    assert.equal(await io.socketsLeave(undefined as unknown as Room), 1);
    assert.deepEqual([...socket.rooms], [socket.id]);
  });

  test("may be a number, where there are no types", async (t) => {
    const { io, socket, client } = await startJoined(t);
    const seven = 7 as unknown as Room;
    void socket.join(seven);
    assert.ok(socket.rooms.has(seven));
    io.to(seven).emit("seven");
    assert.equal(await client.next(), '42["seven"]');
    void socket.leave(seven);
    assert.deepEqual([...socket.rooms], [socket.id]);
  });
});
