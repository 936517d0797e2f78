import assert from "node:assert/strict";
import { test } from "node:test";
import { LineCutter, OutputTail } from "../../src/testing/output-tail.ts";

test("the tail is the last of what came", () => {
  const tail = new OutputTail(5);
  tail.take("abc");
  assert.equal(tail.text, "abc");
  tail.take("def");
  assert.equal(tail.text, "bcdef");
  tail.take("0123456789");
  assert.equal(tail.text, "56789");
});

test("lines are the same however they come", () => {
  const text = "one\n\ntwo\nthree";
  for (let size = 1; size <= text.length; size += 1) {
    const lines: string[] = [];
    const cutter = new LineCutter(100, (line) => lines.push(line));
    for (let at = 0; at < text.length; at += size) cutter.take(text.slice(at, at + size));
    assert.deepEqual(lines, ["one", "", "two"]);
    cutter.end();
    cutter.end();
    assert.deepEqual(lines, ["one", "", "two", "three"]);
  }
});

test("a line without an end comes in pieces", () => {
  const lines: string[] = [];
  const cutter = new LineCutter(4, (line) => lines.push(line));
  for (const char of "abcdefghi\nj\n") cutter.take(char);
  assert.deepEqual(lines, ["abcd", "efgh", "i", "j"]);
});
