import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { settle } from "../../support/fake-client.ts";
import { fakeReliable, openReliable } from "../../support/reliable-client.ts";

describe("what is sent without a connection", () => {
  test("waits, as it was, and leaves in order, once", () => {
    const { platform, clock, socket } = fakeReliable();
    const bytes = Buffer.from([1, 2]);
    socket.send("a");
    socket.send(bytes);
    bytes[0] = 9;
    socket.send("ü");
    assert.equal(socket.bufferedAmount, 5);
    platform.webSocket.accept();
    assert.deepEqual(platform.webSocket.take(), ["a", Uint8Array.of(1, 2), "ü"]);
    assert.equal(socket.bufferedAmount, 0);
    platform.webSocket.bufferedAmount = 7;
    assert.equal(socket.bufferedAmount, 7);
    platform.webSocket.lose();
    clock.advance(1000);
    platform.webSocket.accept();
    assert.deepEqual(platform.webSocket.take(), []);
  });

  test("also waits when the server has begun to close", () => {
    const { platform, clock, socket } = openReliable();
    platform.webSocket.isOpen = false;
    socket.send("a");
    assert.deepEqual(platform.webSocket.take(), []);
    platform.webSocket.lose();
    clock.advance(1000);
    platform.webSocket.accept();
    assert.deepEqual(platform.webSocket.take(), ["a"]);
  });

  test("goes after what the listeners of open send", () => {
    const { platform, clock, socket } = fakeReliable();
    socket.onopen = () => socket.send("who I am");
    socket.send("a");
    platform.webSocket.accept();
    socket.send("b");
    assert.deepEqual(platform.webSocket.take(), ["who I am", "a", "b"]);
    platform.webSocket.lose();
    socket.send("c");
    clock.advance(1000);
    platform.webSocket.accept();
    assert.deepEqual(platform.webSocket.take(), ["who I am", "c"]);
  });
});

describe("a Blob", () => {
  test("is read first, and what is sent after it waits for it", async () => {
    const { platform, socket } = openReliable();
    socket.send("a");
    socket.send(new Blob(["blob"]));
    socket.send("b");
    assert.equal(socket.bufferedAmount, 5);
    assert.deepEqual(platform.webSocket.take(), ["a"]);
    await settle();
    assert.deepEqual(platform.webSocket.take(), [new TextEncoder().encode("blob"), "b"]);
    socket.send("c");
    assert.deepEqual(platform.webSocket.take(), ["c"]);
  });

  test("that can't be read is told, and holds nothing up", async () => {
    const { platform, socket, events } = openReliable();
    const blob = new Blob(["x"]);
    blob.arrayBuffer = () => Promise.reject(new Error("the file is gone"));
    socket.send(blob);
    socket.send("b");
    await settle();
    assert.deepEqual([platform.webSocket.take(), events], [["b"], ["error RWS_ERR_UNREADABLE_BLOB"]]);
  });
});
