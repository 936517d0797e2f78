/** docs/protocol/delivery.md, "Joining, and coming back": who has which seat, and what is kept of it. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { memoryLog } from "../../../src/log/memory-log.ts";
import {
  comeBack,
  DeliveryWorld,
  type DeliveryWorldOptions,
  join,
  type Joined,
  LOGS,
  socketOf,
  type WireSeat,
} from "../../support/delivery-world.ts";

for (const [what, makeLog] of Object.entries(LOGS)) {
  const isAsync = what !== "a log in memory";
  const worldWith = (options: DeliveryWorldOptions = {}): DeliveryWorld =>
    new DeliveryWorld({ log: makeLog(), ...options });

  describe(`seats over ${what}`, () => {
    const strangers: Readonly<Record<string, (seat: WireSeat) => Partial<WireSeat>>> = {
      "an unknown key": () => ({ key: "AAAAAAAAAAAAAAAAAAAA" }),
      "another epoch": () => ({ epoch: "other" }),
      "an offset from the future": () => ({ offset: 99 }),
      "a key that is a name of Object's": () => ({ key: "__proto__" }),
    };
    for (const [name, change] of Object.entries(strangers)) {
      test(`with ${name} it is a new seat, with a new key`, async () => {
        const world = worldWith();
        const { seat, client, sid } = await join(world);
        world.main.emit("n", 1);
        client.drop();
        await world.settle();
        const claim = { ...seat, ...change(seat) };
        const back = await comeBack(world, claim, claim.offset);
        assert.equal(back.seat.recovered, undefined);
        assert.notEqual(back.seat.key, seat.key);
        assert.notEqual(back.sid, sid);
        assert.deepEqual(back.missed, []);
        assert.equal(back.socket.recovered, false);
        assert.equal(back.seat.offset, 1);
      });
    }

    test("a seat is kept for its time, and not longer", async () => {
      const world = worldWith({ maxDisconnectionDuration: 1000 });
      const first = await join(world);
      first.client.drop();
      await world.settle();
      world.clock.advance(999);
      const second = await comeBack(world, first.seat, 0);
      assert.equal(second.seat.recovered, true);
      second.client.drop();
      await world.settle();
      world.clock.advance(1000);
      const third = await comeBack(world, first.seat, 0);
      assert.equal(third.seat.recovered, undefined);
    });

    test("a socket that is believed alive is out: nothing it gets, says or keeps counts", async () => {
      const world = worldWith();
      const ends: string[] = [];
      const heard: unknown[] = [];
      world.main.on("connection", (socket) => {
        socket.on("disconnect", (reason: string) => ends.push(reason));
        socket.on("say", (text: unknown) => heard.push(text));
      });
      const old = await join(world);
      void old.socket.join("room");
      await world.settle();
      const back = await comeBack(world, old.seat, 0);
      assert.deepEqual(ends, ["session taken over"]);
      assert.deepEqual(old.client.take(), ["END"]);
      assert.equal(old.socket.connected, false);
      assert.equal(back.seat.recovered, true);
      old.client.send('2["say","late"]');
      void old.socket.leave("room");
      void old.socket.join("elsewhere");
      old.socket.data = { stolen: true };
      old.socket.emit("n", "old");
      world.main.to("room").emit("n", 1);
      await world.settle();
      assert.deepEqual(heard, []);
      assert.deepEqual(old.client.take(), []);
      assert.deepEqual(back.client.take(), ['2@1,["n",1]']);
      assert.deepEqual(back.socket.rooms, new Set([old.sid, "room"]));
      assert.deepEqual(back.socket.data, {});
      assert.equal(world.main.sockets.size, 1);
      assert.equal(socketOf(world, old.sid), back.socket);
    });

    test("of two who claim a seat at once, the last has it", async () => {
      const world = worldWith();
      const { seat, client: gone, sid } = await join(world);
      gone.drop();
      await world.settle();
      const [first, second] = [world.open(), world.open()];
      const claim = `0${JSON.stringify({ $seat: { key: seat.key, epoch: seat.epoch, offset: 0 } })}`;
      first.send(claim);
      second.send(claim);
      await world.settle();
      world.main.emit("n", 1);
      await world.settle();
      assert.equal(world.main.sockets.size, 1);
      assert.equal(first.take().at(-1), "END");
      assert.deepEqual(second.take().slice(1), ['2@1,["n",1]']);
      assert.ok(world.main.sockets.has(sid));
    });

    test("a claim that comes while middleware decides about the one before", async () => {
      const world = worldWith();
      const waiting: (() => void)[] = [];
      world.main.use((socket, next) => void (socket.recovered ? waiting.push(() => next()) : next()));
      const { seat, client: gone } = await join(world);
      gone.drop();
      await world.settle();
      const claim = `0${JSON.stringify({ $seat: { key: seat.key, epoch: seat.epoch, offset: 0 } })}`;
      const [first, second] = [world.open(), world.open()];
      first.send(claim);
      await world.settle();
      second.send(claim);
      await world.settle();
      assert.deepEqual(first.take(), ["END"]);
      for (const decide of waiting) decide();
      await world.settle();
      assert.deepEqual(first.take(), []);
      assert.equal(second.answer().$seat!.recovered, true);
      assert.equal(world.main.sockets.size, 1);
    });

    test("middleware sees what there was before, and its refusal ends the seat", async () => {
      const world = worldWith();
      const seen: unknown[] = [];
      world.main.use((socket, next) => {
        if (socket.recovered) seen.push([[...socket.rooms].slice(1), socket.data, socket.handshake.auth]);
        next(socket.handshake.auth["no"] === true ? new Error("no") : undefined);
      });
      const { seat, client, socket } = await join(world);
      void socket.join("room");
      socket.data = { a: 1 };
      client.drop();
      await world.settle();
      const refused = world.open();
      refused.send(
        `0${JSON.stringify({ no: true, $seat: { key: seat.key, epoch: seat.epoch, offset: 0 } })}`,
      );
      await world.settle();
      assert.deepEqual(refused.take(), ['4{"message":"no"}']);
      assert.deepEqual(seen, [[["room"], { a: 1 }, { no: true }]]);
      const back = await comeBack(world, seat, 0);
      assert.equal(back.seat.recovered, undefined);
      assert.equal(world.main.sockets.size, 1);
    });

    test("middleware is left out where that is wanted", async () => {
      const world = worldWith({ skipMiddlewares: true });
      let calls = 0;
      world.main.use((_socket, next) => {
        calls += 1;
        next();
      });
      const { seat, client } = await join(world);
      client.drop();
      await world.settle();
      assert.equal((await comeBack(world, seat, 0)).seat.recovered, true);
      assert.equal(calls, 1);
    });

    const goodbyes: Readonly<Record<string, (joined: Joined) => void>> = {
      "the client leaves": ({ client }) => client.send("1"),
      "the server disconnects it": ({ socket }) => void socket.disconnect(),
      "the server ends its connection": ({ socket }) => void socket.disconnect(true),
    };
    for (const [name, say] of Object.entries(goodbyes)) {
      test(`the seat ends when ${name}`, async () => {
        const world = worldWith();
        const joined = await join(world);
        say(joined);
        await world.settle();
        joined.client.drop();
        assert.equal((await comeBack(world, joined.seat, 0)).seat.recovered, undefined);
        if (isAsync) assert.equal(world.asyncLog.seats.size, 1);
      });
    }

    test("what was sent before a goodbye still comes", async () => {
      const world = worldWith();
      const { client, socket } = await join(world);
      socket.emit("bye");
      socket.disconnect();
      await world.settle();
      assert.deepEqual(client.take(), ['2@1,["bye"]', "1"]);
    });

    const malformed: readonly unknown[] = [
      null,
      1,
      "x",
      [],
      {},
      { key: "k", epoch: "e" },
      { key: "", epoch: "e", offset: 0 },
      { key: "k".repeat(65), epoch: "e", offset: 0 },
      { key: "k", epoch: "e".repeat(17), offset: 0 },
      { key: "k", epoch: 1, offset: 0 },
      { key: "k", epoch: "e", offset: -1 },
      { key: "k", epoch: "e", offset: 0.5 },
      { key: "k", epoch: "e", offset: "0" },
      { key: "k", epoch: "e", offset: 2 ** 53 },
      { key: ["k"], epoch: "e", offset: 0 },
      { key: "k".repeat(1_000_000), epoch: "e", offset: 0 },
    ];
    test("a seat that is none breaks the rules, and harms nobody else", async () => {
      const world = worldWith();
      const other = await join(world);
      for (const $seat of malformed) {
        const client = world.open();
        client.send(`0${JSON.stringify({ $seat })}`);
        await world.settle();
        assert.equal(client.session.reason, "parse error", JSON.stringify($seat).slice(0, 50));
      }
      const proto = world.open();
      proto.send('0{"$seat":{"__proto__":{"key":"k","epoch":"e","offset":0}}}');
      assert.equal(proto.session.reason, "parse error");
      world.main.emit("n", 1);
      await world.settle();
      assert.deepEqual(other.client.take(), ['2@1,["n",1]']);
      assert.equal(world.main.sockets.size, 1);
    });

    test("rooms: what was for it when it was sent, before, during and after its absence", async () => {
      const world = worldWith();
      const { client, socket, seat, sid } = await join(world);
      const { main } = world;
      const tell = (room: string, text: string): void => void main.to(room).emit("n", text);
      tell("a", "too early");
      void socket.join("a");
      tell("a", "1");
      void socket.leave("a");
      tell("a", "left");
      void main.socketsJoin("b");
      tell("b", "2");
      void main.in("b").socketsLeave("b");
      tell("b", "left");
      void socket.join(["a", "c"]);
      main.to("c").emit("n", "3");
      void socket.leave("c");
      client.drop();
      void socket.leave("a");
      tell("a", "4");
      tell("c", "left");
      socket.emit("n", "gone");
      await world.settle();
      const back = await comeBack(world, seat, 0);
      const texts = (lines: readonly string[]): unknown[] =>
        lines.map((line) => (JSON.parse(line.slice(line.indexOf(",") + 1)) as unknown[])[1]);
      assert.deepEqual(texts(back.missed), ["1", "2", "3", "4"]);
      assert.deepEqual(back.socket.rooms, new Set([sid, "a"]));
      void back.socket.leave("a");
      tell("a", "left");
      await world.settle();
      assert.deepEqual(back.client.take(), []);
    });

    test("a room that middleware takes it out of is not for it, also while it was away", async () => {
      const world = worldWith();
      world.main.use((socket, next) => {
        if (socket.recovered) {
          void socket.leave("secret");
          void socket.join("new");
        }
        next();
      });
      const { client, socket, seat, sid } = await join(world);
      void socket.join(["secret", "open"]);
      client.drop();
      world.main.to("secret").emit("n", 1);
      world.main.to("open").emit("n", 2);
      world.main.to("new").emit("n", 3);
      await world.settle();
      const back = await comeBack(world, seat, 0);
      assert.deepEqual(back.missed, ['2@2,["n",2]']);
      assert.deepEqual(back.socket.rooms, new Set([sid, "open", "new"]));
      world.main.to(["secret", "new"]).emit("n", 4);
      await world.settle();
      assert.deepEqual(back.client.take(), ['2@4,["n",4]']);
    });

    test("more rooms left than are remembered: a gap is told, and nothing is lost without a word", async () => {
      const world = worldWith();
      const { client, socket, seat } = await join(world);
      for (let index = 0; index < 1001; index += 1) {
        void socket.join(`${index}`);
        world.main.to(`${index}`).emit("n", index);
        void socket.leave(`${index}`);
      }
      await world.settle();
      assert.equal(client.take().length, 1001);
      client.drop();
      await world.settle();
      assert.equal((await comeBack(world, seat, 0)).seat.recovered, undefined);
    });

    test("nobody gets what is for another alone by joining a room of some name", async () => {
      const world = worldWith();
      const victim = await join(world);
      const thief = await join(world);
      for (const name of [victim.sid, `\0${victim.sid}`]) void thief.socket.join(name);
      await world.settle();
      thief.client.drop();
      victim.socket.emit("secret", 1);
      await world.settle();
      assert.deepEqual((await comeBack(world, thief.seat, 0)).missed, []);
    });

    test("the hours of quiet: a pong says what the client has", async () => {
      const world = worldWith({ log: isAsync ? makeLog() : memoryLog({ maxEntries: 10 }) });
      const { client, seat } = await join(world);
      for (let round = 0; round < 5; round += 1) {
        for (let index = 0; index < 10; index += 1) world.main.to("others").emit("n", index);
        await world.settle();
        client.ping();
        client.take();
      }
      if (isAsync) world.asyncLog.drop(40);
      client.drop();
      await world.settle();
      const back = await comeBack(world, seat, 0);
      assert.deepEqual([back.seat.recovered, back.seat.offset], [true, 40]);
    });

    test("what is on its way when a ping is answered is not taken for received", async () => {
      const world = worldWith();
      const { client, seat } = await join(world);
      client.ping();
      client.take();
      client.ping();
      world.main.emit("n", 1);
      await world.settle();
      // The pong comes, the event behind the ping does not.
      assert.equal(typeof client.session.take(), "symbol");
      client.session.handler!.onPong!();
      client.drop();
      await world.settle();
      assert.deepEqual((await comeBack(world, seat, 0)).missed, ['2@1,["n",1]']);
    });

    test("data that JSON can't hold harms nobody", async () => {
      const world = worldWith();
      const { client, socket, seat } = await join(world);
      const data: Record<string, unknown> = { n: 1n };
      data["self"] = data;
      socket.data = data;
      client.drop();
      await world.settle();
      const back = await comeBack(world, seat, 0);
      assert.equal(back.seat.recovered, true);
      if (isAsync) assert.deepEqual(back.socket.data, {});
      else assert.equal(back.socket.data, data);
    });

    test("nothing is left of those who are gone", async () => {
      const world = worldWith({ maxDisconnectionDuration: 1000 });
      const clients = [await join(world), await join(world), await join(world)];
      clients[0]!.client.send("1");
      clients[1]!.client.drop();
      clients[2]!.client.drop();
      await world.settle();
      world.clock.advance(1000);
      if (isAsync) {
        for (const [, { dueMs }] of world.asyncLog.seats) assert.ok(dueMs! <= world.clock.now());
        assert.equal(world.asyncLog.seats.size, 2);
      }
      assert.equal(world.clock.pending, 0);
      assert.deepEqual(world.failures, []);
    });
  });
}
