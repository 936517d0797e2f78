import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { binaryMessage, bytesOf, controlPayload } from "../../src/websocket/data.ts";
import { dialWs, Inbox, serve } from "../support/web-sockets.ts";

describe("what may be sent becomes its bytes", () => {
  const memory = new ArrayBuffer(8);
  new Uint8Array(memory).set([1, 2, 3, 4, 5, 6, 7, 8]);
  const shared = new SharedArrayBuffer(2);
  new Uint8Array(shared).set([9, 10]);
  const CASES: [string, Parameters<typeof bytesOf>[0], number[]][] = [
    ["text", "aü", [0x61, 0xc3, 0xbc]],
    ["empty text", "", []],
    ["a lone surrogate, as U+FFFD", "\ud800", [0xef, 0xbf, 0xbd]],
    ["a number", -1.5, [0x2d, 0x31, 0x2e, 0x35]],
    ["a Buffer", Buffer.of(1, 2), [1, 2]],
    ["a part of memory", new Uint8Array(memory, 2, 3), [3, 4, 5]],
    ["a DataView", new DataView(memory, 1, 2), [2, 3]],
    ["wider elements", new Uint16Array(memory, 4, 2), [5, 6, 7, 8]],
    ["memory", memory, [1, 2, 3, 4, 5, 6, 7, 8]],
    ["shared memory", shared, [9, 10]],
    ["nothing, as in ws", undefined, []],
    ["null, as in ws", null, []],
  ];
  for (const [name, data, bytes] of CASES) {
    test(name, () => assert.deepEqual([...bytesOf(data)], bytes));
  }

  test("without a copy where it is bytes already", () => {
    const bytes = Buffer.of(1, 2, 3);
    assert.equal(bytesOf(bytes), bytes);
    assert.equal(bytesOf(new DataView(memory)).buffer, memory);
  });

  test("and anything else is refused at once", () => {
    for (const data of [true, {}, Symbol("x"), () => {}, new Date(), new Blob(["x"])]) {
      assert.throws(() => bytesOf(data as never), TypeError);
    }
  });
});

describe("a ping's payload", () => {
  test("is at most 125 bytes", () => {
    assert.equal(controlPayload("x".repeat(125)).length, 125);
    assert.equal(controlPayload(undefined).length, 0);
    assert.throws(() => controlPayload("x".repeat(126)), RangeError);
    assert.throws(() => controlPayload("ü".repeat(63)), RangeError);
    assert.throws(() => controlPayload({} as never), TypeError);
  });
});

describe("a binary message is handed over as is wanted", () => {
  const message = Buffer.from([0, 1, 2, 3]).subarray(1, 3);
  test("nodebuffer", () => assert.equal(binaryMessage(message, "nodebuffer"), message));
  test("arraybuffer", () => {
    const buffer = binaryMessage(message, "arraybuffer");
    assert.ok(buffer instanceof ArrayBuffer);
    assert.deepEqual([...new Uint8Array(buffer)], [1, 2]);
  });
  test("fragments", () => assert.deepEqual(binaryMessage(message, "fragments"), [message]));
  test("blob", async () => {
    const blob = binaryMessage(message, "blob");
    assert.ok(blob instanceof Blob);
    assert.deepEqual([...new Uint8Array(await blob.arrayBuffer())], [1, 2]);
  });
});

test("everything that may be sent arrives as text or binary, as in ws", async (t) => {
  const { wss, url } = await serve(t);
  wss.on("connection", (socket) => {
    socket.send("text");
    socket.send(42);
    socket.send(Buffer.from("bytes"));
    socket.send("binary text", { binary: true });
    socket.send(Buffer.from("bytes as text"), { binary: false });
    socket.send(new Uint8Array([0x78]).buffer);
    socket.send(undefined as never);
    socket.send("");
    socket.ping(null as never);
    socket.send("x".repeat(1000), {}, () => socket.send("end"));
  });
  const inbox = new Inbox(dialWs(t, url));
  const expected = [
    "text",
    "42",
    Buffer.from("bytes"),
    Buffer.from("binary text"),
    "bytes as text",
    Buffer.from("x"),
    Buffer.alloc(0),
    "",
    "x".repeat(1000),
    "end",
  ];
  assert.deepEqual(await inbox.until(expected.length), expected);
});
