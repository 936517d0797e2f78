import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { NOBODY, ownStream, type StreamOwner } from "../../src/websocket/stream-owner.ts";

function recorder(): StreamOwner & { readonly told: string[] } {
  const told: string[] = [];
  return {
    told,
    receiveChunk: (chunk) => void told.push(String(chunk)),
    onStreamEnd: () => void told.push("end"),
    onStreamDrain: () => void told.push("drain"),
    onStreamError: (error) => void told.push(error.message),
    onStreamClose: () => void told.push("close"),
  };
}

test("the last owner is told, and nobody before it", async () => {
  const stream = new PassThrough();
  const first = recorder();
  const second = recorder();
  ownStream(stream, first);
  stream.write("one");
  await turn();
  ownStream(stream, second);
  stream.write("two");
  await turn();
  stream.destroy(new Error("broken"));
  await turn();
  assert.deepEqual(first.told, ["one"]);
  assert.deepEqual(second.told, ["two", "broken", "close"]);
});

test("what comes while nobody owns a stream waits for the next owner, in order", async () => {
  const stream = new PassThrough();
  ownStream(stream, NOBODY);
  for (const text of ["one", "two", "three"]) {
    stream.write(text);
    await turn();
  }
  const owner = recorder();
  ownStream(stream, owner);
  stream.resume();
  stream.end();
  await turn();
  await turn();
  assert.equal(owner.told.slice(0, -2).join(""), "onetwothree");
  assert.deepEqual(owner.told.slice(-2), ["end", "close"]);
});

test("an error while nobody owns a stream is no uncaught one", async () => {
  const stream = new PassThrough();
  ownStream(stream, NOBODY);
  stream.destroy(new Error("broken"));
  await turn();
  assert.equal(stream.destroyed, true);
});
