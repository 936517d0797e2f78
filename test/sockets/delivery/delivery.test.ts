/** docs/protocol/delivery.md, sentence by sentence, over a log that commits at once and over one that takes its time. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { LogFactory } from "../../../src/sockets/log.ts";
import type { Socket } from "../../../src/sockets/socket.ts";
import { memoryLog } from "../../../src/log/memory-log.ts";
import { AsyncLog } from "../../support/async-log.ts";
import {
  DeliveryWorld,
  type DeliveryWorldOptions,
  type WireClient,
  type WireSeat,
} from "../../support/delivery-world.ts";

const LOGS: Readonly<Record<string, () => LogFactory>> = {
  "a log in memory": () => memoryLog(),
  "a log that takes its time": () => (_name, host) => new AsyncLog(host),
};

/** The socket of an id, in the main namespace. */
function socketOf(world: DeliveryWorld, sid: string): Socket {
  return world.main.sockets.get(sid) as unknown as Socket;
}

interface Joined {
  readonly client: WireClient;
  readonly sid: string;
  readonly seat: WireSeat;
  readonly socket: Socket;
}

async function join(world: DeliveryWorld, auth: object = {}, namespace = "/"): Promise<Joined> {
  const client = world.open();
  const prefix = namespace === "/" ? "0" : `0${namespace},`;
  client.send(prefix + (Object.keys(auth).length === 0 ? "" : JSON.stringify(auth)));
  await world.settle();
  const { sid, $seat } = client.answer(namespace);
  return { client, sid, seat: $seat!, socket: socketOf(world, sid) };
}

/** Comes back, having seen everything up to `offset`: what CONNECT's answer says, and what comes then. */
async function comeBack(
  world: DeliveryWorld,
  { key, epoch }: Pick<WireSeat, "key" | "epoch">,
  offset: number,
  auth: object = {},
): Promise<{ client: WireClient; sid: string; seat: WireSeat; missed: string[]; socket: Socket }> {
  const client = world.open();
  client.send(`0${JSON.stringify({ ...auth, $seat: { key, epoch, offset } })}`);
  await world.settle();
  const [answer, ...missed] = client.take();
  const { sid, $seat } = JSON.parse(answer!.slice(1)) as { sid: string; $seat: WireSeat };
  return { client, sid, seat: $seat, missed, socket: socketOf(world, sid) };
}

for (const [what, makeLog] of Object.entries(LOGS)) {
  const isAsync = what !== "a log in memory";
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
      const { client } = await join(world, {}, "/admin");
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

    test("thousands of missed events come in pages, with what is new behind them", async () => {
      const world = worldWith();
      const { client, seat } = await join(world);
      client.drop();
      const text = "x".repeat(1000);
      for (let index = 1; index <= 3000; index += 1) world.main.emit("n", index, text);
      await world.settle();
      const back = world.open();
      back.send(`0${JSON.stringify({ $seat: { key: seat.key, epoch: seat.epoch, offset: 0 } })}`);
      let most = 0;
      let live = 3000;
      const numbers: number[] = [];
      while (numbers.length < 3500) {
        await world.settle();
        most = Math.max(most, back.session.bufferedBytes);
        for (const line of back.take())
          if (line[0] === "2") numbers.push(Number(/,\["n",(\d+)/.exec(line)![1]));
        if (live < 3500) world.main.emit("n", (live += 1), text);
        world.clock.advance(20);
      }
      assert.deepEqual(
        numbers,
        Array.from({ length: 3500 }, (_, index) => index + 1),
      );
      assert.ok(most < 256 * 1024, `${most} bytes waited`);
    });

    test("one that reads too slowly is sent no more, and later what it has missed", async () => {
      const world = worldWith({ pauseAbove: 20_000 });
      const { client } = await join(world);
      const text = "x".repeat(1000);
      for (let index = 1; index <= 1000; index += 1) world.main.emit("n", index, text);
      await world.settle();
      assert.ok(client.session.bufferedBytes < 30_000);
      const numbers: string[] = [];
      while (numbers.length < 1000) {
        numbers.push(...client.take().map((line) => /@(\d+),/.exec(line)![1]!));
        world.clock.advance(1000);
        await world.settle();
      }
      assert.deepEqual(
        numbers,
        Array.from({ length: 1000 }, (_, index) => String(index + 1)),
      );
      world.main.emit("n", "live");
      await world.settle();
      assert.equal(client.take().length, 1);
    });

    test("one that is behind for too long is told of the gap", async () => {
      const world = worldWith({
        pauseAbove: 20_000,
        log: isAsync ? makeLog() : memoryLog({ maxEntries: 10 }),
      });
      const { client } = await join(world);
      const text = "x".repeat(1000);
      for (let index = 1; index <= 100; index += 1) world.main.emit("n", index, text);
      await world.settle();
      if (isAsync) world.asyncLog.drop(90);
      client.take();
      world.clock.advance(1000);
      await world.settle();
      assert.deepEqual(client.take(), [
        `0{"$seat":{"epoch":"${world.logs.get("/")!.epoch}","offset":100,"sequence":0}}`,
      ]);
      world.main.emit("n", 101);
      await world.settle();
      assert.deepEqual(client.take(), ['2@101,["n",101]']);
    });

    test("rooms left while it is behind, too many to be remembered: it is told of the gap", async () => {
      const world = worldWith({ pauseAbove: 1000 });
      const { client, socket } = await join(world);
      world.main.emit("n", "x".repeat(30_000));
      for (let index = 0; index < 1002; index += 1) {
        void socket.join(`${index}`);
        world.main.to(`${index}`).emit("n", index);
        void socket.leave(`${index}`);
      }
      await world.settle();
      assert.equal(client.take().length, 1);
      world.clock.advance(1000);
      await world.settle();
      assert.match(client.take()[0]!, /^0\{"\$seat":\{"epoch":"[^"]+","offset":1003,/);
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

    test("one whose answer is too much for it is gone from all rooms", async () => {
      const world = worldWith();
      const { client, seat } = await join(world);
      client.drop();
      world.main.emit("n", "x".repeat(1000));
      await world.settle();
      const back = world.open();
      back.session.maxBytes = 500;
      back.send(`0${JSON.stringify({ $seat: { key: seat.key, epoch: seat.epoch, offset: 0 } })}`);
      await world.settle();
      assert.equal(back.session.isOpen, false);
      assert.deepEqual([world.main.sockets.size, world.main.adapter.sids.size], [0, 0]);
      assert.equal((await comeBack(world, seat, 0)).missed.length, 1);
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
      const first = await join(world, {}, "/room-1");
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
      const leaving = await join(world, {}, "/room-1");
      assert.equal(world.logs.get("/room-1"), log);
      leaving.client.send("1/room-1,");
      await world.settle();
      world.clock.advance(1);
      const anew = await join(world, {}, "/room-1");
      assert.notEqual(world.logs.get("/room-1"), log, "it was forgotten");
      // Those that only wait make room for others.
      anew.client.drop();
      await world.settle();
      await join(world, {}, "/room-2");
      await join(world, {}, "/room-3");
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
      const { client } = await join(world, {}, "/room");
      client.send("1/room,");
      await world.settle();
      assert.deepEqual(world.failures, []);
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

describe("a log that takes its time", () => {
  const asyncWorld = (options: DeliveryWorldOptions = {}): DeliveryWorld =>
    new DeliveryWorld({ log: (_name, host) => new AsyncLog(host), ...options });

  test("the answer to CONNECT comes before all events, whatever waits for its commit behind it", async () => {
    const world = asyncWorld();
    world.main.emit("n", 1);
    const client = world.open();
    client.send("0");
    for (let turn = 0; turn < 8; turn += 1) await Promise.resolve();
    world.main.emit("n", 2);
    await world.settle();
    const [answer, ...rest] = client.take();
    assert.match(answer!, /^0\{"sid":.*"offset":1,/);
    assert.deepEqual(rest, ['2@2,["n",2]']);
  });

  test("nobody is shown what is not committed", async () => {
    const world = asyncWorld();
    const { client } = await join(world);
    world.main.emit("n", 1);
    assert.deepEqual(client.take(), []);
    world.asyncLog.commit();
    assert.equal(client.take().length, 1);
  });

  test("an event is for those who were there when it was emitted", async () => {
    const world = asyncWorld();
    const [a, b] = [await join(world), await join(world)];
    void a.socket.join("room");
    world.main.to("room").emit("n", 1);
    void a.socket.leave("room");
    void b.socket.join("room");
    world.main.to("room").emit("n", 2);
    const late = world.open("");
    late.send("0");
    await world.settle();
    assert.deepEqual([a.client.take(), b.client.take()], [['2@1,["n",1]'], ['2@2,["n",2]']]);
    assert.equal(late.take().length, 1);
    a.client.drop();
    b.client.drop();
    await world.settle();
    assert.deepEqual((await comeBack(world, a.seat, 0)).missed, ['2@1,["n",1]']);
    assert.deepEqual((await comeBack(world, b.seat, 0)).missed, ['2@2,["n",2]']);
  });

  test("rooms that were joined just before the connection was lost are kept", async () => {
    const world = asyncWorld();
    const { client, socket, seat, sid } = await join(world);
    world.main.emit("n", 1);
    void socket.join("room");
    client.drop();
    world.main.to("room").emit("n", 2);
    const back = world.open();
    back.send(`0${JSON.stringify({ $seat: { key: seat.key, epoch: seat.epoch, offset: 0 } })}`);
    await world.settle();
    assert.deepEqual(back.take().slice(1), ['2@1,["n",1]', '2@2,["n",2]']);
    assert.deepEqual(socketOf(world, sid).rooms, new Set([sid, "room"]));
  });

  test("one who leaves while events wait leaves no seat", async () => {
    const world = asyncWorld();
    world.main.emit("n", 1);
    const client = world.open();
    client.send("0");
    client.send("1");
    await world.settle();
    assert.equal(world.asyncLog.seats.size, 0);
  });

  test("answers that come in another order: who has asked last has the seat", async () => {
    const world = asyncWorld();
    const { seat, client } = await join(world);
    client.drop();
    await world.settle();
    const claim = `0${JSON.stringify({ $seat: { key: seat.key, epoch: seat.epoch, offset: 0 } })}`;
    const [first, second] = [world.open(), world.open()];
    first.send(claim);
    second.send(claim);
    world.asyncLog.answerLast();
    await world.settle();
    assert.equal(second.answer().$seat!.recovered, true);
    const { $seat } = first.answer();
    assert.equal($seat!.recovered, undefined);
    assert.notEqual($seat!.key, seat.key);
    assert.equal(world.main.sockets.size, 2);
  });

  for (const throws of [false, true]) {
    test(`its failures are told, and nobody waits for ever (it ${throws ? "throws" : "rejects"})`, async () => {
      const world = asyncWorld();
      const { client, seat, socket } = await join(world);
      const log = world.asyncLog;
      log.throws = throws;
      log.failing = "append";
      world.main.emit("n", "lost");
      void socket.join("room");
      world.main.to("room").emit("n", 1);
      await world.settle();
      assert.deepEqual(client.take(), ['2@1,["n",1]']);
      client.drop();
      await world.settle();
      log.failing = "take";
      const unknown = await comeBack(world, seat, 1);
      assert.equal(unknown.seat.recovered, undefined);
      const again = await join(world);
      again.client.drop();
      world.main.emit("n", 2);
      await world.settle();
      log.failing = "read";
      const back = world.open();
      back.send(`0${JSON.stringify({ $seat: { ...again.seat } })}`);
      await world.settle();
      assert.equal(back.take().at(-1), "END");
      assert.deepEqual((await comeBack(world, again.seat, again.seat.offset)).missed, ['2@2,["n",2]']);
      assert.deepEqual(
        world.failures.map((error) => (error as Error).message),
        ["append", "take", "read"],
      );
    });
  }
});
