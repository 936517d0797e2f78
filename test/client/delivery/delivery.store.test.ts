import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { delivery, type DeliveryOptions, StoreError } from "../../../src/client/delivery/index.ts";
import type { ClientOptions } from "../../../src/client/options.ts";
import { fakeClient, recordEvents, settle } from "../../support/fake-client.ts";
import { MemoryStore } from "../../support/memory-store.ts";

const NAME = "http://localhost:3000/socket.io/ /";
const SEAT = { key: "k1", epoch: "e1", offset: 10, sequence: 0, window: 3 };

/** A page with a client that has a store; another one with the same store is the page after a reload. */
function page(store: MemoryStore, options: Partial<DeliveryOptions> & ClientOptions = {}) {
  const { keepSeat = false, ...more } = options;
  const outbox = delivery({ store, keepSeat });
  const client = fakeClient({ delivery: outbox, ...more });
  const { platform, clock, socket } = client;
  const answer = (given: object): Promise<void> => {
    platform.webSocket.say(`40${JSON.stringify(given)}`);
    return settle();
  };
  return {
    ...client,
    outbox,
    answer,
    /** Connects; returned is what was asked, and the answer given. */
    async join(given: object): Promise<(string | Uint8Array)[]> {
      await settle();
      platform.webSocket.open();
      const asked = platform.webSocket.take();
      await answer(given);
      return asked;
    },
    async comeBack(given: object): Promise<(string | Uint8Array)[]> {
      platform.webSocket.lose();
      clock.advance(5000);
      platform.webSocket.open();
      const asked = platform.webSocket.take();
      await answer(given);
      return asked;
    },
    say: (...packets: string[]): void => platform.webSocket.say(...packets),
    sent: () => platform.webSocket.take(),
    events: recordEvents(socket, "connect", "gap", "disconnect", "n"),
    errors: recordEvents(socket.io, "emit_error"),
  };
}

describe("an outbox with a store", () => {
  test("after a reload what was not done is sent again first, with its numbers and bytes", async () => {
    const store = new MemoryStore();
    const before = page(store);
    assert.deepEqual(await before.join({ sid: "s", $seat: SEAT }), ["40"]);
    before.socket
      .emit("a", 1)
      .emit("a", new Uint8Array([7]))
      .emit("a", 3)
      .emit("a", 4);
    await before.outbox.stored();
    assert.equal(before.sent().length, 4);
    before.say("43@1");
    await before.outbox.stored();
    store.crash();

    const after = page(store);
    after.socket.emit("a", 5);
    const asked = await after.join({ sid: "t", $seat: { ...SEAT, key: "k2", sequence: 2 } });
    assert.deepEqual(asked, ['40{"$seat":{"key":"k1","epoch":"?","offset":0}}']);
    assert.deepEqual(after.sent(), ['42@3,["a",3]', '42@4,["a",4]', '42@5,["a",5]']);
    assert.deepEqual([after.socket.recovered, after.socket.bufferedEvents], [false, 3]);
    assert.deepEqual(after.events, [["connect"]]);
    after.say("43@5");
    await after.outbox.stored();
    assert.deepEqual(store.outboxes.get(NAME), {
      events: [],
      state: { seat: { key: "k2", epoch: "e1", offset: 10 }, done: 5, nextId: 0 },
    });
  });

  test("what was emitted without any connection is there after a reload, bytes too", async () => {
    const store = new MemoryStore();
    const before = page(store);
    before.socket.emit("a", new Uint8Array([7]));
    await before.outbox.stored();
    store.crash();
    const after = page(store);
    assert.deepEqual(await after.join({ sid: "s", $seat: SEAT }), ["40"]);
    assert.deepEqual(after.sent(), ['451-@1,["a",{"_placeholder":true,"num":0}]', new Uint8Array([7])]);
  });

  test("CONNECT waits for the store", async () => {
    const store = new MemoryStore();
    store.isSlow = true;
    const { platform, socket, sent } = page(store, { auth: { token: "t" } });
    platform.webSocket.open();
    await settle();
    assert.deepEqual(sent(), []);
    socket.emit("a", 1);
    store.commit();
    await settle();
    assert.deepEqual(sent(), ['40{"token":"t"}']);
  });

  test("CONNECT is not sent for a connection that is lost by the time the store is open", async () => {
    const store = new MemoryStore();
    store.isSlow = true;
    const { platform, clock, sent } = page(store);
    platform.webSocket.open();
    platform.webSocket.lose();
    clock.advance(5000);
    store.commit();
    await settle();
    assert.deepEqual(sent(), []);
    platform.webSocket.open();
    assert.deepEqual(sent(), ["40"]);
  });

  test("nothing is sent before it is kept, and no number before its seat is", async () => {
    const store = new MemoryStore();
    const { join, sent, socket } = page(store);
    await settle();
    store.isSlow = true;
    socket.emit("a", 1);
    await settle();
    store.commit();
    await settle();
    await join({ sid: "s", $seat: SEAT });
    assert.deepEqual(sent(), []);
    store.commit();
    await settle();
    assert.deepEqual(sent(), ['42@1,["a",1]']);
    socket.emit("a", 2).emit("a", 3);
    await settle();
    assert.deepEqual(sent(), []);
    socket.emit("a", 4);
    await settle();
    store.commit();
    await settle();
    // The window is 3.
    assert.deepEqual(sent(), ['42@2,["a",2]', '42@3,["a",3]']);
  });

  test("what changes in one turn is one write", async () => {
    const store = new MemoryStore();
    const { join, socket, outbox, say } = page(store);
    await join({ sid: "s", $seat: { ...SEAT, window: 100 } });
    const before = store.writes;
    for (let value = 0; value < 50; value += 1) socket.emit("a", value);
    await outbox.stored();
    assert.equal(store.writes, before + 1);
    say("43@20", "43@40");
    socket.emit("a", 50);
    await outbox.stored();
    assert.deepEqual([store.writes, store.outboxes.get(NAME)?.events.length], [before + 2, 11]);
  });

  test("a server that has lost its memory is a gap only if it matters: what was sent may be handled twice", async () => {
    for (const isDone of [true, false]) {
      const store = new MemoryStore();
      const before = page(store);
      await before.join({ sid: "s", $seat: SEAT });
      before.socket.emit("a", 1).emit("a", 2);
      await before.outbox.stored();
      before.say(isDone ? "43@2" : "43@1");
      await before.outbox.stored();
      store.crash();
      const after = page(store);
      await after.join({ sid: "t", $seat: { ...SEAT, key: "k2", sequence: undefined } });
      assert.deepEqual(after.events, isDone ? [["connect"]] : [["gap"], ["connect"]]);
      assert.deepEqual(after.sent(), isDone ? [] : ['42@1,["a",2]']);
    }
  });

  test("a reload before the seat's answer came claims the same seat once more", async () => {
    const store = new MemoryStore();
    const first = page(store);
    await first.join({ sid: "s", $seat: SEAT });
    first.socket.emit("a", 1);
    await first.outbox.stored();
    store.crash();
    const second = page(store);
    await settle();
    second.platform.webSocket.open();
    second.socket.emit("a", 2);
    await second.outbox.stored();
    store.crash();
    const third = page(store);
    assert.deepEqual(await third.join({ sid: "t", $seat: { ...SEAT, key: "k2" } }), [
      '40{"$seat":{"key":"k1","epoch":"?","offset":0}}',
    ]);
    assert.deepEqual(third.sent(), ['42@1,["a",1]', '42@2,["a",2]']);
    // From here on it is a seat like any other.
    assert.deepEqual(await third.comeBack({ sid: "t", $seat: { ...SEAT, key: "k2", recovered: true } }), [
      '40{"$seat":{"key":"k2","epoch":"e1","offset":10}}',
    ]);
  });

  test("other servers, paths and namespaces are kept apart", async () => {
    const store = new MemoryStore();
    const { socket, outbox } = page(store, { path: "/other/" });
    socket.io.socket("/admin").emit("a", 1);
    socket.emit("b", 2);
    await outbox.stored();
    assert.deepEqual(
      [...store.outboxes].map(([name, { events }]) => [name, events.map(({ text }) => text)]),
      [
        ["http://localhost:3000/other/ /", ['["b",2]']],
        ["http://localhost:3000/other/ /admin", ['["a",1]']],
      ],
    );
  });

  test("limits count what was kept", async () => {
    const store = new MemoryStore();
    const before = page(store);
    before.socket.emit("a", 1).emit("a", 2);
    await before.outbox.stored();
    store.crash();
    const { socket, errors } = page(store, { maxBufferedEvents: 2 });
    await settle();
    socket.emit("a", 3);
    assert.deepEqual(
      [socket.bufferedEvents, (errors[0]![1] as Error & { code: string }).code],
      [2, "buffer_full"],
    );
  });

  test("who leaves, or is put out, keeps what was not done for the next seat, which counts anew", async () => {
    for (const isOurs of [true, false]) {
      const store = new MemoryStore();
      const { join, say, sent, socket, outbox, platform, answer } = page(store);
      await join({ sid: "s", $seat: SEAT });
      socket.emit("a", 1).emit("a", 2);
      await outbox.stored();
      say("43@1");
      if (isOurs) socket.disconnect();
      else say("41");
      await outbox.stored();
      assert.deepEqual(store.outboxes.get(NAME)?.state, { seat: undefined, done: 0, nextId: 0 });
      socket.connect();
      platform.webSocket.open();
      sent();
      await answer({ sid: "t", $seat: { ...SEAT, key: "k2" } });
      assert.deepEqual(sent(), ['42@1,["a",2]']);
    }
  });

  test("a server without numbers gets each once, and it is kept no more", async () => {
    const store = new MemoryStore();
    const before = page(store);
    const failed = before.socket.emitWithAck("ask", 1);
    await before.outbox.stored();
    store.crash();
    const after = page(store);
    const answer = after.socket.emitWithAck("ask", 2);
    await after.join({ sid: "s" });
    const [old, ours] = after.sent() as [string, string];
    assert.equal(ours, '420["ask",2]');
    after.say(`43${old.slice(2, old.indexOf("["))}["old"]`, '430["new"]');
    assert.equal(await answer, "new");
    await after.outbox.stored();
    assert.deepEqual(store.outboxes.get(NAME)?.events, []);
    failed.catch(() => {});
  });
});

describe("acknowledgements over a reload", () => {
  test("who leaves does not send again what was answered, though the server has not said that it is done", async () => {
    const store = new MemoryStore();
    const before = page(store);
    await before.join({ sid: "s", $seat: { ...SEAT, window: 10 } });
    const answer = before.socket.emitWithAck("ask", 1);
    before.socket.emit("a", 2);
    const failure = before.socket.emitWithAck("ask", 3);
    const open = before.socket.emitWithAck("ask", 4);
    open.catch(() => {});
    await before.outbox.stored();
    before.say('43@11,0["yes"]', '44@12,1{"code":"no","message":"No."}');
    assert.equal(await answer, "yes");
    await assert.rejects(failure, { code: "no" });
    before.socket.disconnect();
    await before.outbox.stored();
    store.crash();
    const after = page(store);
    await after.join({ sid: "t", $seat: { ...SEAT, key: "k2", window: 10 } });
    assert.deepEqual(after.sent(), ['42@1,["a",2]', '42@2,2["ask",4]']);
  });

  test("answers from before are told to nobody, errors to `emit_error`; new ones are not mixed up with them", async () => {
    const store = new MemoryStore();
    const before = page(store);
    await before.join({ sid: "s", $seat: SEAT });
    for (const value of [1, 2]) before.socket.emit("ask", value, () => assert.fail("This page is gone."));
    await before.outbox.stored();
    assert.deepEqual(before.sent(), ['42@1,0["ask",1]', '42@2,1["ask",2]']);
    store.crash();

    const after = page(store);
    const answer = after.socket.emitWithAck("ask", 3);
    await after.join({ sid: "t", $seat: { ...SEAT, key: "k2" } });
    assert.deepEqual(after.sent(), ['42@1,0["ask",1]', '42@2,1["ask",2]', '42@3,2["ask",3]']);
    // Without a number, an id is what it is.
    const volatile = new Promise((resolve) => void after.socket.volatile.emit("now", resolve));
    assert.deepEqual(after.sent(), ['421["now"]']);
    after.say('43@11,0["old"]', '44@12,1{"code":"no","message":"No."}', '43@13,2["yes"]', '431["volatile"]');
    assert.deepEqual([await answer, await volatile], ["yes", "volatile"]);
    assert.deepEqual(
      after.errors.map(([, error]) => (error as Error & { code: string }).code),
      ["no"],
    );
  });
});

describe("with `keepSeat`", () => {
  test("the page comes back to its seat, behind the last event whose listeners have returned", async () => {
    const store = new MemoryStore();
    const before = page(store, { keepSeat: true });
    await before.join({ sid: "s", $seat: SEAT });
    before.say('42@11,["n",1]', '42@15,["n",2]');
    await before.outbox.stored();
    store.crash();
    const after = page(store, { keepSeat: true });
    const asked = await after.join({ sid: "s", $seat: { ...SEAT, offset: 15, recovered: true } });
    assert.deepEqual(asked, ['40{"$seat":{"key":"k1","epoch":"e1","offset":15}}']);
    assert.equal(after.socket.recovered, true);
    after.say('42@15,["n",2]', '42@16,["n",3]');
    assert.deepEqual(after.events, [["connect"], ["n", 3]]);
  });

  test("a new seat is a gap", async () => {
    const store = new MemoryStore();
    const before = page(store, { keepSeat: true });
    await before.join({ sid: "s", $seat: SEAT });
    store.crash();
    const after = page(store, { keepSeat: true });
    await after.join({ sid: "t", $seat: { ...SEAT, key: "k2" } });
    assert.deepEqual(after.events, [["gap"], ["connect"]]);
  });

  test("where it is in the log is written when nothing else is, and not once for each event", async () => {
    const store = new MemoryStore();
    const { join, say } = page(store, { keepSeat: true });
    await join({ sid: "s", $seat: SEAT });
    const before = store.writes;
    store.isSlow = true;
    for (let offset = 11; offset <= 30; offset += 1) {
      say(`42@${offset},["n",${offset}]`);
      await settle();
    }
    assert.equal(store.writes, before);
    store.commit();
    await settle();
    assert.equal(store.outboxes.get(NAME)?.state?.seat?.offset, 11);
    store.commit();
    await settle();
    assert.deepEqual([store.writes, store.outboxes.get(NAME)?.state?.seat?.offset], [before + 2, 30]);
  });
});

describe("a store that fails", () => {
  test("when it is opened: told once, and all goes on in memory", async () => {
    const store = new MemoryStore();
    store.failure = new Error("no disk");
    const { join, sent, socket, outbox, errors } = page(store);
    socket.emit("a", 1);
    await join({ sid: "s", $seat: SEAT });
    socket.emit("a", 2);
    assert.deepEqual(sent(), ['42@1,["a",1]', '42@2,["a",2]']);
    const [[, error, namespace]] = errors as [[string, StoreError, string]];
    assert.ok(error instanceof StoreError);
    assert.deepEqual(
      [errors.length, error.code, error.cause, namespace],
      [1, "STORE_OPEN_FAILED", store.failure, "/"],
    );
    await assert.rejects(outbox.stored(), { code: "STORE_OPEN_FAILED" });
  });

  test("later: told once, and what waited to be kept is sent", async () => {
    const store = new MemoryStore();
    const { join, say, sent, socket, outbox, errors } = page(store);
    await join({ sid: "s", $seat: SEAT });
    store.failure = new Error("quota");
    socket.emit("a", 1);
    await assert.rejects(outbox.stored(), { name: "StoreError", code: "STORE_WRITE_FAILED" });
    socket.emit("a", 2);
    assert.deepEqual(sent(), ['42@1,["a",1]', '42@2,["a",2]']);
    say("43@2");
    await settle();
    assert.deepEqual([errors.length, socket.bufferedEvents], [1, 0]);
  });

  test("one that does not answer is waited for ten seconds", async () => {
    const store = new MemoryStore();
    store.isSlow = true;
    const { platform, clock, sent, errors } = page(store);
    platform.webSocket.open(20_000, 20_000);
    clock.advance(9_999);
    await settle();
    assert.deepEqual(sent(), []);
    clock.advance(1);
    assert.deepEqual([sent(), (errors[0]![1] as StoreError).code], [["40"], "STORE_OPEN_FAILED"]);
    // It is let go of when it answers after all.
    store.commit();
    store.isSlow = false;
    await settle();
    await (await store.open(NAME)).close();
  });

  test("a second page with the same store is told that it is in use", async () => {
    const store = new MemoryStore();
    page(store);
    await settle();
    const { join, errors, socket, sent } = page(store);
    await join({ sid: "s", $seat: SEAT });
    socket.emit("a", 1);
    assert.deepEqual([(errors[0]![1] as StoreError).code, sent()], ["STORE_IN_USE", ['42@1,["a",1]']]);
  });

  test("one that was closed by the application is not told of", async () => {
    const store = new MemoryStore();
    const { join, sent, socket, outbox, errors } = page(store);
    await join({ sid: "s", $seat: SEAT });
    await store.close();
    socket.emit("a", 1);
    await assert.rejects(outbox.stored(), { code: "STORE_CLOSED" });
    assert.deepEqual([errors, sent()], [[], ['42@1,["a",1]']]);
  });

  test("without a listener it is logged", async () => {
    const store = new MemoryStore();
    store.failure = new Error("no disk");
    const outbox = delivery({ store });
    const { log } = fakeClient({ delivery: outbox });
    await settle();
    assert.equal(log.take().length, 1);
  });
});
