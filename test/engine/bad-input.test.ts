import assert from "node:assert/strict";
import { createServer } from "node:http";
import { describe, test } from "node:test";
import { Server } from "../../src/sockets/server.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { whileChatting } from "../support/chatter.ts";
import { connectRaw, EngineClient, SESSION_PATH } from "../support/engine-client.ts";
import { openPolling, send, type SentRequest } from "../support/engine-server.ts";
import { startServer, undoAfter } from "../support/fixture.ts";
import { fetchPlain } from "../support/http.ts";
import { portOf } from "../support/listen.ts";
import { handshakeText, type RawClient } from "../support/raw-client.ts";
import { frame, OPCODE } from "../support/wire-frames.ts";

describe("requests that are none", () => {
  test("plain HTTP to the socket path", async (t) => {
    const server = await startServer(t);
    await whileChatting(t, server, async () => {
      for (const [method, path, status] of [
        ["GET", "/socket.io/", 400],
        ["POST", "/socket.io/?EIO=4&transport=websocket", 400],
        ["GET", SESSION_PATH, 400],
        ["HEAD", SESSION_PATH, 400],
        ["GET", "/", 404],
      ] as const) {
        assert.equal((await fetchPlain(server.port, path, method)).status, status);
      }
    });
  });

  test("a wrong version of WebSocket", async (t) => {
    const server = await startServer(t);
    await whileChatting(t, server, async () => {
      for (const version of ["8", "14", "", "13, 8", undefined]) {
        const raw = await connectRaw(t, server.port);
        await raw.writeHandshake(SESSION_PATH, { "Sec-WebSocket-Version": version });
        const { status, headers } = await raw.head();
        assert.equal(status, 426);
        assert.equal(headers["sec-websocket-version"], "13");
        await raw.ended();
      }
    });
  });

  test("a wrong key", async (t) => {
    const server = await startServer(t);
    await whileChatting(t, server, async () => {
      for (const key of ["", "short", "dGhlIHNhbXBsZSBub25jZQ=", "x".repeat(1000), undefined]) {
        const raw = await connectRaw(t, server.port);
        await raw.writeHandshake(SESSION_PATH, { "Sec-WebSocket-Key": key });
        assert.equal((await raw.head()).status, 400);
        await raw.ended();
      }
    });
  });

  test("an upgrade to something else", async (t) => {
    const server = await startServer(t);
    await whileChatting(t, server, async () => {
      const raw = await connectRaw(t, server.port);
      await raw.writeHandshake(SESSION_PATH, { Upgrade: "h2c" });
      assert.equal((await raw.head()).status, 400);
      await raw.ended();
    });
  });

  test("no HTTP at all", async (t) => {
    const server = await startServer(t);
    await whileChatting(t, server, async () => {
      const raw = await connectRaw(t, server.port);
      await raw.send(Buffer.alloc(100_000, 0xfe));
      assert.equal((await raw.head()).status, 400);
      await raw.ended();
    });
  });
});

/** Sends something on a session that has just been opened and expects this close code. */
async function expectClose(
  t: Parameters<typeof whileChatting>[0],
  code: number,
  misbehave: (raw: RawClient) => Promise<void>,
): Promise<void> {
  const server = await startServer(t);
  const reasons: unknown[] = [];
  server.io.on("connection", (socket) => void socket.on("disconnect", (reason) => reasons.push(reason)));
  await whileChatting(t, server, async () => {
    const fresh = await EngineClient.open(t, server.port);
    await misbehave(fresh.raw);
    assert.equal(await fresh.nextClose(), code);

    const joined = await EngineClient.join(t, server.port);
    const left = new Promise<unknown>((resolve) => {
      for (const socket of server.io.sockets.sockets.values()) socket.once("disconnect", resolve);
    });
    await misbehave(joined.raw);
    assert.equal(await joined.nextClose(), code);
    assert.equal(await left, "transport error");
  });
  assert.deepEqual(reasons, ["transport error"]);
}

describe("requests of a polling session", () => {
  const POLLING = "/socket.io/?EIO=4&transport=polling";

  /** Expects an answer to a request of a fresh session, and whether the session is still there after it. */
  async function expectAnswer(
    t: Parameters<typeof whileChatting>[0],
    request: SentRequest,
    status: number,
    stays: boolean,
  ): Promise<void> {
    const server = await startServer(t, { maxHttpBufferSize: 10_000 });
    await whileChatting(t, server, async () => {
      const { path } = await openPolling(server.port, {}, POLLING);
      assert.equal((await send(server.port, path, request)).status, status);
      const after = await send(server.port, path, { method: "POST", body: "3" });
      assert.equal(after.status, stays ? 200 : 400);
    });
  }

  const long = "4".repeat(10_001);
  const chunked = { "Transfer-Encoding": "chunked" };
  for (const [what, request, status, stays] of [
    ["a body that is too long", { method: "POST", body: long }, 413, true],
    ["one that does not say so", { method: "POST", body: long, headers: chunked }, 413, true],
    [
      "a body that is not text",
      { method: "POST", body: "4x", headers: { "Content-Type": "application/octet-stream" } },
      400,
      false,
    ],
    ["an empty body", { method: "POST" }, 400, false],
    ["a packet of no type", { method: "POST", body: "abc" }, 400, false],
    ["an empty packet", { method: "POST", body: "4a\u001E\u001E4b" }, 400, false],
    ["bytes that are not base64", { method: "POST", body: "b***" }, 400, false],
    ["a Socket.IO packet that can't be", { method: "POST", body: "49" }, 400, false],
    ["another method", { method: "DELETE" }, 400, true],
  ] as const) {
    test(what, (t) => expectAnswer(t, request, status, stays));
  }

  test("two GETs at a time", async (t) => {
    const server = await startServer(t);
    await whileChatting(t, server, async () => {
      const { path } = await openPolling(server.port, {}, POLLING);
      const answers = await Promise.all([send(server.port, path), send(server.port, path)]);
      assert.deepEqual(
        answers.map(({ status }) => status).toSorted((a, b) => a - b),
        [200, 400],
      );
      assert.equal(answers.find(({ status }) => status === 200)?.text, "1");
      assert.equal((await send(server.port, path)).status, 400);
    });
  });

  test("500 bodies that never come are given up", async (t) => {
    const clock = new FakeClock();
    const server = await startServer(t, { clock, pingTimeout: 60_000, bodyTimeout: 5000 });
    await whileChatting(t, server, async () => {
      const many: RawClient[] = [];
      for (let index = 0; index < 500; index++) {
        const { path } = await openPolling(server.port, {}, POLLING);
        const raw = await connectRaw(t, server.port);
        await raw.send(`POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf`);
        many.push(raw);
      }
      // The last one has arrived when a request behind it is answered.
      await fetchPlain(server.port, "/");
      clock.advance(5000);
      for (const raw of many) {
        assert.equal((await raw.head()).status, 408);
        await raw.closed();
      }
    });
    // What the sessions still wait for.
    clock.advance(600_000);
  });
});

describe("frames that must not be", () => {
  test("a first message of 10 MB closes with 1009", (t) =>
    expectClose(t, 1009, (raw) => raw.sendText(Buffer.alloc(10_000_000, 0x34))));

  test("a message of 10 MB in small fragments closes with 1009", (t) =>
    expectClose(t, 1009, async (raw) => {
      const more = Array.from({ length: 999 }, () =>
        frame(OPCODE.continuation, Buffer.alloc(10_000), { fin: false }),
      );
      await raw.send(Buffer.concat([frame(OPCODE.binary, "", { fin: false }), ...more]));
    }));

  test("a length beyond all reason closes with 1009", (t) =>
    expectClose(t, 1009, (raw) => raw.sendBinary(Buffer.alloc(4), { lengthBits: 64, announced: 2n ** 40n })));

  test("garbage closes with 1002", (t) => expectClose(t, 1002, (raw) => raw.send(Buffer.alloc(5000, 0xff))));

  test("an unmasked frame closes with 1002", (t) =>
    expectClose(t, 1002, (raw) => raw.sendText("40", { mask: false })));

  test("reserved bits close with 1002", (t) => expectClose(t, 1002, (raw) => raw.sendText("40", { rsv: 4 })));

  test("invalid UTF-8 closes with 1007", (t) =>
    expectClose(t, 1007, (raw) => raw.sendText(Buffer.from([0x34, 0x32, 0xc3, 0x28]))));
});

test("garbage that comes with the handshake closes with 1002", async (t) => {
  const server = await startServer(t);
  await whileChatting(t, server, async () => {
    const raw = await connectRaw(t, server.port);
    await raw.send(Buffer.concat([Buffer.from(handshakeText(SESSION_PATH)), Buffer.alloc(5000, 0xff)]));
    assert.equal((await raw.head()).status, 101);
    // What was sent before it was read still comes: the open packet.
    let received = await raw.nextFrame();
    if (received.opcode === OPCODE.text) received = await raw.nextFrame();
    assert.equal(received.opcode, OPCODE.close);
    assert.equal(received.payload.readUInt16BE(0), 1002);
    await raw.ended();
  });
});

describe("packets made to hurt", () => {
  test("a nesting made to exhaust the stack ends its own session only", async (t) => {
    const server = await startServer(t);
    await whileChatting(t, server, async () => {
      const client = await EngineClient.join(t, server.port);
      const depth = 400_000;
      await client.send(`451-["ev",${"[".repeat(depth)}${"]".repeat(depth)}]`);
      await client.sendBinary(Buffer.of(1));
      assert.equal(await client.nextClose(), 1002);
    });
  });

  test("a listener that sends it on is reported, nothing more", async (t) => {
    const server = await startServer(t);
    server.io.on(
      "connection",
      (socket) => void socket.on("on", (value: unknown) => server.io.emit("on", value)),
    );
    await whileChatting(t, server, async () => {
      const reported = new Promise((resolve) => server.io.once("handler_error", resolve));
      const client = await EngineClient.join(t, server.port);
      const depth = 400_000;
      await client.send(`42["on",${"[".repeat(depth)}${"]".repeat(depth)}]`);
      assert.ok((await reported) instanceof RangeError);
    });
  });

  test("names that mean something to JavaScript are names", async (t) => {
    const server = await startServer(t);
    await whileChatting(t, server, async () => {
      const client = await EngineClient.open(t, server.port);
      for (const name of ["__proto__", "constructor", "toString", "hasOwnProperty"]) {
        await client.send(`40/${name}`);
        assert.equal(await client.next(), `44/${name},{"message":"Invalid namespace"}`);
      }
      await client.send('40{"__proto__":{"admin":true},"constructor":1}');
      assert.match(await client.next(), /^40\{"sid"/);
      for (const name of ["__proto__", "constructor", "toString", "on", "emit", "error", ""]) {
        await client.send(`42["${name}",{"__proto__":{"admin":true}}]`);
      }
      assert.equal("admin" in {}, false);
      await client.send("41");
      await client.joinNamespace();
    });
  });
});

describe("500 connections that never finish their handshake", () => {
  const STARTS = [
    "",
    "G",
    `GET ${SESSION_PATH} HTTP/1.1\r\nHost: x\r\n`,
    handshakeText(SESSION_PATH).slice(0, -2),
  ];

  async function connectMany(t: Parameters<typeof whileChatting>[0], port: number): Promise<RawClient[]> {
    const many: RawClient[] = [];
    for (let index = 0; index < 500; index++) {
      const raw = await connectRaw(t, port);
      await raw.send(STARTS[index % STARTS.length]!);
      many.push(raw);
    }
    return many;
  }

  test("disturb nobody, and are dropped when their time is over", async (t) => {
    const http = createServer({
      headersTimeout: 1000,
      requestTimeout: 1000,
      connectionsCheckingInterval: 50,
    });
    const server = await startServer(t, {}, { http });
    await whileChatting(t, server, async () => {
      const many = await connectMany(t, server.port);
      await Promise.all(many.map((raw) => raw.ended()));
    });
  });

  test("do not keep a server with a port of its own from closing", async (t) => {
    const io = new Server(0);
    const http = io.httpServer!;
    await new Promise((resolve) => http.once("listening", resolve));
    undoAfter(t, () => io.close());
    const many = await connectMany(t, portOf(http));
    await EngineClient.join(t, portOf(http));
    await io.close();
    await Promise.all(many.map((raw) => raw.closed()));
    assert.equal(http.listening, false);
  });
});
