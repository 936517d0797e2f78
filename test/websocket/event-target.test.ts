import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { WebSocket, type MessageEvent } from "../../src/websocket/index.ts";
import { endOfTurn } from "../support/recording-stream.ts";
import { RecordingLogger } from "../support/recording-logger.ts";
import { client, nextOf, openClient, serve } from "../support/web-sockets.ts";

/** A WebSocket of no connection, whose events the test emits. */
function idle(): { socket: WebSocket; log: RecordingLogger } {
  const log = new RecordingLogger();
  return { socket: new WebSocket(null, undefined, { logger: log }), log };
}

const say = (socket: WebSocket, text: string): boolean => socket.emit("message", Buffer.from(text), false);

describe("onmessage and its like", () => {
  test("are null until they are set, and again when they are unset", () => {
    const { socket } = idle();
    for (const name of ["onopen", "onmessage", "onclose", "onerror"] as const) {
      assert.equal(socket[name], null);
      const handler = (): void => {};
      socket[name] = handler;
      assert.equal(socket[name], handler);
      socket[name] = null;
      assert.equal(socket[name], null);
    }
  });

  test("replace each other; what is no function unsets", () => {
    const { socket } = idle();
    const seen: string[] = [];
    socket.onmessage = () => seen.push("first");
    socket.onmessage = () => seen.push("second");
    say(socket, "x");
    socket.onmessage = "nonsense" as never;
    assert.equal(socket.onmessage, null);
    say(socket, "x");
    assert.deepEqual(seen, ["second"]);
  });

  test("stand beside the same function added as a listener", () => {
    const { socket } = idle();
    let calls = 0;
    const handler = (): void => void (calls += 1);
    socket.onmessage = handler;
    socket.addEventListener("message", handler);
    say(socket, "x");
    assert.equal(calls, 2);
    socket.removeEventListener("message", handler);
    assert.equal(socket.onmessage, handler);
    say(socket, "x");
    assert.equal(calls, 3);
  });

  test("are called with the WebSocket as `this`", () => {
    const { socket } = idle();
    const seen: unknown[] = [];
    socket.onmessage = function onMessage(this: unknown) {
      seen.push(this);
    };
    say(socket, "x");
    assert.deepEqual(seen, [socket]);
  });
});

describe("addEventListener", () => {
  test("adds a handler only once, and unknown types never", () => {
    const { socket } = idle();
    let calls = 0;
    const handler = (): void => void (calls += 1);
    socket.addEventListener("message", handler);
    socket.addEventListener("message", handler);
    socket.addEventListener("message", handler, { once: true });
    socket.addEventListener("ping" as never, handler);
    socket.addEventListener("__proto__" as never, handler);
    say(socket, "x");
    socket.emit("ping", Buffer.alloc(0));
    assert.equal(calls, 1);
  });

  test("with `once` calls once, even if the handler causes the next event", () => {
    const { socket } = idle();
    let calls = 0;
    const handler = (): void => {
      calls += 1;
      if (calls < 5) say(socket, "again");
    };
    socket.addEventListener("message", handler, { once: true });
    say(socket, "x");
    assert.equal(calls, 1);
    socket.addEventListener("message", handler, { once: true });
    socket.removeEventListener("message", handler);
    say(socket, "x");
    assert.equal(calls, 1);
  });

  test("takes an object whose handleEvent is looked up when it is called", () => {
    const { socket } = idle();
    const seen: unknown[] = [];
    const object = {
      handleEvent(this: unknown, event: MessageEvent<WebSocket>) {
        seen.push(this === object, event.data);
      },
    };
    socket.addEventListener("message", object);
    socket.addEventListener("message", object);
    say(socket, "x");
    object.handleEvent = () => void seen.push("changed");
    say(socket, "x");
    socket.removeEventListener("message", object);
    say(socket, "x");
    assert.deepEqual(seen, [true, "x", "changed"]);
  });

  test("knows when its handlers were removed in another way", () => {
    const { socket } = idle();
    let calls = 0;
    const handler = (): void => void (calls += 1);
    socket.addEventListener("message", handler);
    socket.onmessage = handler;
    socket.onclose = handler;
    socket.removeAllListeners("message");
    assert.equal(socket.onmessage, null);
    assert.equal(socket.onclose, handler);
    socket.addEventListener("message", handler);
    say(socket, "x");
    assert.equal(calls, 1);
    socket.removeAllListeners();
    assert.equal(socket.onclose, null);
    say(socket, "x");
    assert.equal(calls, 1);
  });

  test("removing what was never added, or from within, does nothing else", () => {
    const { socket } = idle();
    const seen: string[] = [];
    const second = (): void => void seen.push("second");
    const first = (): void => {
      seen.push("first");
      socket.removeEventListener("message", first);
    };
    socket.removeEventListener("message", second);
    socket.addEventListener("message", first);
    socket.addEventListener("message", second);
    say(socket, "x");
    say(socket, "x");
    assert.deepEqual(seen, ["first", "second", "second"]);
  });
});

test("a handler that throws, or rejects, is logged, and the next one is called", async () => {
  const { socket, log } = idle();
  let calls = 0;
  const rejected: unknown = Promise.reject(new Error("rejected"));
  socket.onmessage = () => {
    throw new Error("thrown");
  };
  socket.addEventListener("message", () => rejected);
  socket.addEventListener("message", () => void (calls += 1));
  say(socket, "x");
  await endOfTurn();
  assert.equal(calls, 1);
  assert.equal(log.take().length, 2);
});

describe("the events of a connection", () => {
  async function connected(t: TestContext) {
    const { wss, url } = await serve(t, { perMessageDeflate: true });
    const connection = nextOf(wss, "connection");
    const socket = client(t, url);
    const open = new Promise<unknown>((resolve) => {
      socket.onopen = resolve;
    });
    const [served] = (await connection) as [WebSocket];
    assert.deepEqual(await open, { type: "open", target: socket });
    return { socket, served };
  }

  test("text is a string, binary data what binaryType says", async (t) => {
    const { socket, served } = await connected(t);
    const message = (): Promise<MessageEvent<WebSocket>> =>
      new Promise((resolve) => socket.addEventListener("message", resolve, { once: true }));
    let next = message();
    served.send("föö");
    const event = await next;
    assert.deepEqual([event.type, event.target, event.data], ["message", socket, "föö"]);
    const KINDS = { nodebuffer: Buffer, arraybuffer: ArrayBuffer, blob: Blob, fragments: Array } as const;
    for (const [type, kind] of Object.entries(KINDS)) {
      socket.binaryType = type as keyof typeof KINDS;
      next = message();
      served.send(Buffer.of(1, 2, 3));
      assert.ok((await next).data instanceof kind, type);
    }
  });

  test("a close is clean or not", async (t) => {
    for (const isClean of [true, false]) {
      const { socket, served } = await connected(t);
      const closed = new Promise<object>((resolve) => {
        socket.onclose = resolve;
      });
      if (isClean) served.close(4000, "bye");
      else served.terminate();
      const expected = isClean
        ? { type: "close", target: socket, code: 4000, reason: "bye", wasClean: true }
        : { type: "close", target: socket, code: 1006, reason: "", wasClean: false };
      assert.deepEqual(await closed, expected);
    }
  });

  test("an error says what went wrong, and is followed by a close", async (t) => {
    const socket = client(t, "ws://127.0.0.1:1/");
    const seen: string[] = [];
    const closed = nextOf(socket, "close");
    socket.onerror = ({ type, target, error, message }) => {
      assert.equal(type, "error");
      assert.equal(target, socket);
      assert.equal(message, error.message);
      seen.push("error");
    };
    socket.onclose = () => seen.push("close");
    await closed;
    assert.deepEqual(seen, ["error", "close"]);
  });
});

test("the states are on the class and on each WebSocket", async (t) => {
  const names = ["CONNECTING", "OPEN", "CLOSING", "CLOSED"] as const;
  const { url } = await serve(t);
  const socket = client(t, url);
  for (const [value, name] of names.entries()) {
    assert.equal(WebSocket[name], value);
    assert.equal(socket[name], value);
  }
  assert.equal(socket.readyState, WebSocket.CONNECTING);
  await nextOf(socket, "open");
  assert.equal(socket.readyState, WebSocket.OPEN);
  socket.close();
  assert.equal(socket.readyState, WebSocket.CLOSING);
  await nextOf(socket, "close");
  assert.equal(socket.readyState, WebSocket.CLOSED);
  await openClient(t, url);
});
