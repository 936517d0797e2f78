import assert from "node:assert/strict";
import { test } from "node:test";
import { beginTurn, SharedFrames } from "../../src/websocket/shared-frames.ts";
import { SeededRandom } from "../../src/testing/seeded-random.ts";

const shared = (text: string): SharedFrames => new SharedFrames(Buffer.from(text));

test("the bytes are not copied as long as there is one piece", () => {
  const bytes = Buffer.from("abc");
  assert.equal(new SharedFrames(bytes).bytes, bytes);
  assert.equal(new SharedFrames(bytes).length, 3);
});

test("the same sequence in one turn is the same object, and its bytes are put together once", () => {
  const [a, b, c] = ["a", "bb", "ccc"].map((text) => shared(text)) as [
    SharedFrames,
    SharedFrames,
    SharedFrames,
  ];
  const one = a.followedBy(b).followedBy(c);
  const other = a.followedBy(b).followedBy(c);
  assert.equal(one, other);
  assert.equal(one.length, 6);
  assert.equal(String(one.bytes), "abbccc");
  assert.equal(one.bytes, other.bytes);
});

test("another order, or other messages, are another object", () => {
  const [a, b, c] = ["a", "b", "c"].map((text) => shared(text)) as [SharedFrames, SharedFrames, SharedFrames];
  assert.equal(String(a.followedBy(b).bytes), "ab");
  assert.equal(String(b.followedBy(a).bytes), "ba");
  assert.equal(String(a.followedBy(b).followedBy(c).bytes), "abc");
  assert.equal(String(a.followedBy(c).followedBy(b).bytes), "acb");
  assert.equal(String(a.followedBy(a).followedBy(a).bytes), "aaa");
  assert.equal(String(a.bytes), "a");
});

test("what was put together in an earlier turn is still right, and not held on to", () => {
  const a = shared("a");
  const b = shared("b");
  const before = a.followedBy(b);
  beginTurn();
  const after = a.followedBy(b);
  assert.notEqual(after, before);
  assert.equal(String(before.bytes), "ab");
  assert.equal(String(after.bytes), "ab");
  assert.equal(String(before.followedBy(a).bytes), "aba");
});

test("a long sequence asked for at its end is put together, however long", () => {
  let node = shared("0");
  for (let count = 1; count < 3000; count += 1) node = node.followedBy(shared(String(count % 10)));
  assert.equal(node.bytes.length, 3000);
  assert.equal(String(node.bytes), "0123456789".repeat(300));
});

test("random sequences, some asked for early, are what a plain list would be", () => {
  const random = new SeededRandom(3);
  const leaves = Array.from({ length: 5 }, (_, index) =>
    shared(String.fromCharCode(97 + index).repeat(index + 1)),
  );
  for (let round = 0; round < 300; round += 1) {
    let node = random.pick(leaves);
    let expected = String(node.bytes);
    for (let count = random.integer(0, 12); count > 0; count -= 1) {
      const next = random.pick(leaves);
      node = node.followedBy(next);
      expected += String(next.bytes);
      if (random.fraction() < 0.2) assert.equal(String(node.bytes), expected);
      if (random.fraction() < 0.1) beginTurn();
    }
    assert.equal(node.length, expected.length);
    assert.equal(String(node.bytes), expected);
  }
});
