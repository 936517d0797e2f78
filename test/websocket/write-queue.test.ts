import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { SharedFrames } from "../../src/websocket/shared-frames.ts";
import { WriteQueue } from "../../src/websocket/write-queue.ts";
import { endOfTurn, RecordingStream } from "../support/recording-stream.ts";
import { SeededRandom } from "../../src/testing/seeded-random.ts";
import { frame, OPCODE, takeFrames } from "../support/wire-frames.ts";

const TEXT = 0x80 | OPCODE.text;
const BINARY = 0x80 | OPCODE.binary;

function makeQueue(mask?: () => number): { stream: RecordingStream; queue: WriteQueue } {
  const stream = new RecordingStream();
  return { stream, queue: new WriteQueue(stream, mask) };
}

describe("frames queued in one turn", () => {
  test("leave in one write at the end of it, in order", async () => {
    const { stream, queue } = makeQueue();
    for (let count = 0; count < 100; count += 1) queue.pushText(TEXT, `message ${count}`);
    queue.pushBytes(BINARY, Buffer.of(1, 2, 3));
    queue.pushShared(new SharedFrames(frame(OPCODE.text, "prepared", { mask: false })));
    queue.pushText(TEXT, "last");
    assert.equal(stream.writes.length, 0);
    await Promise.resolve();
    assert.equal(stream.writes.length, 1);
    const payloads = takeFrames(stream.written).map((received) => received.payload.toString());
    assert.equal(payloads.length, 103);
    assert.equal(payloads[99], "message 99");
    assert.deepEqual(payloads.slice(100), ["\u0001\u0002\u0003", "prepared", "last"]);
  });

  test("of several queues in turns: each gets its own, in one write", async () => {
    const queues = Array.from({ length: 5 }, () => makeQueue());
    for (let count = 0; count < 20; count += 1) {
      for (const [index, { queue }] of queues.entries()) queue.pushText(TEXT, `${index}:${count}`);
    }
    await endOfTurn();
    for (const [index, { stream }] of queues.entries()) {
      assert.equal(stream.writes.length, 1);
      assert.deepEqual(
        takeFrames(stream.written).map((received) => received.payload.toString()),
        Array.from({ length: 20 }, (_, count) => `${index}:${count}`),
      );
    }
  });

  test("that are long leave in one write, too", async () => {
    const { stream, queue } = makeQueue();
    const long = Buffer.alloc(100_000, 7);
    queue.pushText(TEXT, "before");
    queue.pushBytes(BINARY, long);
    queue.pushText(TEXT, "after");
    await endOfTurn();
    assert.equal(stream.writes.length, 1);
    const frames = takeFrames(stream.written);
    assert.deepEqual(
      frames.map((received) => received.payload.length),
      [6, 100_000, 5],
    );
    assert.ok(frames[1]!.payload.equals(long));
  });

  test("the next turn makes the next write", async () => {
    const { stream, queue } = makeQueue();
    queue.pushText(TEXT, "a");
    await endOfTurn();
    queue.pushText(TEXT, "b");
    await endOfTurn();
    assert.equal(stream.writes.length, 2);
  });
});

describe("hold and release", () => {
  test("keep everything back until the read is handled, microtasks included", async () => {
    const { stream, queue } = makeQueue();
    queue.hold();
    queue.pushText(TEXT, "a");
    await endOfTurn();
    queue.pushText(TEXT, "b");
    assert.equal(stream.writes.length, 0);
    queue.release();
    assert.equal(stream.writes.length, 1);
    assert.equal(takeFrames(stream.written).length, 2);
    await endOfTurn();
    assert.equal(stream.writes.length, 1);
  });

  test("flush does not wait", () => {
    const { stream, queue } = makeQueue();
    queue.hold();
    queue.pushText(TEXT, "now");
    queue.flush();
    assert.equal(stream.writes.length, 1);
    queue.release();
    queue.flush();
    assert.equal(stream.writes.length, 1);
  });
});

describe("what is written", () => {
  test("texts of every kind and length, masked and not, arrive as they were", async () => {
    const random = new SeededRandom(8);
    for (const masked of [false, true]) {
      const { stream, queue } = makeQueue(masked ? () => random.integer(0, 0xffffffff) | 0 : undefined);
      const texts = ["", "a", "é", "漢", "🙂", "\ud800 alone", "\u0000"];
      for (const character of ["a", "é", "漢", "🙂"]) {
        // Around the short loop's end, both changes of the length's form, and the end of copying.
        for (const length of [
          20, 41, 42, 47, 48, 49, 62, 63, 124, 125, 126, 127, 5461, 5462, 21_845, 65_536,
        ]) {
          texts.push(character.repeat(length), `x${character.repeat(length)}`);
        }
      }
      for (const text of texts) {
        queue.pushText(TEXT, text);
        if (random.fraction() < 0.3) await endOfTurn();
      }
      await endOfTurn();
      const frames = takeFrames(stream.written);
      assert.equal(frames.length, texts.length);
      for (const [index, received] of frames.entries()) {
        assert.equal(received.masked, masked);
        assert.ok(received.payload.equals(Buffer.from(texts[index]!)), `text ${index}`);
      }
    }
  });

  test("bytes of every length; those of the caller are not changed by masking", async () => {
    for (const masked of [false, true]) {
      const { stream, queue } = makeQueue(masked ? () => 0x12345678 : undefined);
      const random = new SeededRandom(9);
      const lengths = [0, 1, 125, 126, 65_535, 65_536, 16_383, 16_384, 16_385, 200_000];
      const payloads = lengths.map((length) => random.bytes(length));
      const copies = payloads.map((payload) => Buffer.from(payload));
      for (const payload of payloads) queue.pushBytes(BINARY, payload);
      await endOfTurn();
      const frames = takeFrames(stream.written);
      for (const [index, received] of frames.entries()) {
        assert.equal(received.opcode, OPCODE.binary);
        assert.ok(received.payload.equals(copies[index]!));
        assert.ok(copies[index]!.equals(payloads[index]!));
        if (masked) assert.equal(received.key.toString("hex"), "12345678");
      }
      assert.equal(frames.length, lengths.length);
    }
  });

  test("a short payload may be changed after it was queued", async () => {
    const { stream, queue } = makeQueue();
    const payload = Buffer.from("before");
    queue.pushBytes(BINARY, payload);
    payload.fill(0);
    await endOfTurn();
    assert.equal(takeFrames(stream.written)[0]!.payload.toString(), "before");
  });

  test("what was handed to the stream does not change when more is queued", async () => {
    const { stream, queue } = makeQueue();
    const expected: string[] = [];
    for (let turn = 0; turn < 40; turn += 1) {
      const text = String(turn).repeat(3000);
      expected.push(text);
      queue.pushText(TEXT, text);
      makeQueue().queue.pushText(TEXT, "x".repeat(5000));
      queue.flush();
    }
    // The stream's writes are kept as they were handed over, not copied.
    assert.deepEqual(
      stream.writes.map((bytes) => takeFrames(bytes)[0]!.payload.toString()),
      expected,
    );
  });
});

describe("buffered bytes", () => {
  test("count what is queued and what the stream has not got rid of", async () => {
    const { stream, queue } = makeQueue();
    assert.equal(queue.bufferedBytes, 0);
    queue.pushText(TEXT, "12345");
    assert.equal(queue.bufferedBytes, 7);
    stream.accepting = false;
    await endOfTurn();
    assert.equal(queue.bufferedBytes, 7);
    queue.pushBytes(BINARY, Buffer.alloc(20_000));
    assert.equal(queue.bufferedBytes, 7 + 20_004);
    queue.pushShared(new SharedFrames(Buffer.alloc(10)));
    assert.equal(queue.bufferedBytes, 7 + 20_004 + 10);
  });

  test("are none when all was taken", async () => {
    const { queue } = makeQueue();
    queue.pushText(TEXT, "12345");
    await endOfTurn();
    assert.equal(queue.bufferedBytes, 0);
  });
});

describe("a closed queue", () => {
  test("drops what it has and takes nothing", async () => {
    const { stream, queue } = makeQueue();
    queue.pushText(TEXT, "queued");
    queue.close();
    queue.pushText(TEXT, "late");
    queue.pushBytes(BINARY, Buffer.alloc(20_000));
    queue.pushShared(new SharedFrames(Buffer.alloc(3)));
    queue.flush();
    await endOfTurn();
    assert.equal(stream.writes.length, 0);
    assert.equal(queue.bufferedBytes, 0);
  });
});

describe("the answer to the opening handshake", () => {
  const answer = "HTTP/1.1 101 Switching Protocols\r\n\r\n";
  const hello = frame(OPCODE.text, "hello", { mask: false });

  test("leaves in one write with what is sent in its turn, and counts for nothing", async () => {
    for (const push of [
      (queue: WriteQueue) => queue.pushText(TEXT, "hello"),
      (queue: WriteQueue) => queue.pushShared(new SharedFrames(hello)),
    ]) {
      const { stream, queue } = makeQueue();
      queue.pushAnswer(answer);
      assert.equal(queue.bufferedBytes, 0);
      push(queue);
      assert.equal(queue.bufferedBytes, hello.length);
      await Promise.resolve();
      assert.equal(stream.writes.length, 1);
      assert.equal(stream.written.toString("latin1"), answer + hello.toString("latin1"));
    }
  });

  test("leaves alone in its turn if nothing is sent, however long it is", async () => {
    for (const length of [1, 16_384, 16_385, 200_000]) {
      const { stream, queue } = makeQueue();
      const long = "\u00ff".repeat(length);
      queue.pushAnswer(long);
      await Promise.resolve();
      assert.equal(stream.written.equals(Buffer.from(long, "latin1")), true);
    }
  });

  test("leaves even if the queue is closed in its turn", () => {
    const { stream, queue } = makeQueue();
    queue.pushAnswer(answer);
    queue.close();
    assert.equal(stream.written.toString("latin1"), answer);
  });
});
