import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { settle } from "../../support/fake-client.ts";
import { fakeReliable, openReliable } from "../../support/reliable-client.ts";

const CLEAN = { reason: "", wasClean: true };

describe("the face of a page's WebSocket", () => {
  test("what it was asked for, and what the server made of it", () => {
    const { platform, socket } = fakeReliable({ extraHeaders: { a: "b" } }, "https://x.example/y", [
      "one",
      "two",
    ]);
    const { webSocket } = platform;
    assert.deepEqual([socket.url, socket.protocol, socket.extensions], ["wss://x.example/y", "", ""]);
    assert.deepEqual([webSocket.url, webSocket.headers], ["wss://x.example/y", { a: "b" }]);
    assert.deepEqual(webSocket.wishes.protocols, ["one", "two"]);
    assert.deepEqual([socket.CONNECTING, socket.OPEN, socket.CLOSING, socket.CLOSED], [0, 1, 2, 3]);
    webSocket.protocol = "two";
    webSocket.extensions = "permessage-deflate";
    webSocket.accept();
    assert.deepEqual(
      [socket.readyState, socket.protocol, socket.extensions],
      [1, "two", "permessage-deflate"],
    );
    webSocket.lose();
    assert.deepEqual([socket.readyState, socket.protocol, socket.extensions], [0, "", ""]);
  });

  test("sends all that a page can send", async () => {
    const { platform, socket } = openReliable();
    const bytes = Uint8Array.of(1, 2, 3, 4);
    socket.send("text");
    socket.send(bytes);
    socket.send(bytes.buffer);
    socket.send(new DataView(bytes.buffer, 1, 2));
    socket.send(5 as unknown as string);
    assert.deepEqual(platform.webSocket.take(), ["text", bytes, bytes, Uint8Array.of(2, 3), "5"]);
  });

  test("hands over binary messages as binaryType says, with bytes of their own", async () => {
    const { platform, socket } = openReliable();
    const got: unknown[] = [];
    socket.onmessage = ({ data, origin }) => void got.push(data, origin);
    assert.equal(socket.binaryType, "blob");
    const shared = Uint8Array.of(9, 1, 2, 9);
    platform.webSocket.say(shared.subarray(1, 3));
    socket.binaryType = "nodebuffer" as "blob";
    assert.equal(socket.binaryType, "blob");
    socket.binaryType = "arraybuffer";
    platform.webSocket.say(shared.subarray(1, 3));
    const [blob, origin, buffer] = got;
    assert.ok(blob instanceof Blob && buffer instanceof ArrayBuffer);
    assert.deepEqual(new Uint8Array(await blob.arrayBuffer()), Uint8Array.of(1, 2));
    assert.deepEqual(new Uint8Array(buffer), Uint8Array.of(1, 2));
    assert.equal(origin, "ws://localhost:3000");
  });

  test("throws what a page throws", () => {
    const { socket } = openReliable();
    for (const code of [0, 999, 1001, 1006, 2999, 5000, Number.NaN]) {
      assert.throws(() => socket.close(code), { name: "InvalidAccessError" }, String(code));
    }
    assert.throws(() => socket.close(1000, "ü".repeat(62)), { name: "SyntaxError" });
    assert.equal(socket.readyState, 1);
    socket.close(4999, "x".repeat(123));
    for (const url of ["", "ftp://x", "ws://x/#", "ws://[", "/path"]) {
      assert.throws(() => fakeReliable({}, url), { name: "SyntaxError" }, url);
    }
    for (const protocols of ["", "a b", ["a", "a"]]) {
      assert.throws(() => fakeReliable({}, "ws://x", protocols), { name: "SyntaxError" });
    }
  });
});

describe("the end by our will", () => {
  test("is a close handshake, and one event", () => {
    const { platform, clock, socket, events } = openReliable({ heartbeat: { message: "?" } });
    socket.close(3001, "enough");
    assert.deepEqual(platform.webSocket.closedWith, [3001, "enough"]);
    assert.equal(socket.readyState, 2);
    platform.webSocket.say("late");
    socket.close(3002);
    assert.deepEqual(events, []);
    platform.webSocket.lose(undefined, { code: 3001, reason: "enough", wasClean: true });
    assert.deepEqual([events, socket.readyState], [["close 3001 enough"], 3]);
    assert.deepEqual([clock.pending, platform.watching], [0, 0]);
    socket.reconnect();
    assert.equal(platform.webSockets.length, 1);
  });

  test("comes later where there is nobody to shake hands with", async () => {
    for (const isWaiting of [false, true]) {
      const { platform, clock, socket, events } = fakeReliable();
      if (isWaiting) platform.webSocket.lose(new Error("x"));
      events.splice(0);
      socket.close(1000);
      assert.deepEqual([socket.readyState, events], [2, []]);
      await settle();
      assert.deepEqual([socket.readyState, events], [3, ["close 1006"]]);
      assert.deepEqual([clock.pending, platform.watching, platform.webSocket.isClosed], [0, 0, true]);
    }
  });

  test("drops what waits, and what is sent afterwards, and counts it", async () => {
    const { platform, socket } = fakeReliable();
    socket.send("äö");
    assert.equal(socket.bufferedAmount, 4);
    socket.close();
    socket.send(new Uint8Array(3));
    await settle();
    assert.equal(socket.bufferedAmount, 7);
    assert.deepEqual(platform.webSocket.take(), []);
  });

  test("in a listener stops what would follow", async () => {
    for (const type of ["error", "reconnecting"] as const) {
      const { platform, clock, socket, events } = openReliable();
      socket.addEventListener(type, () => socket.close());
      platform.webSocket.lose(new Error("x"));
      await settle();
      const expected =
        type === "error" ? ["error x", "close 1006"] : ["error x", "reconnecting 1 1006", "close 1006"];
      assert.deepEqual([events, clock.pending, platform.webSockets.length], [expected, 0, 1]);
    }
    const { platform, socket } = fakeReliable();
    socket.send("waits");
    socket.onopen = () => socket.close();
    platform.webSocket.accept();
    assert.deepEqual(platform.webSocket.take(), []);
  });
});

describe("coming back", () => {
  test("with delays that grow at random up to a bound, and begin anew after a stable connection", () => {
    const { platform, clock, socket } = fakeReliable({ reconnectionDelay: 100, reconnectionDelayMax: 400 });
    const delays: [number, number][] = [];
    socket.onreconnecting = ({ attempt, delayMs }) => void delays.push([attempt, delayMs]);
    for (let attempt = 1; attempt <= 50; attempt++) {
      platform.webSocket.lose(new Error("no"));
      const [number, delayMs] = delays.at(-1)!;
      assert.equal(number, attempt);
      assert.ok(delayMs < Math.min(400, 100 * 2 ** (attempt - 1)), String(delayMs));
      clock.advance(delayMs - 1);
      assert.equal(platform.webSockets.length, attempt);
      clock.advance(1);
      assert.equal(platform.webSockets.length, attempt + 1);
    }
    assert.ok(delays.some(([, delayMs]) => delayMs > 300));
    platform.webSocket.accept();
    clock.advance(4999);
    platform.webSocket.lose();
    assert.equal(delays.at(-1)![0], 51);
    clock.advance(400);
    platform.webSocket.accept();
    clock.advance(5000);
    platform.webSocket.lose();
    assert.equal(delays.at(-1)![0], 1);
  });

  test("open comes each time, and says whether it is the first", () => {
    const { platform, clock, events } = fakeReliable();
    platform.webSocket.accept();
    platform.webSocket.lose(new Error("cut"));
    clock.advance(1000);
    platform.webSocket.accept();
    assert.deepEqual(events, ["open first", "error cut", "reconnecting 1 1006", "open again"]);
  });

  test("ends after so many attempts in a row", () => {
    const { platform, clock, events } = fakeReliable({ reconnectionAttempts: 2 });
    for (let attempt = 0; attempt < 3; attempt++) {
      platform.webSocket.lose();
      clock.advance(5000);
    }
    assert.deepEqual(events, ["reconnecting 1 1006", "reconnecting 2 1006", "close 1006"]);
    assert.deepEqual([clock.pending, platform.watching, platform.webSockets.length], [0, 0, 3]);
  });

  test("not at all if it is not wanted", () => {
    const { platform, events } = openReliable({ reconnection: false });
    platform.webSocket.lose(undefined, { ...CLEAN, code: 1001 });
    assert.deepEqual(events, ["close 1001"]);
  });

  test("unless the server says that all is done, or that it does not want us", () => {
    for (const code of [
      1000, 1001, 1002, 1003, 1005, 1006, 1007, 1008, 1009, 1011, 1012, 1013, 3000, 4000, 4999,
    ]) {
      const { platform, socket, events } = openReliable();
      platform.webSocket.lose(undefined, { ...CLEAN, code });
      const isOver = code === 1000 || code === 1008;
      assert.deepEqual(events, [isOver ? `close ${code}` : `reconnecting 1 ${code}`]);
      assert.equal(socket.readyState, isOver ? 3 : 0);
    }
  });

  test("or as the application decides", () => {
    const seen: unknown[] = [];
    const made = openReliable({
      shouldReconnect: ({ code, reason, wasClean, error }) => {
        seen.push([code, reason, wasClean, error?.message]);
        return code !== 4001;
      },
    });
    made.platform.webSocket.lose(undefined, { ...CLEAN, code: 1000 });
    made.clock.advance(1000);
    made.platform.webSocket.lose(new Error("no"));
    made.clock.advance(2000);
    made.platform.webSocket.lose(undefined, { code: 4001, reason: "banned", wasClean: true });
    assert.deepEqual(seen, [
      [1000, "", true, undefined],
      [1006, "", false, "no"],
      [4001, "banned", true, undefined],
    ]);
    assert.equal(made.events.at(-1), "close 4001 banned");
  });

  test("also if the application can't decide, and that is told", () => {
    const { platform, events } = openReliable({
      shouldReconnect: () => {
        throw new Error("oh");
      },
    });
    platform.webSocket.lose();
    assert.deepEqual(events, ["error RWS_ERR_CALLBACK", "reconnecting 1 1006"]);
  });

  test("by hand: at once, whatever there is", () => {
    const { platform, clock, socket, events } = openReliable({ heartbeat: { message: "?", interval: 10 } });
    socket.reconnect();
    assert.deepEqual(
      [platform.webSockets.length, platform.webSockets[0]!.isClosed, socket.readyState],
      [2, true, 0],
    );
    socket.send("waits");
    platform.webSockets[0]!.lose(new Error("late"));
    platform.webSocket.accept();
    assert.deepEqual([events, platform.webSocket.take()], [["open again"], ["waits"]]);
    platform.webSocket.lose();
    socket.reconnect();
    assert.equal(platform.webSockets.length, 3);
    socket.close();
    clock.advance(100_000);
    assert.equal(platform.webSockets.length, 3);
  });
});

describe("the world", () => {
  const SLOW = { reconnectionDelay: 60_000, reconnectionDelayMax: 60_000 };

  test("offline ends the connection at once, online makes one at once", () => {
    const { platform, events } = openReliable(SLOW);
    platform.tell("offline");
    assert.deepEqual(events, ["error RWS_ERR_OFFLINE", "reconnecting 1 1006"]);
    assert.equal(platform.webSocket.isClosed, true);
    platform.tell("visibilitychange");
    assert.equal(platform.webSockets.length, 1);
    platform.tell("online");
    assert.equal(platform.webSockets.length, 2);
    platform.tell("online");
    assert.equal(platform.webSockets.length, 2);
  });

  test("a page that is left closes it, and has another one when it is shown again", () => {
    const { platform, events } = openReliable(SLOW);
    platform.tell("pagehide");
    assert.deepEqual([events[0], platform.webSocket.isClosed], ["error RWS_ERR_PAGE_HIDDEN", true]);
    platform.tell("pageshow");
    assert.equal(platform.webSockets.length, 2);
  });

  test("has nothing to say when it is closing", () => {
    const { platform, socket, events } = openReliable();
    socket.close();
    platform.tell("offline");
    assert.deepEqual(events, []);
  });
});
