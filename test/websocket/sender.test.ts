import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { Compression } from "../../src/websocket/deflate/compression.ts";
import { ZlibPool } from "../../src/websocket/deflate/zlib-pool.ts";
import { ConnectionError } from "../../src/websocket/errors.ts";
import { PreparedMessage } from "../../src/websocket/prepared-message.ts";
import { Sender } from "../../src/websocket/sender.ts";
import { WriteQueue } from "../../src/websocket/write-queue.ts";
import { Inflater, noise, prose } from "../support/payloads.ts";
import { RecordingStream } from "../support/recording-stream.ts";
import { until } from "../support/web-sockets.ts";
import { closeBody, OPCODE, takeFrames } from "../support/wire-frames.ts";

const LONG = 40_000;

/** A sender over a stream that keeps what is written. */
function makeSender(t: TestContext, { compressed = true, atOnce = true, noTakeover = false } = {}) {
  const stream = new RecordingStream();
  const queue = new WriteQueue(stream, undefined);
  const pool = new ZlibPool({ deflate: {}, inflate: {}, concurrencyLimit: 10, atOnce });
  const compression = new Compression(
    { pool, thresholdBytes: 0 },
    {
      serverNoContextTakeover: noTakeover,
      clientNoContextTakeover: false,
      serverMaxWindowBits: 15,
      clientMaxWindowBits: 15,
    },
    "server",
    0,
  );
  t.after(() => {
    compression.close();
    stream.destroy();
  });
  return { stream, queue, sender: new Sender(queue, compressed ? compression : undefined) };
}

function written(sender: Sender): Promise<Error | undefined> {
  return new Promise((resolve) => sender.afterWrite((error) => resolve(error ?? undefined)));
}

for (const atOnce of [true, false]) {
  for (const noTakeover of [true, false]) {
    const name = `${atOnce ? "short ones at once" : "all in the thread pool"}, ${noTakeover ? "without" : "with"} history`;
    test(`messages of every kind leave in the order in which they were sent: ${name}`, async (t) => {
      const { stream, sender } = makeSender(t, { atOnce, noTakeover });
      const inflater = new Inflater(!noTakeover);
      const expected: Buffer[] = [];
      for (let count = 0; count < 40; count += 1) {
        const text = `${count} ${prose(count % 5 === 0 ? LONG : 50, count)}`;
        expected.push(Buffer.from(text));
        const kind = count % 6;
        if (kind === 0) sender.sendText(text, true);
        else if (kind === 1) sender.sendMessage(Buffer.from(text), false, true, true);
        else if (kind === 2) sender.sendText(text, false);
        else if (kind === 3) sender.sendPrepared(new PreparedMessage(Buffer.from(text), true, true));
        else if (kind === 4) sender.sendPrepared(new PreparedMessage(Buffer.from(text), true, false));
        else {
          sender.sendMessage(Buffer.from(text.slice(0, 2)), true, true, false);
          sender.sendText(text.slice(2), true);
        }
      }
      let isClosed = false;
      sender.sendClose(closeBody(1000), () => {
        isClosed = true;
      });
      assert.equal(await written(sender), undefined);
      assert.equal(isClosed, true);
      assert.equal(sender.waitingBytes, 0);
      const frames = takeFrames(stream.written);
      assert.equal(frames.pop()!.opcode, OPCODE.close);
      for (let index = 0, beginning: Buffer = Buffer.alloc(0); frames.length > 0;) {
        const { rsv, fin, payload } = frames.shift()!;
        const body = rsv === 4 ? await inflater.inflate(payload) : payload;
        if (!fin) {
          beginning = body;
          continue;
        }
        assert.ok(Buffer.concat([beginning, body]).equals(expected[index]!), `${index}`);
        beginning = Buffer.alloc(0);
        index += 1;
      }
    });
  }
}

describe("while a long message is being compressed", () => {
  test("what waits is counted, to the byte", async (t) => {
    const { sender } = makeSender(t);
    assert.equal(sender.waitingBytes, 0);
    sender.sendMessage(noise(LONG), false, true, true);
    assert.equal(sender.waitingBytes, LONG);
    sender.sendText("ü", true);
    assert.equal(sender.waitingBytes, LONG + 2);
    sender.sendPrepared(new PreparedMessage(noise(10), false, false));
    assert.equal(sender.waitingBytes, LONG + 12);
    assert.equal(await written(sender), undefined);
    assert.equal(sender.waitingBytes, 0);
  });

  test("pings and pongs overtake it", async (t) => {
    const { stream, sender } = makeSender(t);
    sender.sendMessage(noise(LONG), false, true, true);
    sender.sendText("behind", false);
    sender.sendControl(OPCODE.ping, Buffer.from("first"));
    assert.equal(await written(sender), undefined);
    assert.deepEqual(
      takeFrames(stream.written).map(({ opcode }) => opcode),
      [OPCODE.ping, OPCODE.binary, OPCODE.text],
    );
  });

  test("a close waits for it, and says when it is queued", async (t) => {
    const { queue, sender } = makeSender(t);
    const order: string[] = [];
    sender.sendMessage(noise(LONG), false, true, true);
    sender.sendClose(closeBody(1000), () => order.push("close"));
    sender.afterQueued(() => order.push("after"));
    assert.equal(queue.bufferedBytes, 0);
    await written(sender);
    assert.deepEqual(order, ["close", "after"]);
  });

  test("all that waits can be dropped; who asked is told, once, and nothing comes later", async (t) => {
    const { stream, sender } = makeSender(t);
    sender.sendMessage(noise(LONG), false, true, true);
    const first = written(sender);
    sender.sendText("behind", true);
    const second = written(sender);
    sender.drop();
    assert.equal(sender.waitingBytes, 0);
    for (const outcome of [await first, await second]) {
      assert.ok(outcome instanceof ConnectionError);
      assert.equal(outcome.code, "WS_ERR_NOT_OPEN");
    }
    const other = makeSender(t);
    other.sender.sendMessage(noise(LONG * 2), false, true, true);
    await written(other.sender);
    assert.equal(stream.written.length, 0);
  });
});

describe("between the fragments of a message", () => {
  for (const compressed of [true, false]) {
    test(`no whole message comes, ${compressed ? "with" : "without"} compression: it goes behind the last one`, async (t) => {
      const { stream, sender } = makeSender(t, { compressed });
      sender.sendMessage(Buffer.from("a"), true, true, false);
      sender.sendPrepared(new PreparedMessage(Buffer.from("shared"), true, false));
      let isSharedWritten = false;
      sender.afterWrite(() => {
        isSharedWritten = true;
      });
      sender.sendFrames(new PreparedMessage(Buffer.from("frames"), true, false).plain);
      assert.ok(sender.waitingBytes >= 12);
      sender.sendControl(OPCODE.ping, Buffer.alloc(0));
      sender.sendMessage(Buffer.from("b"), true, true, false);
      // Who waits for each fragment before the next is sent must not wait for ever.
      assert.equal(await written(sender), undefined);
      assert.equal(isSharedWritten, false);
      sender.sendMessage(Buffer.from("c"), true, true, true);
      await until(() => isSharedWritten);
      assert.equal(sender.waitingBytes, 0);
      assert.deepEqual(
        takeFrames(stream.written).map(({ opcode, fin, payload }) => [opcode, fin, String(payload)]),
        [
          [OPCODE.text, false, "a"],
          [OPCODE.ping, true, ""],
          [OPCODE.continuation, false, "b"],
          [OPCODE.continuation, true, "c"],
          [OPCODE.text, true, "shared"],
          [OPCODE.text, true, "frames"],
        ],
      );
    });
  }

  test("what waits for the last one is dropped with the connection, and who asked is told", async (t) => {
    const { sender } = makeSender(t, { compressed: false });
    sender.sendMessage(Buffer.from("a"), true, true, false);
    sender.sendPrepared(new PreparedMessage(Buffer.from("shared"), true, false));
    const outcome = written(sender);
    sender.drop();
    assert.equal(((await outcome) as ConnectionError).code, "WS_ERR_NOT_OPEN");
    assert.equal(sender.waitingBytes, 0);
  });
});
