import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { FrameParser } from "../../src/protocol/frame-parser.ts";
import { chop, copyOf } from "../support/chop.ts";
import { close, ping, RecordingSink, text } from "../support/recording-sink.ts";
import { frame, OPCODE } from "../support/wire-frames.ts";

const WORDS = ["one", "two", "three", "four", "five"];
const WIRE = Buffer.concat(WORDS.map((word) => frame(OPCODE.text, word)));

function makeParser(): { parser: FrameParser; sink: RecordingSink } {
  const sink = new RecordingSink();
  return { sink, parser: new FrameParser(sink, { role: "server", maxMessageBytes: 0 }) };
}

describe("pause and resume", () => {
  test("in the middle of a chunk: nothing is reported until resumed, nothing is lost or reordered", () => {
    for (const size of [1, 4, 9, WIRE.length]) {
      const { parser, sink } = makeParser();
      sink.onEvent = () => parser.pause();
      for (const piece of chop(WIRE, size)) parser.receive(piece);
      for (let seen = 1; seen <= WORDS.length; seen += 1) {
        assert.deepEqual(
          sink.events,
          WORDS.slice(0, seen).map((word) => text(word)),
          `pieces of ${size}`,
        );
        parser.resume();
      }
      assert.equal(sink.events.length, WORDS.length);
    }
  });

  test("between the parts of a frame", () => {
    const { parser, sink } = makeParser();
    const bytes = frame(OPCODE.text, "patience");
    parser.receive(bytes.subarray(0, 9));
    parser.pause();
    parser.receive(bytes.subarray(9, 11));
    parser.receive(bytes.subarray(11));
    assert.deepEqual(sink.events, []);
    parser.resume();
    assert.deepEqual(sink.events, [text("patience")]);
  });

  test("paused and resumed by the same listener: goes on at once", () => {
    const { parser, sink } = makeParser();
    sink.onEvent = () => {
      parser.pause();
      parser.resume();
    };
    parser.receive(copyOf(WIRE.subarray(0, 20)));
    parser.receive(copyOf(WIRE.subarray(20)));
    assert.deepEqual(
      sink.events,
      WORDS.map((word) => text(word)),
    );
  });

  test("a frame without payload at the end of a chunk is not forgotten", () => {
    const { parser, sink } = makeParser();
    sink.onEvent = () => parser.pause();
    parser.receive(Buffer.concat([frame(OPCODE.text, "a"), frame(OPCODE.ping), frame(OPCODE.close)]));
    parser.resume();
    parser.resume();
    assert.deepEqual(sink.events, [text("a"), ping(), close(1005)]);
  });

  test("resume throws what it comes upon", () => {
    const { parser, sink } = makeParser();
    parser.pause();
    parser.receive(frame(OPCODE.text, "fine"));
    parser.receive(frame(7));
    parser.receive(frame(OPCODE.text, "late"));
    assert.throws(() => parser.resume(), { code: "WS_ERR_INVALID_OPCODE" });
    assert.deepEqual(sink.events, [text("fine")]);
  });

  test("resuming what is not paused does nothing", () => {
    const { parser, sink } = makeParser();
    parser.resume();
    parser.receive(copyOf(WIRE));
    assert.equal(sink.events.length, WORDS.length);
  });
});

describe("stop", () => {
  test("in the middle of a chunk, and for good", () => {
    const { parser, sink } = makeParser();
    sink.onEvent = () => parser.stop();
    parser.receive(copyOf(WIRE));
    parser.receive(copyOf(WIRE));
    parser.pause();
    parser.resume();
    parser.receive(Buffer.of(0xff));
    assert.deepEqual(sink.events, [text("one")]);
  });

  test("lets go of what a pause kept", () => {
    const { parser, sink } = makeParser();
    parser.pause();
    parser.receive(copyOf(WIRE));
    parser.stop();
    parser.resume();
    assert.deepEqual(sink.events, []);
  });
});

describe("memory", () => {
  /** A parser that notes how much was asked for. */
  function measured(maxMessageBytes: number): {
    parser: FrameParser;
    sink: RecordingSink;
    asked: number[];
  } {
    const asked: number[] = [];
    const sink = new RecordingSink();
    const allocate = (bytes: number): Uint8Array => {
      asked.push(bytes);
      return new Uint8Array(bytes);
    };
    return { asked, sink, parser: new FrameParser(sink, { role: "server", maxMessageBytes, allocate }) };
  }

  test("announcing 100 MB allocates at most 1 MiB", () => {
    const { parser, asked } = measured(0);
    parser.receive(frame(OPCODE.binary, Buffer.alloc(1000), { announced: 100_000_000n }));
    assert.ok(asked.length > 0);
    assert.ok(Math.max(...asked) <= 1 << 20, `asked for ${Math.max(...asked)}`);
  });

  test("a long message's buffer follows what has come, and is right in the end", () => {
    const { parser, sink, asked } = measured(0);
    const payload = "0123456789abcdef".repeat(5 * 65_536);
    let received = 0;
    for (const piece of chop(frame(OPCODE.text, payload), 65_536)) {
      parser.receive(piece);
      received += piece.length;
      const most = Math.max(...asked);
      assert.ok(most <= Math.max(1 << 20, 2 * received), `${most} asked for after ${received}`);
    }
    assert.deepEqual(sink.events, [text(payload)]);
    assert.equal(asked.at(-1), payload.length);
  });

  test("65,537 fragments of one byte cost about their bytes", () => {
    const { parser, sink, asked } = measured(0);
    parser.receive(frame(OPCODE.text, "x", { fin: false }));
    for (let count = 2; count < 65_537; count += 1) {
      parser.receive(frame(OPCODE.continuation, "x", { fin: false }));
    }
    parser.receive(frame(OPCODE.continuation, "x"));
    assert.deepEqual(sink.events, [text("x".repeat(65_537))]);
    const total = asked.reduce((sum, bytes) => sum + bytes, 0);
    assert.ok(total <= 4 * 65_537, `${total} bytes were asked for`);
  });

  test("never more than the limit is allocated", () => {
    const { parser, asked } = measured(5000);
    parser.receive(frame(OPCODE.binary, Buffer.alloc(3000), { fin: false }));
    parser.receive(frame(OPCODE.continuation, Buffer.alloc(1999), { fin: false }));
    parser.receive(frame(OPCODE.continuation, Buffer.alloc(1)));
    assert.ok(Math.max(...asked) <= 5000, `asked for ${asked.join(", ")}`);
  });

  test("a whole message in one chunk is not copied", () => {
    const { parser, asked } = measured(0);
    parser.receive(frame(OPCODE.binary, Buffer.alloc(100_000)));
    parser.receive(frame(OPCODE.text, "x".repeat(100)));
    assert.deepEqual(asked, []);
  });

  test("even an empty message lies in memory of the owner's kind", () => {
    const sink = new RecordingSink();
    const kinds: boolean[] = [];
    sink.receiveMessage = (bytes) => void kinds.push(Buffer.isBuffer(bytes));
    const allocate = (bytes: number): Buffer => Buffer.alloc(bytes);
    const parser = new FrameParser(sink, { role: "server", maxMessageBytes: 0, allocate });
    for (const piece of chop(frame(OPCODE.text, ""), 1)) parser.receive(Buffer.from(piece));
    parser.receive(frame(OPCODE.binary, "", { fin: false }));
    parser.receive(frame(OPCODE.continuation, ""));
    assert.deepEqual(kinds, [true, true]);
  });
});
