import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { ConnectionError, ServerOptions } from "../../src/engine/index.ts";
import {
  checkRequest,
  type EngineRequest,
  queryOf,
  sessionRequest,
  withQuery,
} from "../../src/engine/request-check.ts";
import { connectRaw, EngineClient } from "../support/engine-client.ts";
import { openPolling, POLLING_PATH, send, startEngine, WEBSOCKET_PATH } from "../support/engine-server.ts";

const UNKNOWN_TRANSPORT = { code: 0, message: "Transport unknown" };
const UNKNOWN_SESSION = { code: 1, message: "Session ID unknown" };
const BAD_METHOD = { code: 2, message: "Bad handshake method" };
const BAD_REQUEST = { code: 3, message: "Bad request" };
const FORBIDDEN = { code: 4, message: "Forbidden" };
const BAD_VERSION = { code: 5, message: "Unsupported protocol version" };

type Row = readonly [what: string, expected: { code: number; message: string }, options?: ServerOptions];

const REFUSING: ServerOptions = { allowRequest: (_request, callback) => callback(null, false) };

describe("a request is answered with JSON:", () => {
  const rows: readonly Row[] = [
    ["GET EIO=4", UNKNOWN_TRANSPORT],
    ["GET ", UNKNOWN_TRANSPORT],
    ["GET EIO=4&transport=", UNKNOWN_TRANSPORT],
    ["GET EIO=4&transport=carrier-pigeon", UNKNOWN_TRANSPORT],
    ["GET EIO=4&transport=__proto__", UNKNOWN_TRANSPORT],
    ["GET EIO=4&transport=constructor", UNKNOWN_TRANSPORT],
    ["GET EIO=4&transport=Polling", UNKNOWN_TRANSPORT],
    ["GET EIO=4&transport=polling&transport=x", UNKNOWN_TRANSPORT],
    ["GET EIO=4&transport=polling", UNKNOWN_TRANSPORT, { transports: ["websocket"] }],
    ["GET EIO=4&transport=websocket", UNKNOWN_TRANSPORT, { transports: ["polling"] }],
    ["GET EIO=4&transport=sse", UNKNOWN_TRANSPORT],
    ["GET EIO=4&transport=sse&link=1", UNKNOWN_TRANSPORT, { link: false }],
    ["GET EIO=4&transport=sse&link=1", UNKNOWN_TRANSPORT, { transports: ["websocket"] }],
    ["GET EIO=4&transport=polling&sid=nobody", UNKNOWN_SESSION],
    ["POST EIO=4&transport=polling&sid=nobody", UNKNOWN_SESSION],
    ["GET EIO=4&transport=websocket&sid=nobody", UNKNOWN_SESSION],
    ["GET EIO=4&transport=sse&sid=nobody", UNKNOWN_SESSION],
    ["GET EIO=4&transport=polling&sid=__proto__", UNKNOWN_SESSION],
    ["POST EIO=4&transport=polling", BAD_METHOD],
    ["POST EIO=4&transport=websocket", BAD_METHOD],
    ["DELETE EIO=4&transport=polling", BAD_METHOD],
    ["OPTIONS EIO=4&transport=polling", BAD_METHOD],
    ["GET EIO=4&transport=websocket", BAD_REQUEST],
    ["GET transport=websocket", BAD_REQUEST],
    ["GET EIO=4&transport=websocket&sid=", BAD_REQUEST],
    ["GET EIO=4&transport=polling", FORBIDDEN, REFUSING],
    [
      "GET EIO=4&transport=polling",
      { code: 4, message: "not you" },
      { allowRequest: (_request, callback) => callback("not you", false) },
    ],
    ["GET transport=polling", BAD_VERSION],
    ["GET EIO=3&transport=polling", BAD_VERSION],
    ["GET EIO=5&transport=polling", BAD_VERSION],
    ["GET EIO=&transport=polling", BAD_VERSION],
    ["GET EIO=4.0&transport=polling", BAD_VERSION],
    // Which of several faults is told: the order of the table.
    ["POST transport=x&sid=nobody", UNKNOWN_TRANSPORT, REFUSING],
    ["POST EIO=3&transport=polling&sid=nobody", UNKNOWN_SESSION, REFUSING],
    ["POST EIO=3&transport=polling", BAD_METHOD, REFUSING],
    ["GET EIO=3&transport=polling", FORBIDDEN, REFUSING],
  ];
  for (const [what, expected, options] of rows) {
    test(`${what} ${options === undefined ? "" : Object.keys(options).join()} → ${expected.message}`, async (t) => {
      const { engine, port } = await startEngine(t, options);
      const errors: ConnectionError[] = [];
      engine.on("connection_error", (error) => void errors.push(error));
      const [method, query] = what.split(" ");
      const answer = await send(port, `/engine.io/?${query}`, { method: method! });
      assert.equal(answer.status, expected.code === 4 ? 403 : 400);
      assert.equal(answer.headers["content-type"], "application/json");
      assert.deepEqual(JSON.parse(answer.text), expected);
      assert.deepEqual(
        errors.map(({ code, message }) => ({ code, message })),
        [expected],
      );
      assert.equal(errors[0]!.req.method, method);
      assert.equal(engine.clientsCount, 0);
    });
  }

  test("for a session on another transport", async (t) => {
    const { engine, port } = await startEngine(t);
    const contexts: unknown[] = [];
    engine.on("connection_error", ({ context }) => void contexts.push(context));
    const { handshake } = await EngineClient.open(t, port, WEBSOCKET_PATH);
    const { path } = await openPolling(port);
    const sid = String(handshake["sid"]);
    for (const [method, other] of [
      ["GET", `${POLLING_PATH}&sid=${sid}`],
      ["POST", `${POLLING_PATH}&sid=${sid}`],
      ["GET", `${WEBSOCKET_PATH}&sid=${sid}`],
      ["GET", path.replace("=polling", "=websocket")],
      ["PUT", path],
      ["HEAD", path],
    ] as const) {
      const { status, text } = await send(port, other, { method });
      assert.equal(status, 400, `${method} ${other}`);
      if (method !== "HEAD") assert.deepEqual(JSON.parse(text), BAD_REQUEST);
    }
    assert.deepEqual(contexts[0], {
      name: "TRANSPORT_MISMATCH",
      transport: "polling",
      previousTransport: "websocket",
    });
    assert.equal((await send(port, path.replace("=polling", "=sse"))).status, 400, "it is no link");
    assert.equal(engine.clientsCount, 2);
  });
});

describe("an upgrade is refused with text, before any 101:", () => {
  const rows: readonly Row[] = [
    ["EIO=4", UNKNOWN_TRANSPORT],
    ["EIO=4&transport=__proto__", UNKNOWN_TRANSPORT],
    ["EIO=4&transport=WebSocket", UNKNOWN_TRANSPORT],
    ["EIO=4&transport=websocket", UNKNOWN_TRANSPORT, { transports: ["polling"] }],
    ["EIO=4&transport=websocket&sid=nobody", UNKNOWN_SESSION],
    ["EIO=3&transport=websocket&sid=__proto__", UNKNOWN_SESSION],
    ["EIO=4&transport=polling", BAD_REQUEST],
    ["EIO=4&transport=websocket", FORBIDDEN, REFUSING],
    ["transport=websocket", BAD_VERSION],
    ["transport=websocket&EIO=3", BAD_VERSION],
    ["transport=websocket&EIO=4.0", BAD_VERSION],
    ["EIO=3&transport=websocket", FORBIDDEN, REFUSING],
  ];
  for (const [query, { code, message }, options] of rows) {
    test(`${query} ${options === undefined ? "" : Object.keys(options).join()} → ${message}`, async (t) => {
      const { engine, port } = await startEngine(t, options);
      const codes: number[] = [];
      engine.on("connection_error", (error) => void codes.push(error.code));
      const raw = await connectRaw(t, port);
      await raw.writeHandshake(`/engine.io/?${query}`);
      const { status, headers } = await raw.head();
      assert.equal(status, 400);
      assert.match(headers["content-type"] ?? "", /^text\/plain/);
      assert.equal((await raw.text(Number(headers["content-length"]))).trim(), message);
      await raw.ended();
      assert.deepEqual(codes, [code]);
    });
  }

  test("of a session that may not move", async (t) => {
    const { port } = await startEngine(t, { allowUpgrades: false });
    const { path, handshake } = await openPolling(port);
    assert.deepEqual(handshake["upgrades"], []);
    const raw = await connectRaw(t, port);
    await raw.writeHandshake(path.replace("=polling", "=websocket"));
    assert.equal((await raw.head()).status, 400);
  });
});

const RULES = { transports: ["polling", "websocket"], allowUpgrades: true, link: true } as const;

/** A request that no parser of Node's would let through. */
function requestWith(url: string, headers: Record<string, string>): EngineRequest {
  return { url, method: "GET", headers, _query: queryOf(url) } as unknown as EngineRequest;
}

test("an origin with characters that no header may have is refused, after the transport", () => {
  for (const [origin, isBad] of [
    ["https://example.com", false],
    ["https://exämple.com", false],
    ["", false],
    ["https://example.com\u0000", true],
    ["\u007F", true],
    ["a\nb", true],
    ["\u0100", true],
  ] as const) {
    const refused = checkRequest(requestWith(POLLING_PATH, { origin }), false, RULES, undefined);
    assert.deepEqual(
      refused?.context,
      isBad ? { name: "INVALID_ORIGIN", origin } : undefined,
      JSON.stringify(origin),
    );
    const unknown = checkRequest(requestWith("/?sid=x", { origin }), false, RULES, undefined);
    assert.equal(unknown?.code, 0);
    const nobody = checkRequest(requestWith(`${POLLING_PATH}&sid=x`, { origin }), false, RULES, undefined);
    assert.equal(nobody?.code, isBad ? 3 : 1);
  }
});

test("where sessions may not move to WebSocket, a link that was on one may come back", () => {
  const rules = { ...RULES, allowUpgrades: false };
  const path = "/?EIO=4&transport=websocket&sid=x";
  for (const [isLink, transportName, isRefused] of [
    [true, "websocket", false],
    [true, "polling", true],
    [false, "websocket", true],
    [false, "polling", true],
  ] as const) {
    const session = { isLink, transportName, acceptsRequest: () => true };
    const refused = checkRequest(requestWith(path, {}), true, rules, session);
    assert.equal(refused?.code, isRefused ? 3 : undefined, `${isLink} ${transportName}`);
  }
});

test("of several values in a query the last counts, and names have no meaning", () => {
  assert.deepEqual({ ...queryOf("/?a=1&a=2&b=%20&c") }, { a: "2", b: " ", c: "" });
  assert.equal(queryOf("/")["toString"], undefined);
  for (const text of [
    "",
    "&",
    "a",
    "a&&b",
    "=x",
    "a=b=c&",
    "a==",
    "&a=1",
    "a=b;c",
    "a=1+2",
    "a=%zz",
    "\u00e9=1",
  ]) {
    const known = Object.fromEntries(new URLSearchParams(text));
    assert.deepEqual({ ...queryOf(`/?${text}`) }, known, text);
  }
  assert.equal(queryOf("/?__proto__=x")["__proto__"], "x");
  const request = { url: "/?a=1" } as unknown as EngineRequest;
  assert.equal(withQuery(request)._query, withQuery(request)._query);
});

test("of a request over HTTP/2 the headers are kept by the names of HTTP/1.1", () => {
  const request = {
    url: "/",
    httpVersionMajor: 2,
    headers: { ":authority": "example.com", ":path": "/", cookie: "a=b" },
    socket: { remoteAddress: "::1", encrypted: true },
  } as unknown as EngineRequest;
  const { issuedAtMs, ...rest } = sessionRequest(request, { address: "::1", secure: true }, false);
  assert.ok(Math.abs(Date.now() - issuedAtMs) < 1000);
  assert.deepEqual(rest, {
    url: "/",
    headers: { cookie: "a=b", host: "example.com" },
    address: "::1",
    secure: true,
  });
  const origin = { address: "::1", secure: true };
  assert.equal(sessionRequest(request, origin, true).raw, request);
  assert.equal("context" in sessionRequest(request, origin, false), false);
  request.context = { user: "ada" };
  assert.deepEqual(sessionRequest(request, origin, false).context, { user: "ada" });
});
