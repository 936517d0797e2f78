import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { BroadcastAckError } from "../../src/sockets/broadcast-acks.ts";
import { AckError } from "../../src/shared/pending-acks.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import type { EngineClient } from "../support/engine-client.ts";
import { startServer } from "../support/fixture.ts";
import { ERRORS_PATH, joinPair, type Pair } from "../support/joined.ts";
import { nextOf } from "../support/stock-client.ts";

/** Reads a question; returns what its answer begins with. */
async function asked(client: EngineClient, text: string): Promise<string> {
  const packet = await client.next();
  const id = /^42(\d+)/.exec(packet)?.[1];
  assert.equal(packet, `42${id}${text}`);
  return `43${id}`;
}

/** A server whose time stands still, and three who have joined. */
async function three(t: Parameters<typeof startServer>[0]) {
  const clock = new FakeClock();
  const server = await startServer(t, { clock });
  const pairs: Pair[] = [];
  for (let count = 0; count < 3; count++) pairs.push(await joinPair(t, server, ERRORS_PATH));
  const [ada, bob, eve] = pairs;
  const timers = clock.pending;
  const done = (): void => {
    assert.equal(clock.pending, timers);
    for (const { client } of pairs) client.raw.destroy();
  };
  return { ...server, clock, ada: ada!, bob: bob!, eve: eve!, done };
}

describe("a broadcast that asks", () => {
  test("is answered by all: by promise and by callback", async (t) => {
    const { io, ada, bob, eve, done } = await three(t);
    await eve.socket.join("other");
    const promise = io.except("other").timeout(1000).emitWithAck("n?", 1);
    for (const [index, { client }] of [bob, ada].entries()) {
      await client.send(`${await asked(client, '["n?",1]')}[${index},"ignored"]`);
    }
    assert.deepEqual(await promise, [0, 1]);
    const callback = new Promise((resolve) => io.emit("m?", (...args: unknown[]) => resolve(args)));
    for (const { client } of [ada, bob, eve]) await client.send(`${await asked(client, '["m?"]')}[]`);
    assert.deepEqual(await callback, [null, [undefined, undefined, undefined]]);
    done();
  });

  test("of nobody is over at once", async (t) => {
    const { io, done } = await three(t);
    assert.deepEqual(await io.to("nobody").timeout(1000).emitWithAck("n?"), []);
    const callback = new Promise((resolve) =>
      io.to("nobody").emit("n?", (...args: unknown[]) => resolve(args)),
    );
    assert.deepEqual(await callback, [null, []]);
    done();
  });

  test("ends in time with those that came, and what comes later is ignored", async (t) => {
    const { io, ada, bob, eve, clock, done } = await three(t);
    let calls = 0;
    const promise = io.timeout(1000).emitWithAck("n?");
    io.timeout(1000).emit("n?", () => (calls += 1));
    const answers: string[] = [];
    for (const { client } of [ada, bob, eve]) {
      answers.push(await asked(client, '["n?"]'));
      await asked(client, '["n?"]');
    }
    await ada.client.send(`${answers[0]}["early"]`);
    await ada.client.send('42["sync"]');
    await nextOf(ada.socket, "sync");
    clock.advance(1000);
    await assert.rejects(promise, (error) => {
      assert.ok(error instanceof BroadcastAckError && error instanceof AckError);
      assert.deepEqual([error.code, error.responses, error.errors], ["timeout", ["early"], []]);
      assert.match(error.message, /1 of 3/);
      return true;
    });
    assert.equal(calls, 1);
    await bob.client.send(`${answers[1]}["late"]`);
    await bob.client.send('42["sync"]');
    await nextOf(bob.socket, "sync");
    done();
  });

  test("does not wait for who has left, or failed", async (t) => {
    const { io, ada, bob, eve, done } = await three(t);
    const promise = io.emitWithAck("n?");
    const [one, two] = [await asked(ada.client, '["n?"]'), await asked(bob.client, '["n?"]')];
    eve.client.raw.destroy();
    await nextOf(eve.socket, "disconnect");
    await bob.client.send(`44${two.slice(2)}{"code":"busy","message":"Later."}`);
    await ada.client.send(`${one}["yes"]`);
    await assert.rejects(promise, (error) => {
      assert.ok(error instanceof BroadcastAckError);
      assert.deepEqual([error.code, error.responses], ["disconnected", ["yes"]]);
      assert.deepEqual(error.errors.map((each) => (each as AckError).code).toSorted(), [
        "busy",
        "disconnected",
      ]);
      return true;
    });
    for (const { client } of [ada, bob]) client.raw.destroy();
    void done;
  });

  test("does not mix with the questions of sockets", async (t) => {
    const { io, ada, done } = await three(t);
    const one = ada.socket.emitWithAck("one?");
    const all = io.to(ada.socket.id).emitWithAck("all?");
    const [first, second] = [await asked(ada.client, '["one?"]'), await asked(ada.client, '["all?"]')];
    assert.deepEqual([first, second], ["430", "432147483647"]);
    await ada.client.send(`${second}[2]`);
    await ada.client.send(`${first}[1]`);
    assert.deepEqual([await one, await all], [1, [2]]);
    done();
  });

  test("throws what can't be sent, and leaves nothing", async (t) => {
    const { io, ada, done } = await three(t);
    assert.throws(() => io.timeout(10).emit("x", 1n, () => {}), TypeError);
    assert.throws(() => io.emit("disconnect", () => {}), TypeError);
    await assert.rejects(io.timeout(10).emitWithAck("x", 1n), TypeError);
    await assert.rejects(ada.socket.broadcast.emitWithAck("connect"), TypeError);
    done();
  });

  test("whose callback throws or rejects is reported", async (t) => {
    const { io, done } = await three(t);
    for (const failing of [
      () => {
        throw new Error("mine");
      },
      () => Promise.reject(new Error("mine")),
    ]) {
      const reported = nextOf(io, "handler_error");
      io.to("nobody").emit("n?", failing);
      const [error, context] = (await reported) as [Error, unknown];
      assert.equal(error.message, "mine");
      assert.deepEqual(context, { event: "acknowledgement", namespace: "/", socketId: undefined });
    }
    done();
  });
});
