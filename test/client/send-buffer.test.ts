import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { SendBuffer } from "../../src/client/send-buffer.ts";
import { fakeClient, joinedClient, recordEvents } from "../support/fake-client.ts";

const event = (id: number | undefined, text: string, ...attachments: Uint8Array[]) => ({
  id,
  packet: { text, attachments },
});

test("keeps order, and counts what is in it", () => {
  const buffer = new SendBuffer();
  buffer.push(event(undefined, "four"));
  buffer.push(event(7, "x", new Uint8Array(10)));
  buffer.push(event(8, "yz"));
  assert.deepEqual([buffer.length, buffer.bytes], [3, 4 + 11 + 2 + 3 * 64]);
  assert.deepEqual([...buffer.ids], [undefined, 7, 8]);
  buffer.remove(7);
  buffer.remove(7);
  assert.deepEqual([buffer.length, buffer.bytes], [2, 4 + 2 + 2 * 64]);
  assert.equal(buffer.take(1)[0]?.packet.text, "four");
  assert.equal(buffer.at(0)?.id, 8);
  assert.equal(buffer.take(1)[0]?.id, 8);
  assert.deepEqual([buffer.take(1)[0], buffer.length, buffer.bytes], [undefined, 0, 0]);
});

describe("what waits for a connection has a limit", () => {
  test("by number: the next is refused, what waits is sent", async () => {
    for (const retries of [0, 1]) {
      const { platform, socket } = fakeClient({ maxBufferedEvents: 3, retries });
      const got: unknown[] = [];
      for (let number = 1; number <= 3; number++) socket.emit("kept", number);
      assert.equal(socket.bufferedEvents, 3);
      const refused = socket.emitWithAck("refused");
      socket.timeout(100).emit("refused", (error: unknown) => got.push(error));
      assert.deepEqual(got, []);
      await assert.rejects(refused, { name: "AckError", code: "buffer_full" });
      assert.deepEqual(
        got.map((error) => (error as { code: string }).code),
        ["buffer_full"],
      );
      assert.equal(socket.bufferedEvents, 3);
      platform.webSocket.open();
      platform.webSocket.take();
      platform.webSocket.say('40{"sid":"1"}');
      for (const id of [0, 1, 2]) if (retries > 0) platform.webSocket.say(`43${id}[]`);
      assert.equal(platform.webSocket.take().length, 3);
      assert.equal(socket.bufferedEvents, 0);
    }
  });

  test("by bytes, at the boundary", () => {
    const { socket } = fakeClient({ maxBufferedBytes: 300, logger: undefined! });
    const errors = recordEvents(socket.io, "emit_error");
    // 2["x","…"]: nine more than the text, and 64 for the event.
    socket.emit("x", "a".repeat(27));
    socket.emit("x", "a".repeat(27));
    assert.equal(socket.bufferedBytes, 200);
    socket.emit("x", "a".repeat(28));
    assert.equal(errors.length, 1);
    socket.emit("x", "a".repeat(27));
    assert.equal(errors.length, 1);
    assert.equal(socket.bufferedBytes, 300);
  });

  test("of 10,000 events unless told otherwise, and none for 0", () => {
    for (const [options, kept] of [
      [{}, 10_000],
      [{ maxBufferedEvents: 0, maxBufferedBytes: 0 }, 10_001],
    ] as const) {
      const { socket } = fakeClient(options);
      for (let count = 0; count <= 10_000; count++) socket.emit("x");
      assert.equal(socket.bufferedEvents, kept);
    }
  });

  test("refusing is told by the manager where the caller can't be, else logged once for each outage", () => {
    const { platform, clock, socket, log } = joinedClient({ maxBufferedEvents: 1 });
    for (let outage = 0; outage < 2; outage++) {
      platform.webSocket.lose();
      for (let count = 0; count < 5; count++) socket.emit("x", () => {});
      assert.equal(log.take().length, 1);
      clock.advance(2000);
      platform.webSocket.join();
    }
    platform.webSocket.lose();
    const errors = recordEvents(socket.io, "emit_error");
    socket.emit("kept");
    socket.emit("refused");
    assert.deepEqual(
      errors.map(([, error, namespace]) => [(error as { code: string }).code, namespace]),
      [["buffer_full", "/"]],
    );
    assert.deepEqual(log.take(), []);
  });

  test("what ran into its limit of time makes room", () => {
    const { clock, socket } = fakeClient({ maxBufferedEvents: 1 });
    const errors = recordEvents(socket.io, "emit_error");
    socket.timeout(100).emit("late", () => {});
    clock.advance(100);
    socket.emit("next");
    assert.deepEqual([errors, socket.bufferedEvents], [[], 1]);
  });
});
