import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { connectRaw, EngineClient, SESSION_PATH } from "../support/engine-client.ts";
import { startServer } from "../support/fixture.ts";
import { fetchPlain } from "../support/http.ts";

test("the open packet has exactly five keys", async (t) => {
  const { port } = await startServer(t, { pingInterval: 300, pingTimeout: 200, maxHttpBufferSize: 5000 });
  const { handshake } = await EngineClient.open(t, port);
  const { sid, ...rest } = handshake;
  assert.match(String(sid), /^[A-Za-z0-9_-]{20}$/);
  assert.deepEqual(rest, { upgrades: [], pingInterval: 300, pingTimeout: 200, maxPayload: 5000 });
});

test("the defaults are those of the protocol", async (t) => {
  const { port } = await startServer(t);
  const { handshake } = await EngineClient.open(t, port);
  const { sid: _, ...rest } = handshake;
  assert.deepEqual(rest, { upgrades: [], pingInterval: 25_000, pingTimeout: 20_000, maxPayload: 1_000_000 });
});

const UNKNOWN_TRANSPORT = { code: 0, message: "Transport unknown" };
const UNKNOWN_SESSION = { code: 1, message: "Session ID unknown" };
const BAD_METHOD = { code: 2, message: "Bad handshake method" };
const BAD_REQUEST = { code: 3, message: "Bad request" };
const BAD_VERSION = { code: 5, message: "Unsupported protocol version" };

describe("a plain request is answered with JSON", () => {
  const cases: readonly (readonly [string, string, object])[] = [
    ["GET", "transport=websocket&EIO=4", BAD_REQUEST],
    ["GET", "transport=websocket", BAD_REQUEST],
    ["GET", "EIO=4&transport=polling", UNKNOWN_TRANSPORT],
    ["POST", "EIO=4&transport=polling", UNKNOWN_TRANSPORT],
    ["GET", "EIO=4&transport=carrier-pigeon", UNKNOWN_TRANSPORT],
    ["GET", "EIO=4&transport=__proto__", UNKNOWN_TRANSPORT],
    ["GET", "EIO=4&transport=constructor", UNKNOWN_TRANSPORT],
    ["GET", "EIO=4&transport=", UNKNOWN_TRANSPORT],
    ["GET", "EIO=4", UNKNOWN_TRANSPORT],
    ["GET", "", UNKNOWN_TRANSPORT],
    ["GET", "EIO=4&transport=websocket&sid=nobody", UNKNOWN_SESSION],
    ["GET", "EIO=4&transport=websocket&sid=__proto__", UNKNOWN_SESSION],
    ["GET", "transport=websocket&sid=", UNKNOWN_SESSION],
    ["POST", "EIO=4&transport=websocket", BAD_METHOD],
    ["DELETE", "EIO=4&transport=websocket", BAD_METHOD],
  ];
  for (const [method, query, expected] of cases) {
    test(`${method} ${query}`, async (t) => {
      const { port } = await startServer(t);
      const { status, headers, body } = await fetchPlain(port, `/socket.io/?${query}`, method);
      assert.equal(status, 400);
      assert.equal(headers["content-type"], "application/json");
      assert.deepEqual(JSON.parse(body), expected);
    });
  }

  test("for a session that is there", async (t) => {
    const { port } = await startServer(t);
    const { handshake } = await EngineClient.open(t, port);
    const { status, body } = await fetchPlain(port, `${SESSION_PATH}&sid=${String(handshake["sid"])}`);
    assert.equal(status, 400);
    assert.deepEqual(JSON.parse(body), BAD_REQUEST);
  });
});

describe("an upgrade is refused with text, before any 101", () => {
  const cases: readonly (readonly [string, { message: string }])[] = [
    ["transport=websocket", BAD_VERSION],
    ["transport=websocket&EIO=3", BAD_VERSION],
    ["transport=websocket&EIO=5", BAD_VERSION],
    ["transport=websocket&EIO=", BAD_VERSION],
    ["transport=websocket&EIO=4.0", BAD_VERSION],
    ["EIO=4", UNKNOWN_TRANSPORT],
    ["EIO=4&transport=polling", UNKNOWN_TRANSPORT],
    ["EIO=4&transport=__proto__", UNKNOWN_TRANSPORT],
    ["EIO=4&transport=WebSocket", UNKNOWN_TRANSPORT],
    ["EIO=4&transport=websocket&sid=nobody", UNKNOWN_SESSION],
    ["EIO=3&transport=websocket&sid=nobody", UNKNOWN_SESSION],
    ["EIO=4&transport=websocket&sid=__proto__", UNKNOWN_SESSION],
  ];
  for (const [query, { message }] of cases) {
    test(query, async (t) => {
      const { port } = await startServer(t);
      const raw = await connectRaw(t, port);
      await raw.writeHandshake(`/socket.io/?${query}`);
      const { status, headers } = await raw.head();
      assert.equal(status, 400);
      assert.match(headers["content-type"] ?? "", /^text\/plain/);
      assert.equal((await raw.text(Number(headers["content-length"]))).trim(), message);
      await raw.ended();
    });
  }
});

test("what is kept of the request reaches the application", async (t) => {
  const { io, port } = await startServer(t);
  const connected = new Promise<Parameters<Parameters<typeof io.on<"connection">>[1]>[0]>((resolve) => {
    io.once("connection", resolve);
  });
  const before = Date.now();
  const client = await EngineClient.open(t, port, `${SESSION_PATH}&room=7&room=8&__proto__=x`, {
    "User-Agent": "test",
  });
  await client.send('40{"token":"abc"}');
  const { handshake } = await connected;
  assert.deepEqual(handshake.auth, { token: "abc" });
  assert.equal(handshake.url, `${SESSION_PATH}&room=7&room=8&__proto__=x`);
  assert.equal(handshake.query["EIO"], "4");
  assert.equal(handshake.query["room"], "8");
  assert.equal(handshake.query["__proto__"], "x");
  assert.equal(handshake.query["toString"], undefined);
  assert.equal(handshake.headers["user-agent"], "test");
  assert.match(handshake.address, /127\.0\.0\.1/);
  assert.equal(handshake.secure, false);
  assert.ok(handshake.issued >= before && handshake.issued <= Date.now());
  assert.equal(new Date(handshake.time).getTime(), Math.floor(handshake.issued / 1000) * 1000);
});
