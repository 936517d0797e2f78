import assert from "node:assert/strict";
import { test } from "node:test";
import type { Socket } from "../../../src/sockets/socket.ts";
import { DeliveryWorld } from "../../support/delivery-world.ts";
import { Deferred } from "../../support/deferred.ts";
import { SeededRandom } from "../../../src/testing/seeded-random.ts";

const STEPS = 300;
const MAX_WAITING = 8;
/** While the client owes an acknowledgement. */
const MAX_WAITING_OWING = 16 * MAX_WAITING;

async function turn(): Promise<void> {
  for (let turns = 0; turns < 8; turns += 1) await Promise.resolve();
}

/** What one socket was sent and handled. Another one of the same namespace has another. */
interface Track {
  readonly prefix: string;
  readonly sent: number[];
  readonly begun: number[];
  isWorking: boolean;
  isOver: boolean;
}

/** One client, in two namespaces, at random; returns how often reading was paused. */
async function runSchedule(seed: number): Promise<number> {
  const random = new SeededRandom(seed);
  const mayAsk = random.fraction() < 0.5;
  const world = new DeliveryWorld({
    hasLog: false,
    turns: { maxWaitingEvents: MAX_WAITING, handlerTimeout: 1e9 },
  });
  const works = new Set<Deferred>();
  let current: Track[] = [];
  const all: Track[] = [];

  const listen = (socket: Socket, track: Track): void => {
    socket.on("n", (number: number, kind: string) => {
      assert.equal(track.isWorking, false, "two handlers of a socket at a time");
      assert.equal(track.isOver, false, "a handler of a socket that is gone");
      track.begun.push(number);
      if (kind === "now") return undefined;
      if (kind === "throw") throw new Error("expected");
      track.isWorking = true;
      return (async () => {
        try {
          if (kind === "ask") {
            await socket
              .timeout(200)
              .emitWithAck("question")
              .catch(() => {});
          } else {
            const work = new Deferred();
            works.add(work);
            await work.promise;
          }
        } finally {
          track.isWorking = false;
        }
      })();
    });
    socket.on("disconnect", () => (track.isOver = true));
  };
  const client = world.open("");
  const enter = (prefix: string): void => {
    const track: Track = { prefix, sent: [], begun: [], isWorking: false, isOver: false };
    all.push(track);
    current.push(track);
    client.send(`0${prefix}`);
  };
  for (const name of ["/", "/other"]) {
    const prefix = name === "/" ? "" : `${name},`;
    world.namespaces.of(name).on("connection", (socket: Socket) => {
      listen(
        socket,
        current.find((track) => track.prefix === prefix)!,
      );
    });
    enter(prefix);
  }
  /** Questions that the client has not answered. */
  const asked: string[] = [];
  let pauses = 0;
  let wasPaused = false;

  const check = (): void => {
    const { isPaused } = client.session;
    if (isPaused && !wasPaused) pauses += 1;
    wasPaused = isPaused;
    const behind = current.reduce((sum, { sent, begun }) => sum + sent.length - begun.length, 0);
    const most = mayAsk ? MAX_WAITING_OWING : MAX_WAITING;
    assert.ok(behind - client.unread <= most, `${behind} wait, ${client.unread} of them unread`);
    for (const { begun } of all) {
      assert.ok(
        begun.every((each, index) => each === index),
        `in this order: ${begun.join()}`,
      );
    }
  };
  const settleOne = (): void => {
    const [work] = works;
    if (work === undefined) return;
    works.delete(work);
    if (random.fraction() < 0.2) work.reject(new Error("expected"));
    else work.resolve();
  };
  const takeQuestions = (): void => {
    for (const packet of client.take()) {
      const question = /^2(\/other,)?(\d+)\["question"\]$/.exec(packet);
      if (question !== null) asked.push(`3${question[1] ?? ""}${question[2]}[]`);
    }
  };

  let number = 0;
  for (let step = 0; step < STEPS; step++) {
    const burst = random.fraction() < 0.1 ? random.integer(1, 40) : random.integer(0, 2);
    for (let sent = 0; sent < burst; sent++) {
      const track = random.pick(current);
      const kind = random.pick(["now", "throw", "later", "later", mayAsk ? "ask" : "later"]);
      client.send(`2${track.prefix}["n",${track.sent.length},"${kind}"]`);
      track.sent.push(number++);
      check();
    }
    for (let settled = random.integer(0, 2); settled > 0; settled--) settleOne();
    await turn();
    takeQuestions();
    while (asked.length > 0 && random.fraction() < 0.5) client.send(asked.shift()!);
    // One leaves a namespace, and comes again; only when all that it has sent is read.
    if (random.fraction() < 0.02 && !client.session.isPaused) {
      const [left] = current.splice(random.integer(0, current.length - 1), 1);
      client.send(`1${left!.prefix}`);
      assert.ok(left!.isOver);
      enter(left!.prefix);
    }
    await turn();
    world.clock.advance(random.integer(0, 20));
    await turn();
    check();
  }
  for (let step = 0; step < 10_000; step++) {
    settleOne();
    await turn();
    takeQuestions();
    while (asked.length > 0) client.send(asked.shift()!);
    await turn();
    if (step % 10 === 0) world.clock.advance(200);
    if (current.every((track) => track.begun.length === track.sent.length && !track.isWorking)) break;
  }
  for (const { sent, begun } of current) assert.equal(begun.length, sent.length);
  assert.equal(client.unread, 0);
  assert.equal(client.session.isPaused, false);
  assert.equal(world.clock.pending, 0);
  assert.ok(world.failures.every((error) => (error as Error).message === "expected"));
  client.drop();
  current = [];
  return pauses;
}

for (let block = 0; block < 4; block++) {
  test(`events are handled once and in order, whenever handlers settle (${block})`, async () => {
    let pauses = 0;
    for (let seed = block * 25; seed < block * 25 + 25; seed++) {
      try {
        pauses += await runSchedule(seed);
      } catch (error) {
        if (error instanceof Error) error.message = `seed ${seed}: ${error.message}`;
        throw error;
      }
    }
    assert.ok(pauses > 100, `only ${pauses} pauses`);
  });
}
