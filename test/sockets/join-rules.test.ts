import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { EventError } from "../../src/shared/event-error.ts";
import { type JoinRule, JoinRules } from "../../src/sockets/join-rules.ts";
import type { Socket } from "../../src/sockets/socket.ts";
import { comeBack, DeliveryWorld, join, LOGS, socketOf } from "../support/delivery-world.ts";
import { startServer } from "../support/fixture.ts";
import { startJoined } from "../support/joined.ts";
import { nodeClient } from "../support/node-client.ts";
import { nextOf } from "../support/stock-client.ts";

const refusedError = (...rooms: string[]): object => ({
  name: "EventError",
  code: "join_refused",
  message: `"${rooms[0]}" may not be joined.`,
  data: { rooms },
});

describe("rules for rooms", () => {
  const ask = (
    rooms: readonly string[],
    given: readonly (readonly [RegExp | string, JoinRule<string>])[],
    failures: unknown[] = [],
  ): readonly string[] | Promise<readonly string[]> => {
    const rules = new JoinRules<string>();
    for (const [match, allow] of given) rules.add(match, allow);
    return rules.refused("it", rooms, new Set(["already"]), (error) => void failures.push(error));
  };

  test("say who may join; a room that none means is open, and where one is already it is not asked", () => {
    const asked: string[][] = [];
    const refused = ask(
      ["a", "b", "ab", "open", "already"],
      [
        [/./, (who, room) => (asked.push([who, room]), room !== "b")],
        ["ab", () => false],
        [/^open/, () => true],
      ],
    );
    assert.deepEqual(refused, ["b", "ab"]);
    assert.deepEqual(asked, [
      ["it", "a"],
      ["it", "b"],
      ["it", "ab"],
      ["it", "open"],
    ]);
    assert.deepEqual(ask(["a"], []), []);
  });

  test("may take their time; the next is asked when the one before has said yes", async () => {
    const asked: string[] = [];
    const rule =
      (name: string, verdict: boolean): JoinRule<string> =>
      async (_who, room) => {
        asked.push(`${name} ${room}`);
        await Promise.resolve();
        return verdict;
      };
    const refused = ask(
      ["a", "b"],
      [
        [/./, rule("first", true)],
        ["b", rule("second", false)],
        ["b", rule("third", true)],
      ],
    );
    assert.ok(refused instanceof Promise);
    assert.deepEqual([await refused, asked], [["b"], ["first a", "first b", "second b"]]);
  });

  test("that say anything but true say no; one that throws or rejects is reported, too", async () => {
    const failures: unknown[] = [];
    for (const wrong of [undefined, 1, "true", {}, Promise.resolve("yes")]) {
      assert.deepEqual(await ask(["a"], [["a", () => wrong as boolean]], failures), ["a"]);
    }
    assert.equal(failures.length, 0);
    const thrown = new Error("no database");
    for (const allow of [
      (): never => {
        throw thrown;
      },
      (): Promise<boolean> => Promise.reject(thrown),
    ]) {
      assert.deepEqual(await ask(["a"], [["a", allow]], failures), ["a"]);
    }
    const rules = new JoinRules<string>();
    rules.add(allowThrows, () => true);
    assert.deepEqual(
      rules.refused("it", ["a"], new Set(), (error) => void failures.push(error)),
      ["a"],
    );
    assert.deepEqual(failures, [thrown, thrown, thrown]);

    function allowThrows(): never {
      throw thrown;
    }
  });

  test("are functions, and mean rooms", () => {
    const rules = new JoinRules<string>();
    assert.throws(() => rules.add("a", true as never), { name: "TypeError", message: /must be a function/ });
    assert.throws(() => rules.add(7 as never, () => true), {
      name: "TypeError",
      message: /rooms of a join rule/,
    });
  });
});

describe("a socket that may not join", () => {
  test("is in none of the rooms; the promise says so, and may be ignored", async (t) => {
    const { io, socket } = await startJoined(t);
    io.on("handler_error", () => assert.fail("it was reported"));
    assert.equal(
      io.joinRule("secret", () => false),
      io,
    );
    void socket.join("secret");
    await assert.rejects(socket.join(["open", "secret"]), refusedError("secret"));
    assert.deepEqual([...socket.rooms], [socket.id]);
    void socket.join("open");
    assert.deepEqual([...socket.rooms], [socket.id, "open"], "at once");
  });

  test("joins when a rule that takes its time says yes, if it is still there then", async (t) => {
    const { io, socket } = await startJoined(t, { maxRoomsPerSocket: 2 });
    const verdicts: ((verdict: boolean) => void)[] = [];
    io.joinRule(/^slow/, () => new Promise((resolve) => verdicts.push(resolve)));
    const joined = socket.join("slow");
    assert.deepEqual([...socket.rooms], [socket.id]);
    verdicts.pop()!(true);
    await joined;
    assert.deepEqual([...socket.rooms], [socket.id, "slow"]);
    void socket.leave("slow");
    const tooMany = Promise.allSettled([socket.join("slow 1"), socket.join("slow 2")]);
    for (const allow of verdicts.splice(0)) allow(true);
    const [first, second] = await tooMany;
    assert.equal(first!.status, "fulfilled");
    assert.ok((second as PromiseRejectedResult).reason instanceof RangeError);
    void socket.leave("slow 1");
    const late = socket.join("slow 3");
    socket.disconnect();
    verdicts.pop()!(true);
    await late;
    assert.equal(io.sockets.adapter.rooms.has("slow 3"), false);
  });

  test("does not join what it was told to leave before a rule said yes", async (t) => {
    const { io, socket } = await startJoined(t);
    const verdicts: ((verdict: boolean) => void)[] = [];
    io.joinRule(/^slow/, () => new Promise((resolve) => verdicts.push(resolve)));
    const joined = socket.join(["slow 1", "slow 2"]);
    void socket.leave("slow 1");
    for (const allow of verdicts) allow(true);
    await joined;
    assert.deepEqual([...socket.rooms], [socket.id, "slow 2"]);
  });

  test("may be made a member by the server, and stays where it was when the rule came", async (t) => {
    const { io, socket } = await startJoined(t);
    void socket.join("before");
    io.joinRule(/./, () => false);
    await io.socketsJoin("by all");
    const [remote] = await io.fetchSockets();
    await remote!.join("by one");
    assert.deepEqual([...socket.rooms], [socket.id, "before", "by all", "by one"]);
  });

  test("is asked about in middleware, too, and what fails there is reported", async (t) => {
    const { io, url } = await startServer(t);
    const reports: unknown[] = [];
    io.on("handler_error", (error, { event, socketId }) => {
      reports.push([(error as Error).message, event, typeof socketId]);
    });
    io.joinRule("broken", () => {
      throw new Error("mine");
    });
    io.joinRule(/^project/, (socket, room) => socket.handshake.auth["may"] === room);
    io.use((socket, next) => {
      for (const room of ["project 1", "project 2", "broken"]) void socket.join(room);
      next();
    });
    const arriving = nextOf(io, "connection");
    nodeClient(t, url, { auth: { may: "project 2" } });
    const [socket] = (await arriving) as [Socket];
    assert.deepEqual([...socket.rooms], [socket.id, "project 2"]);
    assert.deepEqual(reports, [["mine", "joinRule", "string"]]);
  });

  test("is told of by the handler that asked, in a namespace of a parent as well", async (t) => {
    const { io, url } = await startServer(t);
    const parent = io.of(/^\/p/);
    parent.joinRule("secret", async () => {
      await Promise.resolve();
      return false;
    });
    parent.on("connection", (socket) => {
      socket.on("join", async (room: string, ack: (rooms: string[]) => void) => {
        await socket.join(room);
        ack([...socket.rooms].slice(1));
      });
    });
    const client = nodeClient(t, `${url}/p1`);
    assert.deepEqual(await client.emitWithAck("join", "open"), ["open"]);
    await assert.rejects(client.emitWithAck("join", "secret"), (error) => {
      assert.ok(error instanceof EventError);
      assert.deepEqual([error.code, error.data], ["join_refused", { rooms: ["secret"] }]);
      return true;
    });
  });
});

for (const [what, makeLog] of Object.entries(LOGS)) {
  describe(`a client that comes back, with ${what}`, () => {
    for (const isAsync of [false, true]) {
      test(`is out of what it may not be in any more${isAsync ? ", told later" : ""}, and misses nothing else`, async () => {
        const world = new DeliveryWorld({ log: makeLog() });
        let allowed = true;
        const asked: string[] = [];
        world.main.joinRule(/./, (_socket, room) => {
          asked.push(room);
          const verdict = allowed || room === "open";
          return isAsync ? Promise.resolve(verdict) : verdict;
        });
        const { client, socket, seat, sid } = await join(world);
        await socket.join(["secret", "open"]);
        client.drop();
        await world.settle();
        world.main.to("secret").emit("n", 1);
        world.main.to("open").emit("n", 2);
        allowed = false;
        asked.length = 0;
        const back = await comeBack(world, seat, 0);
        assert.deepEqual(asked, ["secret", "open"], "and not about its own");
        assert.deepEqual([back.sid, back.seat.recovered], [sid, true]);
        assert.deepEqual(back.missed, ['2@2,["n",2]']);
        assert.deepEqual(back.socket.rooms, new Set([sid, "open"]));
        world.main.to("secret").emit("n", 3);
        back.socket.emit("n", 4);
        await world.settle();
        assert.deepEqual(back.client.take(), ['2@4,["n",4]']);
        back.client.drop();
        allowed = true;
        await world.settle();
        const again = await comeBack(world, seat, 4);
        assert.deepEqual(again.socket.rooms, new Set([sid, "open"]));
        assert.deepEqual(world.failures, []);
      });
    }

    test("is asked about behind middleware, which may know who it is, and also where that is left out", async () => {
      for (const skipMiddlewares of [false, true]) {
        const world = new DeliveryWorld({ log: makeLog(), skipMiddlewares });
        world.main.use((socket, next) => {
          socket.data["checked"] = socket.recovered;
          next();
        });
        world.main.joinRule("secret", (socket) => !socket.recovered && socket.data["checked"] === false);
        const { client, socket, seat } = await join(world);
        await socket.join("secret");
        client.drop();
        world.main.to("secret").emit("n", 1);
        await world.settle();
        const back = await comeBack(world, seat, 0);
        assert.deepEqual(back.missed, [], String(skipMiddlewares));
      }
    });

    test("and goes before the rule has spoken, is gone", async () => {
      const world = new DeliveryWorld({ log: makeLog() });
      const { client, socket, seat, sid } = await join(world);
      await socket.join("slow");
      client.drop();
      await world.settle();
      const verdicts: ((verdict: boolean) => void)[] = [];
      world.main.joinRule("slow", () => new Promise((resolve) => verdicts.push(resolve)));
      const back = world.open();
      back.send(`0${JSON.stringify({ $seat: { key: seat.key, epoch: seat.epoch, offset: 0 } })}`);
      await world.settle();
      assert.equal(verdicts.length, 1);
      back.drop();
      verdicts.pop()!(false);
      await world.settle();
      assert.equal(socketOf(world, sid), undefined);
      assert.equal(world.main.adapter.sids.size, 0);
      assert.deepEqual(world.failures, []);
    });
  });
}

test("a client that shows anew who it is, is out of what it may not be in any more", async () => {
  const world = new DeliveryWorld();
  const allowed = (socket: { handshake: { auth: Readonly<Record<string, unknown>> } }): boolean =>
    socket.handshake.auth["token"] === "a";
  world.main.joinRule("now", allowed);
  world.main.joinRule("later", (socket) => Promise.resolve(allowed(socket)));
  const client = world.open();
  client.send('0{"token":"a","$renew":true}');
  await world.settle();
  const { sid } = client.answer();
  const socket = socketOf(world, sid);
  await socket.join(["now", "later", "open"]);
  for (const [token, rooms] of [
    ["a", ["now", "later", "open"]],
    ["b", ["open"]],
  ] as const) {
    const asked = socket.reauthenticate();
    await world.settle();
    const [question] = client.take();
    const id = /^2(\d+)\["\$auth"\]$/.exec(question!)?.[1];
    client.send(`3${id}[{"token":"${token}"}]`);
    assert.equal(await asked, true);
    assert.deepEqual([...socket.rooms], [sid, ...rooms]);
  }
  world.main.to(["now", "later"]).emit("n", 1);
  await world.settle();
  assert.deepEqual(client.take(), []);
});

test("history is not for who may not join", async () => {
  const world = new DeliveryWorld();
  world.main.joinRule("secret", () => Promise.resolve(false));
  world.main.to("secret").emit("n", 1);
  const { client, socket } = await join(world);
  await assert.rejects(socket.join("secret", { history: 10 }), refusedError("secret"));
  await world.settle();
  assert.deepEqual(client.take(), []);
});
