import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { QueueOverflow } from "../../../src/client/reliable-websocket/options.ts";
import { SendQueue } from "../../../src/client/reliable-websocket/queue.ts";
import { fakeReliable } from "../../support/reliable-client.ts";

function make(overflow: QueueOverflow) {
  const dropped: unknown[] = [];
  const queue = new SendQueue({ maxQueuedMessages: 3, maxQueuedBytes: 10, overflow }, (data) =>
    dropped.push(data),
  );
  const add = (...texts: string[]): void => texts.forEach((text) => void queue.add(text, text.length));
  const takeAll = (): unknown[] => {
    const all: unknown[] = [];
    for (let data = queue.take(); data !== undefined; data = queue.take()) all.push(data);
    return all;
  };
  return { queue, dropped, add, takeAll };
}

describe("a full queue", () => {
  test("throws", () => {
    const { queue, dropped, add, takeAll } = make("error");
    add("1", "2", "3");
    assert.throws(() => add("4"), { name: "ReliableWebSocketError", code: "RWS_ERR_QUEUE_FULL" });
    assert.deepEqual([takeAll(), dropped, queue.bytes], [["1", "2", "3"], [], 0]);
    add("1234567890");
    assert.throws(() => add("1"), { code: "RWS_ERR_QUEUE_FULL" });
    assert.equal(queue.bytes, 10);
    add("");
    assert.equal(queue.clear(), 10);
    assert.equal(queue.isEmpty, true);
  });

  test("drops what has waited longest, as much as it takes", () => {
    const { dropped, add, takeAll } = make("drop-oldest");
    add("1", "2", "3", "4");
    assert.deepEqual(dropped.splice(0), ["1"]);
    add("123456789");
    assert.deepEqual(dropped.splice(0), ["2", "3"]);
    add("12345678901");
    assert.deepEqual([dropped, takeAll()], [["12345678901"], ["4", "123456789"]]);
  });

  test("drops what is new", () => {
    const { dropped, add, takeAll } = make("drop-newest");
    add("1", "2", "3", "4");
    assert.deepEqual([dropped, takeAll()], [["4"], ["1", "2", "3"]]);
  });
});

test("a socket's limits, and what it tells of them", () => {
  const strict = fakeReliable({ maxQueuedBytes: 3, reconnection: true });
  strict.socket.send("ü");
  assert.throws(() => strict.socket.send("ü"), { code: "RWS_ERR_QUEUE_FULL" });
  strict.platform.webSocket.accept();
  assert.deepEqual(strict.platform.webSocket.take(), ["ü"]);
  const lax = fakeReliable({ maxQueuedMessages: 1, overflow: "drop-oldest" });
  lax.socket.send("a");
  lax.socket.send("b");
  lax.platform.webSocket.accept();
  assert.deepEqual([lax.platform.webSocket.take(), lax.events], [["b"], ["drop a", "open first"]]);
  const none = fakeReliable({ maxQueuedMessages: 0, overflow: "drop-oldest" });
  none.socket.send("a");
  assert.deepEqual([none.events, none.socket.bufferedAmount], [["drop a"], 0]);
  const usual = fakeReliable();
  for (let count = 0; count < 1000; count++) usual.socket.send("");
  assert.throws(() => usual.socket.send(""), { code: "RWS_ERR_QUEUE_FULL" });
});
