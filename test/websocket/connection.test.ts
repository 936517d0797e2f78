import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { Connection, type ConnectionHandler } from "../../src/websocket/connection.ts";
import { PreparedMessage } from "../../src/websocket/prepared-message.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { endOfTurn, RecordingStream } from "../support/recording-stream.ts";
import { closeBody, closeOf, frame, OPCODE, takeFrames } from "../support/wire-frames.ts";

/** A connection over a stream that the test plays, and all it said. */
class Bench implements ConnectionHandler {
  readonly stream = new RecordingStream();
  readonly clock = new FakeClock();
  readonly said: unknown[][] = [];
  readonly connection: Connection;
  onMessage: (text: string) => void = () => {};

  constructor(t: TestContext, role: "server" | "client" = "server", maxBufferedBytes = 0) {
    this.connection = new Connection(
      this.stream,
      {
        role,
        maxMessageBytes: 100_000,
        maxBufferedBytes,
        overflow: "terminate",
        closeTimeoutMs: 30_000,
        clock: this.clock,
      },
      this,
    );
    t.after(() => this.stream.destroy());
  }

  /** The frames that were written. */
  get frames(): ReturnType<typeof takeFrames> {
    return takeFrames(this.stream.written);
  }

  receiveMessage(bytes: Buffer, start: number, end: number, isText: boolean): void {
    const payload = bytes.toString("utf8", start, end);
    this.said.push([isText ? "text" : "binary", payload]);
    this.onMessage(payload);
  }

  receivePing(payload: Buffer): void {
    this.said.push(["ping", payload.toString()]);
  }

  receivePong(payload: Buffer): void {
    this.said.push(["pong", payload.toString()]);
  }

  onDrain(): void {
    this.said.push(["drain"]);
  }

  onError(error: Error): void {
    this.said.push(["error", (error as Error & { code?: string }).code ?? error.message]);
  }

  onClose(code: number, reason: Buffer): void {
    this.said.push(["close", code, reason.toString()]);
  }
}

describe("one turn, one write", () => {
  test("a hundred messages in a turn leave in one write", async (t) => {
    const { stream, connection } = new Bench(t);
    connection.start(Buffer.alloc(0));
    for (let count = 0; count < 100; count += 1) connection.sendText(`n${count}`);
    connection.sendMessage(Buffer.of(1), false);
    connection.sendMessage(Buffer.from("ü"), true);
    connection.sendPrepared(new PreparedMessage(Buffer.from("p"), true, true));
    connection.sendPing();
    await endOfTurn();
    assert.equal(stream.writes.length, 1);
    assert.deepEqual(
      takeFrames(stream.written)
        .slice(99)
        .map((received) => [received.opcode, received.payload.toString()]),
      [
        [1, "n99"],
        [2, "\u0001"],
        [1, "ü"],
        [1, "p"],
        [9, ""],
      ],
    );
  });

  test("answers to all messages of one chunk leave in one write", async (t) => {
    const bench = new Bench(t);
    bench.connection.start(Buffer.alloc(0));
    bench.onMessage = (text) => bench.connection.sendText(`re: ${text}`);
    const words = ["a", "b", "c"].map((word) => frame(OPCODE.text, word));
    bench.stream.receive(Buffer.concat([...words, frame(OPCODE.ping, "!")]));
    await endOfTurn();
    assert.equal(bench.stream.writes.length, 1);
    assert.deepEqual(
      bench.frames.map((received) => received.payload.toString()),
      ["re: a", "re: b", "re: c", "!"],
    );
  });

  test("what is sent before a close leaves with it", async (t) => {
    const { stream, connection } = new Bench(t);
    connection.start(Buffer.alloc(0));
    connection.sendText("last words");
    connection.close(1000, "bye");
    connection.sendText("too late");
    await endOfTurn();
    assert.equal(stream.writes.length, 1);
    const frames = takeFrames(stream.written);
    assert.equal(frames.length, 2);
    assert.deepEqual(closeOf(frames[1]!), { code: 1000, reason: "bye" });
  });
});

describe("roles", () => {
  test("a server's frames are not masked, a client's are, each with a key of its own", async (t) => {
    const server = new Bench(t, "server");
    const client = new Bench(t, "client");
    for (const { connection } of [server, client]) {
      connection.start(Buffer.alloc(0));
      for (let count = 0; count < 2000; count += 1) connection.sendText("same");
      connection.sendMessage(Buffer.alloc(100_000), false);
    }
    await endOfTurn();
    assert.ok(server.frames.every((received) => !received.masked));
    assert.ok(client.frames.every((received) => received.masked));
    const keys = new Set(client.frames.map((received) => received.key.toString("hex")));
    assert.ok(keys.size > 1990, `${keys.size} different keys`);
  });

  test("a server refuses unmasked frames, a client masked ones: 1002", async (t) => {
    for (const [role, mask] of [
      ["server", false],
      ["client", undefined],
    ] as const) {
      const bench = new Bench(t, role);
      bench.connection.start(Buffer.alloc(0));
      bench.stream.receive(frame(OPCODE.text, "x", mask === false ? { mask } : {}));
      await endOfTurn();
      assert.equal(closeOf(bench.frames[0]!)?.code, 1002);
      assert.equal(bench.said[0]?.[0], "error");
    }
  });
});

describe("start", () => {
  test("reads what came behind the handshake before anything else", async (t) => {
    const bench = new Bench(t);
    bench.stream.receive(frame(OPCODE.text, "second"));
    bench.connection.start(frame(OPCODE.text, "first"));
    await endOfTurn();
    assert.deepEqual(bench.said, [
      ["text", "first"],
      ["text", "second"],
    ]);
  });

  test("keeps it if paused before", async (t) => {
    const bench = new Bench(t);
    bench.connection.pause();
    bench.connection.start(frame(OPCODE.text, "first"));
    bench.stream.receive(frame(OPCODE.text, "second"));
    await endOfTurn();
    assert.deepEqual(bench.said, []);
    bench.connection.resume();
    await endOfTurn();
    assert.deepEqual(bench.said, [
      ["text", "first"],
      ["text", "second"],
    ]);
  });
});

describe("pause", () => {
  test("in the middle of a chunk holds the rest back, and makes the peer wait", async (t) => {
    const bench = new Bench(t);
    bench.connection.start(Buffer.alloc(0));
    bench.onMessage = () => bench.connection.pause();
    bench.stream.receive(Buffer.concat(["a", "b"].map((word) => frame(OPCODE.text, word))));
    await endOfTurn();
    assert.deepEqual(bench.said, [["text", "a"]]);
    assert.ok(bench.stream.isPaused());
    bench.connection.resume();
    await endOfTurn();
    assert.deepEqual(bench.said, [
      ["text", "a"],
      ["text", "b"],
    ]);
  });

  test("does not keep a close from being finished", async (t) => {
    const bench = new Bench(t);
    bench.connection.start(Buffer.alloc(0));
    bench.connection.pause();
    bench.stream.receive(
      Buffer.concat([frame(OPCODE.text, "sent before"), frame(OPCODE.close, closeBody(1000))]),
    );
    await endOfTurn();
    bench.connection.close(1000);
    await endOfTurn();
    bench.stream.push(null);
    await endOfTurn();
    assert.deepEqual(bench.said, [
      ["text", "sent before"],
      ["close", 1000, ""],
    ]);
  });
});

describe("the end", () => {
  test("destroy drops what is queued; nothing is reported but the close", async (t) => {
    const bench = new Bench(t);
    bench.connection.start(Buffer.alloc(0));
    bench.connection.sendText("never");
    bench.connection.destroy();
    bench.stream.receive(frame(OPCODE.text, "never"));
    await endOfTurn();
    assert.equal(bench.stream.writes.length, 0);
    assert.deepEqual(bench.said, [["close", 1006, ""]]);
    assert.equal(bench.connection.state, "closed");
    assert.equal(bench.clock.pending, 0);
  });

  test("everything is ignored after it", async (t) => {
    const bench = new Bench(t);
    bench.connection.start(Buffer.alloc(0));
    bench.connection.destroy();
    await endOfTurn();
    bench.connection.sendText("x");
    bench.connection.sendPing();
    bench.connection.pause();
    bench.connection.resume();
    bench.connection.close(1000);
    bench.connection.destroy();
    await endOfTurn();
    assert.equal(bench.stream.writes.length, 0);
    assert.equal(bench.said.length, 1);
  });

  test("a stream that fails: the error, then 1006", async (t) => {
    const bench = new Bench(t);
    bench.connection.start(Buffer.alloc(0));
    bench.stream.destroy(new Error("reset by peer"));
    await endOfTurn();
    assert.deepEqual(bench.said, [
      ["error", "reset by peer"],
      ["close", 1006, ""],
    ]);
  });

  test("a listener that closes in the middle of a chunk still gets the rest of it", async (t) => {
    const bench = new Bench(t);
    bench.connection.start(Buffer.alloc(0));
    bench.onMessage = () => bench.connection.close(1000);
    bench.stream.receive(Buffer.concat(["a", "b"].map((word) => frame(OPCODE.text, word))));
    await endOfTurn();
    assert.deepEqual(bench.said, [
      ["text", "a"],
      ["text", "b"],
    ]);
    assert.equal(bench.frames.length, 1);
  });

  test("a listener that destroys in the middle of a chunk does not", async (t) => {
    const bench = new Bench(t);
    bench.connection.start(Buffer.alloc(0));
    bench.onMessage = () => bench.connection.destroy();
    bench.stream.receive(Buffer.concat(["a", "b"].map((word) => frame(OPCODE.text, word))));
    await endOfTurn();
    assert.deepEqual(bench.said, [
      ["text", "a"],
      ["close", 1006, ""],
    ]);
  });
});

describe("maxBufferedBytes", () => {
  test("one byte more than may wait destroys the connection, with an error", async (t) => {
    const bench = new Bench(t, "server", 1000);
    bench.connection.start(Buffer.alloc(0));
    bench.stream.accepting = false;
    bench.connection.sendMessage(Buffer.alloc(496), false);
    await endOfTurn();
    bench.connection.sendMessage(Buffer.alloc(496), false);
    assert.equal(bench.connection.bufferedBytes, 1000);
    await endOfTurn();
    assert.deepEqual(bench.said, []);
    bench.connection.sendPing();
    await endOfTurn();
    assert.deepEqual(bench.said, [
      ["error", "WS_ERR_BUFFER_FULL"],
      ["close", 1006, ""],
    ]);
    assert.ok(bench.stream.destroyed);
  });
});
