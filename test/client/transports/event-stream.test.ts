import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { EventStreamParser } from "../../../src/client/transports/event-stream.ts";
import { SeededRandom } from "../../../src/testing/seeded-random.ts";

function parse(chunks: readonly string[]): string[] {
  const events: string[] = [];
  const parser = new EventStreamParser((data) => events.push(data));
  for (const chunk of chunks) parser.add(chunk);
  return events;
}

const CASES: readonly (readonly [string, string, readonly string[]])[] = [
  ["one event", "data: 4hello\n\n", ["4hello"]],
  ["a number that is not looked at", "id: 7\ndata:x\n\n", ["x"]],
  ["comments", ":\n\n: x\ndata: 1\n:\n\n", ["1"]],
  ["no space after the colon, or two", "data:1\n\ndata:  2\n\n", ["1", " 2"]],
  ["several lines", "data: a\ndata:\ndata: b\n\n", ["a\n\nb"]],
  ["a line without a colon", "data\n\n", [""]],
  ["colons in the data", "data: a:b: c\n\n", ["a:b: c"]],
  ["CRLF, CR and LF", "data: 1\r\n\r\ndata: 2\r\rdata: 3\n\n\n", ["1", "2", "3"]],
  ["fields that mean nothing here", "event: x\nretry: 5\nfoo: bar\ndata: 1\n\n", ["1"]],
  ["an event without data", "id: 3\n\nevent: x\n\n", []],
  ["an event that has not ended", "data: 1\n\ndata: 2\n", ["1"]],
  ["other line breaks of Unicode", "data: a\u2028b\u0085c\n\n", ["a\u2028b\u0085c"]],
];

describe("an event stream", () => {
  for (const [name, text, events] of CASES) {
    test(`${name}, whole, letter by letter, and cut anywhere`, () => {
      assert.deepEqual(parse([text]), events);
      assert.deepEqual(parse(text.split("")), events);
      for (let at = 0; at <= text.length; at++) {
        assert.deepEqual(parse([text.slice(0, at), text.slice(at)]), events, `cut at ${at}`);
      }
    });
  }

  test("is the same however it is cut", () => {
    const random = new SeededRandom(7);
    const pieces = ["data:", "data: ", "id: 1", ":", "\n", "\r", "\r\n", "x", "é", "\n\n"];
    for (let round = 0; round < 2000; round++) {
      const text = Array.from({ length: random.integer(1, 20) }, () => random.pick(pieces)).join("");
      const cut = random.integer(0, text.length);
      // What ends with a CR waits for what may be the rest of a CRLF.
      assert.deepEqual(
        parse([`${text}\n`]),
        parse([text.slice(0, cut), `${text.slice(cut)}\n`]),
        JSON.stringify(text),
      );
    }
  });

  for (const [name, piece] of [
    ["a line that never ends", "data: xxxxxxxxxx"],
    ["lines of data that never end", "data: x\n"],
    ["empty lines of data that never end", "data\n"],
  ] as const) {
    test(`is a breach with ${name}`, () => {
      const parser = new EventStreamParser(() => {}, 100);
      parser.add(`data: ${"x".repeat(90)}\n\n`);
      parser.add(`data: ${"x".repeat(90)}\n\n`);
      assert.throws(
        () => {
          for (let count = 0; count < 101; count++) parser.add(piece);
        },
        { name: "PacketError", message: "An event is longer than 100 characters." },
      );
    });
  }
});
