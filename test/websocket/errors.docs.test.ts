import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { describe, test, type TestContext } from "node:test";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import {
  ConnectionError,
  HandshakeError,
  ProtocolError,
  type WebSocketServerOptions,
} from "../../src/websocket/index.ts";
import { connectRaw } from "../support/engine-client.ts";
import { undoAfter } from "../support/fixture.ts";
import { deflated } from "../support/payloads.ts";
import type { HeaderChanges } from "../support/raw-client.ts";
import { RawServer } from "../support/raw-server.ts";
import { client, listenUntilEnd, nextOf, OFFER_DEFLATE, openRaw, serve } from "../support/web-sockets.ts";
import { closeBody, closeOf, frame, OPCODE } from "../support/wire-frames.ts";

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const DOCS = read("docs/reference/errors.md");

/** The rows of the table under a heading: the code, and what stands in the second column. */
function documented(heading: string): Map<string, string> {
  const section = DOCS.split("\n## ").find((part) => part.startsWith(`\`${heading}\``))!;
  return new Map(
    [...section.matchAll(/^\| `(WS_ERR_\w+)` \| ([^|]*) \|/gm)].map(([, code, second]) => [
      code!,
      second!.trim(),
    ]),
  );
}

/** The members of a union of string literals. */
function typed(path: string, name: string): string[] {
  const declaration = new RegExp(`export type ${name} =([^;]*);`).exec(read(path))![1]!;
  return [...declaration.matchAll(/"(WS_ERR_\w+)"/g)].map(([, code]) => code!);
}

const KINDS = [
  ["ProtocolError", "src/protocol/errors.ts", "ProtocolErrorCode"],
  ["HandshakeError", "src/protocol/errors.ts", "HandshakeErrorCode"],
  ["ConnectionError", "src/websocket/errors.ts", "ConnectionErrorCode"],
] as const;

for (const [heading, path, name] of KINDS) {
  test(`each code of ${name} is in docs/reference/errors.md, once, and each that is there exists`, () => {
    const codes = typed(path, name);
    assert.ok(codes.length >= 3);
    assert.deepEqual([...documented(heading).keys()].toSorted(), codes.toSorted());
    for (const code of codes) assert.equal(DOCS.split(`\`${code}\` |`).length, 2, code);
  });
}

/** Which codes have been seen to occur; looked at last. */
const seen = new Set<string>();

describe("a ProtocolError occurs, with its close code:", () => {
  const toServer = {
    WS_ERR_EXPECTED_FIN: frame(OPCODE.ping, "", { fin: false }),
    WS_ERR_EXPECTED_MASK: frame(OPCODE.text, "x", { mask: false }),
    WS_ERR_INVALID_CLOSE_CODE: frame(OPCODE.close, closeBody(1006)),
    WS_ERR_INVALID_COMPRESSED_DATA: frame(OPCODE.text, Buffer.alloc(9, 0xff), { rsv: 4 }),
    WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH: frame(OPCODE.close, "x"),
    WS_ERR_INVALID_OPCODE: frame(3, ""),
    WS_ERR_INVALID_PAYLOAD_LENGTH: frame(OPCODE.text, "x", { lengthBits: 16 }),
    WS_ERR_INVALID_UTF8: frame(OPCODE.text, Buffer.of(0xff)),
    WS_ERR_UNEXPECTED_RSV_1: frame(OPCODE.ping, "", { rsv: 4 }),
    WS_ERR_UNEXPECTED_RSV_2_3: frame(OPCODE.text, "", { rsv: 1 }),
    WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: frame(OPCODE.text, deflated("x".repeat(200)), { rsv: 4 }),
  };
  for (const [code, bytes] of Object.entries(toServer)) {
    test(code, async (t) => {
      const served = await serve(t, { perMessageDeflate: true, maxPayload: 100 });
      const { raw, socket } = await openRaw(t, served, OFFER_DEFLATE);
      const error = nextOf(socket, "error");
      await raw.send(bytes);
      const [reported] = (await error) as [ProtocolError];
      assert.ok(reported instanceof ProtocolError);
      assert.equal(reported.code, code);
      seen.add(code);
      assert.equal(String(reported.closeCode), documented("ProtocolError").get(code));
      assert.deepEqual(closeOf(await raw.nextFrame()), {
        code: reported.closeCode,
        reason: reported.message,
      });
    });
  }

  test("WS_ERR_UNEXPECTED_MASK, which only a client can say", async (t) => {
    const server = await RawServer.start();
    undoAfter(t, () => server.stop());
    const socket = client(t, server.url);
    const error = nextOf(socket, "error");
    const peer = await server.acceptWebSocket();
    await peer.send(frame(OPCODE.text, "x"));
    const [reported] = (await error) as [ProtocolError];
    assert.equal(reported.code, "WS_ERR_UNEXPECTED_MASK");
    assert.equal(closeOf(await peer.nextFrame())?.code, 1002);
    seen.add(reported.code);
  });
});

describe("a HandshakeError occurs on a server, with its status:", () => {
  const CASES: [code: string, status: number, options: WebSocketServerOptions, headers: HeaderChanges][] = [
    ["WS_ERR_HANDSHAKE_HEADER", 400, {}, { "Sec-WebSocket-Key": "x" }],
    ["WS_ERR_HANDSHAKE_HEADER", 400, { perMessageDeflate: true }, { "Sec-WebSocket-Extensions": "," }],
    ["WS_ERR_HANDSHAKE_VERSION", 426, {}, { "Sec-WebSocket-Version": "9" }],
    ["WS_ERR_HANDSHAKE_REFUSED", 401, { verifyClient: () => false }, {}],
    ["WS_ERR_HANDSHAKE_REFUSED", 403, { allowRequest: () => false }, {}],
    ["WS_ERR_HANDSHAKE_REFUSED", 400, { path: "/x" }, {}],
    ["WS_ERR_HANDSHAKE_REFUSED", 503, { maxConnections: 0 }, {}],
  ];
  for (const [code, status, options, headers] of CASES) {
    test(`${code} ${status}`, async (t) => {
      const { wss, port } = await serve(t, options);
      const refused = nextOf(wss, "wsClientError");
      const raw = await connectRaw(t, port);
      await raw.writeHandshake("/", headers);
      const [error] = (await refused) as [HandshakeError];
      assert.ok(error instanceof HandshakeError);
      assert.deepEqual([error.code, error.status], [code, status]);
      assert.equal((await raw.head()).status, status);
      seen.add(code);
    });
  }

  test("WS_ERR_HANDSHAKE_METHOD 405", async (t) => {
    const { wss, port } = await serve(t);
    const refused = nextOf(wss, "wsClientError");
    const raw = await connectRaw(t, port);
    await raw.send("POST / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    const [error] = (await refused) as [HandshakeError];
    assert.deepEqual([error.code, error.status], ["WS_ERR_HANDSHAKE_METHOD", 405]);
    seen.add(error.code);
  });
});

describe("a HandshakeError occurs on a client, with what the server answered:", () => {
  const failure = async (t: TestContext, url: string, options = {}): Promise<[string, number]> => {
    const [error] = (await nextOf(client(t, url, options), "error")) as [HandshakeError];
    assert.ok(error instanceof HandshakeError, String(error));
    seen.add(error.code);
    return [error.code, error.status];
  };

  test("WS_ERR_HANDSHAKE_RESPONSE for another status", async (t) => {
    const port = await listenUntilEnd(
      t,
      createServer((_request, response) => response.writeHead(404).end()),
    );
    assert.deepEqual(await failure(t, `ws://127.0.0.1:${port}`), ["WS_ERR_HANDSHAKE_RESPONSE", 404]);
  });

  for (const header of [
    "Sec-WebSocket-Protocol: x",
    "Sec-WebSocket-Extensions: x-other",
    "Sec-WebSocket-Extensions: ;malformed",
    "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=99",
  ]) {
    test(`WS_ERR_HANDSHAKE_RESPONSE for ${header}`, async (t) => {
      const server = await RawServer.start();
      undoAfter(t, () => server.stop());
      const failed = failure(t, server.url);
      await server.acceptWebSocket(`${header}\r\n`);
      assert.deepEqual(await failed, ["WS_ERR_HANDSHAKE_RESPONSE", 101]);
    });
  }

  test("WS_ERR_HANDSHAKE_TIMEOUT without an answer", async (t) => {
    const clock = new FakeClock();
    const server = await RawServer.start();
    undoAfter(t, () => server.stop());
    const failed = failure(t, server.url, { clock, handshakeTimeout: 100 });
    await server.accept();
    clock.advance(100);
    assert.deepEqual(await failed, ["WS_ERR_HANDSHAKE_TIMEOUT", 0]);
    assert.equal(clock.pending, 0);
  });

  test("WS_ERR_HANDSHAKE_REFUSED if it was closed before", async (t) => {
    const { url } = await serve(t);
    for (const how of ["close", "terminate"] as const) {
      const socket = client(t, url);
      socket[how]();
      assert.equal(socket.readyState, socket.CLOSING);
      // Later, so that it can still be listened to.
      const closed = nextOf(socket, "close");
      const [error] = (await nextOf(socket, "error")) as [HandshakeError];
      assert.deepEqual([error.code, error.status], ["WS_ERR_HANDSHAKE_REFUSED", 0]);
      assert.equal((await closed)[0], 1006);
    }
  });
});

describe("a ConnectionError occurs:", () => {
  test("WS_ERR_BUFFER_FULL", async (t) => {
    const served = await serve(t, { maxBufferedBytes: 10 });
    const { socket } = await openRaw(t, served);
    const error = nextOf(socket, "error");
    await assert.rejects(socket.sendAsync("x".repeat(20)), { code: "WS_ERR_BUFFER_FULL" });
    assert.ok((await error)[0] instanceof ConnectionError);
    seen.add("WS_ERR_BUFFER_FULL");
  });

  test("WS_ERR_IDLE_TIMEOUT", async (t) => {
    const clock = new FakeClock();
    const served = await serve(t, { pingInterval: 100, clock });
    const { socket } = await openRaw(t, served);
    const error = nextOf(socket, "error");
    clock.advance(200);
    assert.equal(((await error)[0] as ConnectionError).code, "WS_ERR_IDLE_TIMEOUT");
    seen.add("WS_ERR_IDLE_TIMEOUT");
  });

  test("WS_ERR_NOT_OPEN", async (t) => {
    const { url } = await serve(t);
    const socket = client(t, url);
    for (const method of ["send", "ping", "pong"] as const) {
      assert.throws(() => socket[method]("x"), { code: "WS_ERR_NOT_OPEN", name: "ConnectionError" });
    }
    await nextOf(socket, "open");
    socket.close();
    await assert.rejects(socket.sendAsync("x"), { code: "WS_ERR_NOT_OPEN" });
    await new Promise<void>((resolve) => {
      socket.ping("x", false, (error) => {
        assert.equal((error as ConnectionError).code, "WS_ERR_NOT_OPEN");
        resolve();
      });
    });
    seen.add("WS_ERR_NOT_OPEN");
  });
});

test("each code that is documented has been seen above", () => {
  const all = KINDS.flatMap(([heading]) => [...documented(heading).keys()]);
  assert.deepEqual([...seen].toSorted(), all.toSorted());
});
