import assert from "node:assert/strict";
import { test } from "node:test";
import { Outbox, PacketError } from "../../src/packets/index.ts";

test("messages are kept until they are acknowledged", () => {
  const outbox = new Outbox();
  outbox.push("one");
  outbox.push(Uint8Array.of(1, 2));
  outbox.push("three", 100);
  assert.deepEqual([outbox.sent, outbox.acknowledged, outbox.size], [3, 0, 105]);
  outbox.acknowledge(1);
  assert.deepEqual(outbox.messages, [Uint8Array.of(1, 2), "three"]);
  assert.deepEqual([outbox.sent, outbox.acknowledged, outbox.size], [3, 1, 102]);
  outbox.acknowledge(3);
  assert.deepEqual([outbox.sent, outbox.acknowledged, outbox.size], [3, 3, 0]);
  outbox.push("four");
  assert.deepEqual([outbox.sent, outbox.messages], [4, ["four"]]);
});

test("an old count changes nothing, one that can't be throws and changes nothing", () => {
  const outbox = new Outbox();
  for (const text of ["one", "two"]) outbox.push(text);
  outbox.acknowledge(1);
  outbox.acknowledge(0);
  outbox.acknowledge(1);
  assert.throws(() => outbox.acknowledge(3), PacketError);
  assert.deepEqual([outbox.messages, outbox.size], [["two"], 3]);
});

test("what is let go still counts as sent", () => {
  const outbox = new Outbox();
  for (const text of ["one", "two"]) outbox.push(text);
  outbox.clear();
  assert.deepEqual([outbox.sent, outbox.size, outbox.messages], [2, 0, []]);
  outbox.acknowledge(2);
});
