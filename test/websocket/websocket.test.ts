import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { WebSocket } from "../../src/websocket/websocket.ts";
import { next, record } from "../support/events.ts";
import { SeededRandom } from "../../src/testing/seeded-random.ts";
import { closeBody, closeOf, frame, OPCODE } from "../support/wire-frames.ts";
import { echo, makeClient, openRaw, RecordingLogger, startServer } from "../support/websocket-server.ts";

describe("messages over TCP", () => {
  for (const length of [0, 1, 125, 126, 65_535, 65_536, 1_000_000]) {
    test(`${length} bytes of text and of binary come back as they went`, async (t) => {
      const { wss } = await startServer(t);
      echo(wss);
      const { client } = await openRaw(t, wss);
      const text = "é".repeat(length >> 1) + "x".repeat(length % 2);
      const bytes = Buffer.from(new SeededRandom(length).bytes(length));
      await client.sendText(text);
      await client.sendBinary(bytes);
      const first = await client.nextFrame();
      const second = await client.nextFrame();
      assert.deepEqual([first.opcode, first.fin, first.rsv, first.masked], [OPCODE.text, true, 0, false]);
      assert.ok(first.payload.equals(Buffer.from(text)));
      assert.deepEqual(
        [second.opcode, second.fin, second.rsv, second.masked],
        [OPCODE.binary, true, 0, false],
      );
      assert.ok(second.payload.equals(bytes));
    });
  }

  test("fragments come as one message, a ping between them is answered first", async (t) => {
    const { wss } = await startServer(t);
    echo(wss);
    const { client } = await openRaw(t, wss);
    const bytes = Buffer.from("漢字");
    await client.sendFrame(OPCODE.text, bytes.subarray(0, 2), { fin: false });
    await client.sendFrame(OPCODE.ping, "still there?");
    const pong = await client.nextFrame();
    assert.deepEqual([pong.opcode, pong.payload.toString()], [OPCODE.pong, "still there?"]);
    await client.sendFrame(OPCODE.continuation, bytes.subarray(2), { fin: false });
    await client.sendFrame(OPCODE.continuation, "");
    const reply = await client.nextFrame();
    assert.deepEqual([reply.opcode, reply.payload.toString()], [OPCODE.text, "漢字"]);
  });

  test("byte by byte is the same", async (t) => {
    const { wss } = await startServer(t);
    echo(wss);
    const { client } = await openRaw(t, wss);
    await client.sendByteByByte(
      Buffer.concat([
        frame(OPCODE.text, "sl", { fin: false }),
        frame(OPCODE.ping, "p"),
        frame(OPCODE.continuation, "ow"),
        frame(OPCODE.binary, ""),
        frame(OPCODE.text, "x".repeat(130)),
      ]),
    );
    const payloads = [];
    for (let count = 0; count < 4; count += 1) payloads.push((await client.nextFrame()).payload.toString());
    assert.deepEqual(payloads, ["p", "slow", "", "x".repeat(130)]);
  });

  test("every message is a Buffer, even an empty one in fragments", async (t) => {
    const { wss } = await startServer(t);
    const { client, socket } = await openRaw(t, wss);
    const messages = record(socket, "message");
    await client.sendByteByByte(frame(OPCODE.text, ""));
    await client.sendFrame(OPCODE.binary, "", { fin: false });
    await client.sendFrame(OPCODE.continuation, "");
    await client.sendText("full");
    for (const [text, binary] of [
      ["", false],
      ["", true],
      ["full", false],
    ] as const) {
      const [data, isBinary] = await messages.take();
      assert.ok(Buffer.isBuffer(data));
      assert.deepEqual([data.toString(), isBinary], [text, binary]);
    }
  });

  test("a thousand in a row keep their order", async (t) => {
    const { wss } = await startServer(t);
    echo(wss);
    const { client } = await openRaw(t, wss);
    const numbers = Array.from({ length: 1000 }, (_, index) => String(index));
    await client.send(Buffer.concat(numbers.map((number) => frame(OPCODE.text, number))));
    for (const number of numbers) assert.equal((await client.nextFrame()).payload.toString(), number);
  });
});

describe("send", () => {
  test("takes text and anything that holds bytes; binary may be said", async (t) => {
    const { wss } = await startServer(t);
    const { client, socket } = await openRaw(t, wss);
    const backing = Uint8Array.of(0, 104, 105, 0);
    socket.send("hi");
    socket.send(Buffer.from("hi"));
    socket.send(backing.subarray(1, 3));
    socket.send(Uint8Array.of(104, 105).buffer);
    socket.send(new DataView(backing.buffer, 1, 2));
    socket.send("hi", { binary: true });
    socket.send(Buffer.from("hi"), { binary: false });
    const opcodes = [];
    for (let count = 0; count < 7; count += 1) {
      const received = await client.nextFrame();
      assert.equal(received.payload.toString(), "hi");
      opcodes.push(received.opcode);
    }
    assert.deepEqual(opcodes, [1, 2, 2, 2, 2, 2, 1]);
  });

  test("refuses what is no data", async (t) => {
    const { wss } = await startServer(t);
    const { socket } = await openRaw(t, wss);
    for (const wrong of [{}, [], [1], true]) {
      assert.throws(() => socket.send(wrong as never), TypeError);
    }
  });

  test("calls back: without an error when open, with one after closing has begun", async (t) => {
    const { wss } = await startServer(t);
    const { socket } = await openRaw(t, wss);
    const send = (data: string): Promise<Error | undefined> =>
      new Promise((resolve) => {
        socket.send(data, resolve);
      });
    assert.equal(await send("fine"), undefined);
    assert.equal(await new Promise((resolve) => void socket.ping("", false, resolve)), undefined);
    assert.equal(await new Promise((resolve) => void socket.pong("", false, resolve)), undefined);
    socket.close();
    assert.equal(((await send("late")) as Error & { code: string }).code, "WS_ERR_NOT_OPEN");
    socket.send("late without a callback");
    const late = await new Promise<Error | undefined>((resolve) => void socket.ping("", false, resolve));
    assert.equal((late as Error & { code: string }).code, "WS_ERR_NOT_OPEN");
  });
});

describe("ping and pong", () => {
  test("a ping is answered with its own payload, of up to 125 bytes", async (t) => {
    const { wss } = await startServer(t);
    const { client, socket } = await openRaw(t, wss);
    const pings = record(socket, "ping");
    for (const payload of ["", "x", "y".repeat(125)]) {
      await client.sendFrame(OPCODE.ping, payload);
      const pong = await client.nextFrame();
      assert.deepEqual([pong.opcode, pong.payload.toString()], [OPCODE.pong, payload]);
      const [told] = await pings.take();
      assert.ok(Buffer.isBuffer(told));
      assert.equal(told.toString(), payload);
    }
  });

  test("both can be sent; more than 125 bytes are refused", async (t) => {
    const { wss } = await startServer(t);
    const { client, socket } = await openRaw(t, wss);
    socket.ping("are you there");
    socket.pong(Buffer.of(1, 2));
    socket.ping();
    const frames = [await client.nextFrame(), await client.nextFrame(), await client.nextFrame()];
    assert.deepEqual(
      frames.map((received) => [received.opcode, received.payload.toString("latin1")]),
      [
        [OPCODE.ping, "are you there"],
        [OPCODE.pong, "\u0001\u0002"],
        [OPCODE.ping, ""],
      ],
    );
    assert.throws(() => socket.ping("x".repeat(126)), RangeError);
    assert.throws(() => socket.pong("é".repeat(63)), RangeError);
  });

  test("an unsolicited pong is reported and not answered", async (t) => {
    const { wss } = await startServer(t);
    const { client, socket } = await openRaw(t, wss);
    const pong = next(socket, "pong");
    await client.sendFrame(OPCODE.pong, "unasked");
    await client.sendFrame(OPCODE.ping, "asked");
    assert.equal((await pong)[0].toString(), "unasked");
    assert.equal((await client.nextFrame()).payload.toString(), "asked");
  });

  test("a flood of pings is answered in order and the connection goes on", async (t) => {
    const { wss } = await startServer(t);
    echo(wss);
    const { client } = await openRaw(t, wss);
    const pings = Array.from({ length: 5000 }, (_, index) => frame(OPCODE.ping, String(index)));
    await client.send(Buffer.concat([...pings, frame(OPCODE.text, "end")]));
    let last = -1;
    for (;;) {
      const received = await client.nextFrame();
      if (received.opcode === OPCODE.text) break;
      assert.equal(received.opcode, OPCODE.pong);
      const number = Number(received.payload.toString());
      assert.ok(number > last);
      last = number;
    }
    assert.equal(last, 4999);
  });
});

describe("pause", () => {
  test("holds messages back until resume", async (t) => {
    const { wss } = await startServer(t);
    const { client, socket } = await openRaw(t, wss);
    const messages = record(socket, "message");
    socket.on("message", () => socket.pause());
    await client.send(Buffer.concat(["a", "b", "c"].map((word) => frame(OPCODE.text, word))));
    for (const [index, word] of ["a", "b", "c"].entries()) {
      assert.equal((await messages.take())[0].toString(), word);
      await new Promise(setImmediate);
      assert.equal(messages.all.length, index + 1);
      socket.resume();
    }
  });
});

describe("what a peer does wrong", () => {
  const WRONG: [string, Buffer, number, string][] = [
    ["garbage", Buffer.from("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), 1002, "WS_ERR_UNEXPECTED_RSV_1"],
    ["a frame without a mask", frame(OPCODE.text, "hi", { mask: false }), 1002, "WS_ERR_EXPECTED_MASK"],
    ["a reserved bit", frame(OPCODE.text, "hi", { rsv: 4 }), 1002, "WS_ERR_UNEXPECTED_RSV_1"],
    ["text that is not UTF-8", frame(OPCODE.text, Buffer.of(0x61, 0xff)), 1007, "WS_ERR_INVALID_UTF8"],
    [
      "a close code that may not be sent",
      frame(OPCODE.close, closeBody(1005)),
      1002,
      "WS_ERR_INVALID_CLOSE_CODE",
    ],
    [
      "a close reason that is not UTF-8",
      frame(OPCODE.close, closeBody(1000, Buffer.of(0xff))),
      1007,
      "WS_ERR_INVALID_UTF8",
    ],
    ["a long ping", frame(OPCODE.ping, "x".repeat(126)), 1002, "WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH"],
  ];
  for (const [name, bytes, closeCode, code] of WRONG) {
    test(`${name}: ${closeCode}, the stream ends, and others are served`, async (t) => {
      const { wss } = await startServer(t);
      echo(wss);
      const other = await openRaw(t, wss);
      const { client, socket } = await openRaw(t, wss);
      const errors = record(socket, "error");
      const closed = next(socket, "close");
      await client.sendText("before");
      await client.send(bytes);
      assert.equal((await client.nextFrame()).payload.toString(), "before");
      const reply = closeOf(await client.nextFrame());
      assert.equal(reply?.code, closeCode);
      assert.match(reply.reason, /^Invalid .*\.$/);
      assert.equal(await client.closed(), "ended");
      assert.equal(client.unread.length, 0);
      const [code_, reason] = await closed;
      assert.deepEqual([code_, reason.length], [1006, 0]);
      assert.deepEqual(
        errors.all.map(([error]) => (error as Error & { code: string }).code),
        [code],
      );
      await other.client.sendText("me too");
      assert.equal((await other.client.nextFrame()).payload.toString(), "me too");
    });
  }

  test("text is refused at the byte that spoils it, though the frame is not all there", async (t) => {
    const { wss } = await startServer(t);
    const { client } = await openRaw(t, wss);
    const wire = frame(
      OPCODE.text,
      Buffer.concat([Buffer.from("κόσμε"), Buffer.of(0xf4, 0x90), Buffer.alloc(100)]),
    );
    const spoiltAt = 6 + Buffer.byteLength("κόσμε") + 1;
    await client.send(wire.subarray(0, spoiltAt));
    await client.send(wire.subarray(spoiltAt, spoiltAt + 1));
    assert.equal(closeOf(await client.nextFrame())?.code, 1007);
    await client.closed();
  });

  test("whoever goes on sending garbage is not answered twice", async (t) => {
    const { wss } = await startServer(t);
    const { client } = await openRaw(t, wss, { allowHalfOpen: true });
    await client.send(Buffer.alloc(100_000, 0xff));
    await client.send(Buffer.alloc(100_000, 0xff));
    assert.equal(closeOf(await client.nextFrame())?.code, 1002);
    await client.ended();
    await client.send(Buffer.alloc(1000, 0xff));
    client.end();
    await client.closed();
    assert.equal(client.unread.length, 0);
  });
});

describe("two of ours", () => {
  test("talk to each other", async (t) => {
    const { wss, url } = await startServer(t);
    echo(wss);
    const client = makeClient(t, url);
    assert.equal(client.readyState, WebSocket.CONNECTING);
    await next(client, "open");
    assert.equal(client.readyState, WebSocket.OPEN);
    const messages = record(client, "message");
    const long = new SeededRandom(1).bytes(300_000);
    client.send("text ü");
    client.send(long);
    assert.deepEqual((await messages.take())[0].toString(), "text ü");
    const [data, isBinary] = await messages.take();
    assert.ok(isBinary);
    assert.ok((data as Buffer).equals(long));
    const pong = next(client, "pong");
    client.ping("beat");
    assert.equal((await pong)[0].toString(), "beat");
    client.close(1000, "done");
    assert.equal(client.readyState, WebSocket.CLOSING);
    const [code, reason] = await next(client, "close");
    assert.equal(code, 1000);
    assert.ok(reason.length === 0 || reason.toString() === "done");
    assert.equal(client.readyState, WebSocket.CLOSED);
  });

  test("a listener of a client that throws is logged, the next message comes", async (t) => {
    const logger = new RecordingLogger();
    const { wss, url } = await startServer(t);
    wss.on("connection", (socket) => {
      socket.send("one");
      socket.send("two");
    });
    const client = makeClient(t, url, undefined, { logger });
    const messages = record(client, "message");
    client.on("message", () => {
      throw new Error("listener");
    });
    await messages.take();
    await messages.take();
    await new Promise(setImmediate);
    assert.equal(logger.lines.length, 2);
    assert.equal(client.readyState, WebSocket.OPEN);
  });

  test("what is sent in the connection listener is not lost", async (t) => {
    const { wss, url } = await startServer(t);
    wss.on("connection", (socket) => socket.send("welcome"));
    const client = makeClient(t, url);
    assert.equal((await next(client, "message"))[0].toString(), "welcome");
  });

  test("a listener that is added in the open event gets the first message", async (t) => {
    const { wss, url } = await startServer(t);
    wss.on("connection", (socket) => socket.send("welcome"));
    const client = makeClient(t, url);
    const message = new Promise<string>((resolve) => {
      client.on("open", () => client.on("message", (data) => resolve(data.toString())));
    });
    assert.equal(await message, "welcome");
  });
});
