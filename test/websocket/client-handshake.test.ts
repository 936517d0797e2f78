import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import type { HandshakeError } from "../../src/protocol/errors.ts";
import { WebSocket } from "../../src/websocket/websocket.ts";
import { parseAddress, parseProtocols } from "../../src/websocket/client-handshake.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { next, record } from "../support/events.ts";
import { acceptFor, RawServer, switchingProtocols } from "../support/raw-server.ts";
import { makeClient, startServer } from "../support/websocket-server.ts";
import { frame, OPCODE } from "../support/wire-frames.ts";

async function startRaw(t: TestContext): Promise<RawServer> {
  const server = await RawServer.start();
  t.after(() => server.stop());
  return server;
}

/** What a client reports that fails: its error, then its close. */
async function failure(client: WebSocket): Promise<HandshakeError> {
  const error = next(client, "error");
  const closed = next(client, "close");
  const opened = record(client, "open");
  const [code, reason] = await closed;
  assert.deepEqual([code, reason.length], [1006, 0]);
  assert.equal(client.readyState, WebSocket.CLOSED);
  assert.equal(opened.all.length, 0);
  return (await error)[0] as HandshakeError;
}

describe("addresses", () => {
  test("ws and wss are taken, http and https stand for them", () => {
    for (const [given, href] of [
      ["ws://localhost:8080/x?y=1", "ws://localhost:8080/x?y=1"],
      ["wss://example.com", "wss://example.com/"],
      ["http://example.com/a", "ws://example.com/a"],
      ["https://example.com:8443/", "wss://example.com:8443/"],
      ["ws://[::1]:80/", "ws://[::1]/"],
    ] as const) {
      assert.equal(parseAddress(given).href, href);
      assert.equal(parseAddress(new URL(given)).href, href);
    }
  });

  test("others throw a SyntaxError that quotes what is wrong", () => {
    for (const wrong of [
      "",
      "nonsense",
      "/path",
      "//host/",
      "ftp://example.com/",
      "file:///x",
      "ws://x/#part",
    ]) {
      assert.throws(() => new WebSocket(wrong), SyntaxError, wrong);
    }
    assert.throws(() => parseAddress("ftp://x/"), /"ftp:"/);
    assert.throws(() => parseAddress("nonsense"), /"nonsense"/);
  });

  test("a URL that is handed over is not changed", () => {
    const url = new URL("http://example.com/");
    parseAddress(url);
    assert.equal(url.protocol, "http:");
  });
});

describe("subprotocols", () => {
  test("are one, several or none", () => {
    assert.deepEqual(parseProtocols(undefined), []);
    assert.deepEqual(parseProtocols("chat"), ["chat"]);
    assert.deepEqual(parseProtocols(["a", "b"]), ["a", "b"]);
    assert.deepEqual(parseProtocols([]), []);
  });

  test("that are no tokens, or stand twice, throw a SyntaxError", () => {
    for (const wrong of ["", "a b", "a,b", "ä", ["a", "a"], ["a", ""]]) {
      assert.throws(() => parseProtocols(wrong), SyntaxError, String(wrong));
      assert.throws(() => new WebSocket("ws://127.0.0.1:9/", wrong), SyntaxError);
    }
  });
});

describe("the request", () => {
  test("has all that RFC 6455 §4.1 wants", async (t) => {
    const server = await startRaw(t);
    makeClient(t, `ws://127.0.0.1:${server.port}/chat?room=1`, ["a", "b"], {
      headers: { "X-Mine": "yes", upgrade: "other" },
    });
    const peer = await server.accept();
    const { firstLine, headers } = await peer.head();
    assert.equal(firstLine, "GET /chat?room=1 HTTP/1.1");
    assert.equal(headers["host"], `127.0.0.1:${server.port}`);
    assert.equal(headers["upgrade"], "websocket");
    assert.equal(headers["connection"], "Upgrade");
    assert.equal(headers["sec-websocket-version"], "13");
    assert.match(headers["sec-websocket-key"]!, /^[A-Za-z0-9+/]{21}[AQgw]==$/);
    assert.equal(headers["sec-websocket-protocol"], "a,b");
    assert.equal(headers["x-mine"], "yes");
  });

  test("each has a key of its own; without subprotocols the header is left out", async (t) => {
    const server = await startRaw(t);
    const keys = new Set<string | undefined>();
    for (let count = 0; count < 5; count += 1) {
      makeClient(t, server.url);
      const { headers } = await (await server.accept()).head();
      keys.add(headers["sec-websocket-key"]);
      assert.equal("sec-websocket-protocol" in headers, false);
    }
    assert.equal(keys.size, 5);
  });

  test("a name and a password in the address are sent as basic authorization", async (t) => {
    const server = await startRaw(t);
    makeClient(t, `ws://us%20er:p%3Aw@127.0.0.1:${server.port}/`);
    const { headers } = await (await server.accept()).head();
    assert.equal(headers["authorization"], `Basic ${Buffer.from("us er:p:w").toString("base64")}`);
  });
});

describe("a right answer", () => {
  test("opens the connection; frames may follow in the same packet", async (t) => {
    const server = await startRaw(t);
    const client = makeClient(t, server.url, ["a", "b"]);
    const opened = next(client, "open");
    const message = next(client, "message");
    const peer = await server.accept();
    const { headers } = await peer.head();
    const answer = switchingProtocols(headers["sec-websocket-key"]!, "Sec-WebSocket-Protocol: b\r\n");
    await peer.send(Buffer.concat([Buffer.from(answer), frame(OPCODE.text, "at once", { mask: false })]));
    await opened;
    assert.equal(client.protocol, "b");
    assert.equal(client.url, server.url);
    assert.equal((await message)[0].toString(), "at once");
  });

  test("may come byte by byte", async (t) => {
    const server = await startRaw(t);
    const client = makeClient(t, server.url);
    const opened = next(client, "open");
    const peer = await server.accept();
    const { headers } = await peer.head();
    await peer.sendByteByByte(switchingProtocols(headers["sec-websocket-key"]!));
    await opened;
    assert.equal(client.protocol, "");
  });
});

describe("a wrong answer fails the connection", () => {
  const right = (key: string): string[] => [
    "HTTP/1.1 101 Switching Protocols",
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Accept: ${acceptFor(key)}`,
  ];
  const ANSWERS: [string, (key: string) => string[], number][] = [
    ["200", () => ["HTTP/1.1 200 OK", "Content-Length: 0"], 200],
    ["a redirection", () => ["HTTP/1.1 302 Found", "Location: /other", "Content-Length: 0"], 302],
    ["400", () => ["HTTP/1.1 400 Bad Request", "Content-Length: 0"], 400],
    [
      "426",
      () => [
        "HTTP/1.1 426 Upgrade Required",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Content-Length: 0",
      ],
      426,
    ],
    ["503 without a length", () => ["HTTP/1.1 503 Service Unavailable", "Connection: close"], 503],
    ["the accept value of another key", () => right("AAAAAAAAAAAAAAAAAAAAAA=="), 101],
    ["no accept value", (key) => right(key).slice(0, 3), 101],
    ["another Upgrade", (key) => right(key).with(1, "Upgrade: h2c"), 101],
    ["a subprotocol that was not offered", (key) => [...right(key), "Sec-WebSocket-Protocol: z"], 101],
    [
      "an extension that was not offered",
      (key) => [...right(key), "Sec-WebSocket-Extensions: x-unknown"],
      101,
    ],
  ];
  for (const [name, answer, status] of ANSWERS) {
    test(name, async (t) => {
      const server = await startRaw(t);
      const client = makeClient(t, server.url, "a");
      const failed = failure(client);
      const peer = await server.accept();
      const { headers } = await peer.head();
      await peer.send(`${answer(headers["sec-websocket-key"]!).join("\r\n")}\r\n\r\n`);
      const error = await failed;
      assert.equal(error.name, "HandshakeError");
      assert.equal(error.code, "WS_ERR_HANDSHAKE_RESPONSE");
      assert.equal(error.status, status);
      await peer.closed();
    });
  }

  test("101 without Upgrade", async (t) => {
    const server = await startRaw(t);
    const client = makeClient(t, server.url);
    const failed = failure(client);
    const peer = await server.accept();
    await peer.head();
    await peer.send("HTTP/1.1 101 Switching Protocols\r\n\r\n");
    assert.equal((await failed).code, "WS_ERR_HANDSHAKE_RESPONSE");
    await peer.closed();
  });

  for (const [name, bytes] of [
    ["what is not HTTP", "SSH-2.0-OpenSSH\r\n\r\n"],
    ["nothing but the end", ""],
  ] as const) {
    test(name, async (t) => {
      const server = await startRaw(t);
      const client = makeClient(t, server.url);
      const failed = failure(client);
      const peer = await server.accept();
      await peer.head();
      await peer.send(bytes);
      peer.end();
      assert.ok((await failed) instanceof Error);
      await peer.closed();
    });
  }

  test("a port where nobody listens", async (t) => {
    const server = await RawServer.start();
    await server.stop();
    const error: Error & { code?: string } = await failure(makeClient(t, server.url));
    assert.equal(error.code, "ECONNREFUSED");
  });
});

describe("time", () => {
  test("a server that does not answer within handshakeTimeout fails the connection", async (t) => {
    const clock = new FakeClock();
    const server = await startRaw(t);
    const client = makeClient(t, server.url, undefined, { clock, handshakeTimeout: 700 });
    const failed = failure(client);
    const peer = await server.accept();
    await peer.head();
    await peer.send("HTTP/1.1 101 Switching");
    clock.advance(699);
    assert.equal(client.readyState, WebSocket.CONNECTING);
    clock.advance(1);
    const error = await failed;
    assert.equal(error.code, "WS_ERR_HANDSHAKE_TIMEOUT");
    assert.match(error.message, /700 ms/);
    assert.equal(clock.pending, 0);
    await peer.closed();
  });

  test("the default is ten seconds", async (t) => {
    const clock = new FakeClock();
    const server = await startRaw(t);
    const client = makeClient(t, server.url, undefined, { clock });
    const failed = failure(client);
    const peer = await server.accept();
    clock.advance(9999);
    assert.equal(client.readyState, WebSocket.CONNECTING);
    clock.advance(1);
    assert.equal((await failed).code, "WS_ERR_HANDSHAKE_TIMEOUT");
    await peer.closed();
  });

  test("the timer ends with the handshake", async (t) => {
    const clock = new FakeClock();
    const { url } = await startServer(t);
    const client = makeClient(t, url, undefined, { clock });
    await next(client, "open");
    assert.equal(clock.pending, 0);
  });
});

describe("before it is open", () => {
  test("sending throws", async (t) => {
    const server = await startRaw(t);
    const client = makeClient(t, server.url);
    const act = { send: () => client.send("x"), ping: () => client.ping(), pong: () => client.pong() };
    for (const [name, action] of Object.entries(act))
      assert.throws(action, { code: "WS_ERR_NOT_OPEN" }, name);
    assert.equal(client.bufferedAmount, 0);
  });

  for (const method of ["close", "terminate"] as const) {
    test(`${method} gives up: error, then 1006, and the server sees the connection go`, async (t) => {
      const server = await startRaw(t);
      const client = makeClient(t, server.url);
      const peer = await server.accept();
      await peer.head();
      const failed = failure(client);
      client[method]();
      assert.equal((await failed).code, "WS_ERR_HANDSHAKE_REFUSED");
      await peer.closed();
      client.close();
      client.terminate();
    });
  }
});
