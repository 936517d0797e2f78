/** docs/protocol/delivery.md, over a log that commits at once and over one that takes its time. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  comeBack,
  DeliveryWorld,
  type DeliveryWorldOptions,
  join,
  LOGS,
  socketOf,
} from "../../support/delivery-world.ts";

for (const [what, makeLog] of Object.entries(LOGS)) {
  const worldWith = (options: DeliveryWorldOptions = {}): DeliveryWorld =>
    new DeliveryWorld({ log: makeLog(), ...options });

  describe(`delivery over ${what}`, () => {
    test("the answer to CONNECT tells of the seat, to who has asked", async () => {
      const world = worldWith();
      const { sid, seat, client } = await join(world);
      assert.match(seat.key, /^[A-Za-z0-9_-]{20}$/);
      assert.notEqual(seat.key, sid);
      assert.match(seat.epoch, /^[A-Za-z0-9_-]{1,16}$/);
      assert.deepEqual(
        { ...seat, key: "", epoch: "" },
        { key: "", epoch: "", offset: 0, sequence: 0, window: 256 },
      );
      world.main.emit("said", "hello");
      world.main.to("nowhere").emit("said", "nothing");
      socketOf(world, sid).emit("for you", 1);
      await world.settle();
      assert.deepEqual(client.take(), ['2@1,["said","hello"]', '2@3,["for you",1]']);
      const late = await join(world);
      assert.equal(late.seat.offset, 3);
    });

    test("who has not asked sees Socket.IO, byte for byte", async () => {
      const world = worldWith();
      const client = world.open("");
      client.send('0{"token":"x","$seat":{"mine":true}}');
      await world.settle();
      const { sid, ...rest } = client.answer();
      assert.deepEqual(rest, {});
      assert.deepEqual(socketOf(world, sid).handshake.auth, { token: "x", $seat: { mine: true } });
      world.main.emit("said", "hello");
      socketOf(world, sid).emit("image", Buffer.from([1, 2]));
      world.main.volatile.emit("v");
      await world.settle();
      assert.deepEqual(client.take(), [
        '2["said","hello"]',
        '51-["image",{"_placeholder":true,"num":0}]',
        "bytes 1,2",
        '2["v"]',
      ]);
    });

    test("the offset stands behind the namespace; binary data follows", async () => {
      const world = worldWith();
      world.namespaces.of("/admin");
      const { client } = await join(world, { namespace: "/admin" });
      world.namespaces.of("/admin").emit("image", new Uint8Array([7]));
      await world.settle();
      assert.deepEqual(client.take(), ['51-/admin,@1,["image",{"_placeholder":true,"num":0}]', "bytes 7"]);
    });

    test("what was missed comes once, in order, behind the answer, and the id, rooms and data are the same", async () => {
      const world = worldWith();
      const joined = await join(world);
      void joined.socket.join("room");
      joined.socket.data = { name: "Ada" };
      world.main.emit("n", 1);
      await world.settle();
      assert.equal(joined.client.take().length, 1);
      joined.client.drop();
      world.main.emit("n", 2);
      world.main.to("room").emit("n", 3, new Uint8Array([3]));
      world.main.to("other").emit("n", 4);
      world.main.except("room").emit("n", 5);
      world.main.to("room").except(joined.sid).emit("n", 6);
      await world.settle();
      const back = await comeBack(world, joined.seat, 1);
      assert.deepEqual([back.sid, back.seat.recovered, back.seat.offset], [joined.sid, true, 1]);
      assert.equal(back.seat.key, joined.seat.key);
      assert.deepEqual(back.missed, [
        '2@2,["n",2]',
        '51-@3,["n",3,{"_placeholder":true,"num":0}]',
        "bytes 3",
      ]);
      assert.equal(back.socket.recovered, true);
      assert.deepEqual(back.socket.rooms, new Set([joined.sid, "room"]));
      assert.deepEqual(back.socket.data, { name: "Ada" });
      world.main.to("room").emit("n", 7);
      await world.settle();
      assert.deepEqual(back.client.take(), ['2@7,["n",7]']);
    });

    test("answers and questions do not overtake events", async () => {
      const world = worldWith();
      world.main.on("connection", (socket) => {
        socket.on("ask", (give: (text: string) => void) => {
          socket.emit("n", 1);
          give("answer");
          void socket.emitWithAck("question").catch(() => {});
          world.main.volatile.emit("now");
          world.main.emit("n", 2);
          world.main.timeout(10).emit("all?", () => {});
        });
      });
      const { client } = await join(world);
      client.send('27["ask"]');
      await world.settle();
      const [first, answer, ...rest] = client.take();
      assert.deepEqual([first, answer], ['2@1,["n",1]', '37["answer"]']);
      assert.deepEqual(
        rest.map((line) => line.replace(/^2\d+\[/, "2[")),
        ['2["question"]', '2["now"]', '2@2,["n",2]', '2["all?"]'],
      );
      world.clock.advance(10);
      client.drop();
    });

    test("what is emitted while an event is sent comes after it, for everyone", async () => {
      const world = worldWith({ pauseAbove: 1e9 });
      world.main.on("connection", (socket) => {
        socket.on("disconnect", () => void world.main.emit("left", socket.id));
      });
      const slow = await join(world);
      const other = await join(world);
      slow.client.session.maxBytes = 10;
      world.main.emit("n", "too much for one");
      await world.settle();
      assert.deepEqual(other.client.take(), ['2@1,["n","too much for one"]', `2@2,["left","${slow.sid}"]`]);
      const back = await comeBack(world, slow.seat, 0);
      assert.deepEqual(back.missed, ['2@1,["n","too much for one"]', `2@2,["left","${slow.sid}"]`]);
    });

    test("what is sent is what it was, whatever is written into it later", async () => {
      const world = worldWith();
      const { client, seat } = await join(world);
      client.drop();
      const bytes = Buffer.from([1]);
      world.main.emit("n", bytes);
      bytes[0] = 2;
      await world.settle();
      assert.equal((await comeBack(world, seat, 0)).missed[1], "bytes 1");
    });

    test("a namespace of a pattern waits for those who may come back, and for no longer", async () => {
      const world = worldWith({ maxDisconnectionDuration: 1000, limits: { maxDynamicNamespaces: 2 } });
      world.namespaces.parent(/^\/room-\d$/);
      const first = await join(world, { namespace: "/room-1" });
      world.namespaces.of("/room-1").emit("n", 1);
      first.client.drop();
      await world.settle();
      const back = world.open();
      const { key, epoch } = first.seat;
      back.send(`0/room-1,${JSON.stringify({ $seat: { key, epoch, offset: 0 } })}`);
      await world.settle();
      const [answer, missed] = back.take();
      assert.match(answer!, /"recovered":true/);
      assert.equal(missed, '2/room-1,@1,["n",1]');
      back.drop();
      await world.settle();
      const log = world.logs.get("/room-1");
      world.clock.advance(999);
      const leaving = await join(world, { namespace: "/room-1" });
      assert.equal(world.logs.get("/room-1"), log);
      leaving.client.send("1/room-1,");
      await world.settle();
      world.clock.advance(1);
      const anew = await join(world, { namespace: "/room-1" });
      assert.notEqual(world.logs.get("/room-1"), log, "it was forgotten");
      // Those that only wait make room for others.
      anew.client.drop();
      await world.settle();
      await join(world, { namespace: "/room-2" });
      await join(world, { namespace: "/room-3" });
      const refused = world.open();
      refused.send("0/room-4,");
      await world.settle();
      assert.deepEqual(refused.take(), ['4/room-4,{"message":"Too many namespaces"}']);
    });

    test("when the last has left a namespace of a pattern, what its listeners send goes nowhere", async () => {
      const world = worldWith();
      world.namespaces.parent(/^\/room$/).on("connection", (socket) => {
        socket.on("disconnect", () => void socket.nsp.emit("left"));
      });
      const { client } = await join(world, { namespace: "/room" });
      client.send("1/room,");
      await world.settle();
      assert.deepEqual(world.failures, []);
    });
  });
}
