import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { HandshakeError } from "../../src/protocol/errors.ts";
import {
  checkUpgradeRequest,
  checkUpgradeResponse,
  type Headers,
  isToken,
  type UpgradeOffer,
} from "../../src/protocol/handshake.ts";

const KEY = "dGhlIHNhbXBsZSBub25jZQ==";
const ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

interface RequestChanges {
  readonly method?: string | undefined;
  readonly httpVersion?: string;
  readonly headers?: Headers;
}

function request(changes: RequestChanges = {}): UpgradeOffer {
  return checkUpgradeRequest({
    method: "GET",
    httpVersion: "1.1",
    ...changes,
    headers: {
      host: "example.com",
      upgrade: "websocket",
      connection: "Upgrade",
      "sec-websocket-version": "13",
      "sec-websocket-key": KEY,
      ...changes.headers,
    },
  });
}

function refusal(action: () => unknown): HandshakeError {
  try {
    action();
  } catch (error) {
    assert.ok(error instanceof HandshakeError, String(error));
    assert.match(error.message, /^[A-Z].*\.$/);
    return error;
  }
  return assert.fail("nothing was thrown");
}

describe("a request", () => {
  test("with all that is needed is taken", () => {
    assert.deepEqual(request(), { key: KEY, protocols: [], extensions: [] });
  });

  const GOOD: [string, RequestChanges][] = [
    ["Upgrade in other letters", { headers: { upgrade: "WebSocket" } }],
    ["Upgrade as a list", { headers: { upgrade: "h2c, websocket" } }],
    ["Connection as a list", { headers: { connection: "keep-alive, Upgrade" } }],
    [
      "Connection as a list without blanks, in other letters",
      { headers: { connection: "Keep-Alive,UPGRADE" } },
    ],
    ["Connection in several headers", { headers: { connection: ["keep-alive", "upgrade"] } }],
    ["HTTP/2", { httpVersion: "2.0" }],
    ["blanks around the version", { headers: { "sec-websocket-version": " 13 " } }],
  ];
  for (const [name, changes] of GOOD) {
    test(`is taken: ${name}`, () => {
      assert.equal(request(changes).key, KEY);
    });
  }

  const BAD: [string, RequestChanges, number, string][] = [
    ["POST", { method: "POST" }, 405, "WS_ERR_HANDSHAKE_METHOD"],
    ["HEAD", { method: "HEAD" }, 405, "WS_ERR_HANDSHAKE_METHOD"],
    ["get in small letters", { method: "get" }, 405, "WS_ERR_HANDSHAKE_METHOD"],
    ["no method", { method: undefined }, 405, "WS_ERR_HANDSHAKE_METHOD"],
    ["HTTP/1.0", { httpVersion: "1.0" }, 400, "WS_ERR_HANDSHAKE_HEADER"],
    ["no Host", { headers: { host: undefined } }, 400, "WS_ERR_HANDSHAKE_HEADER"],
    ["no Upgrade", { headers: { upgrade: undefined } }, 400, "WS_ERR_HANDSHAKE_HEADER"],
    ["another Upgrade", { headers: { upgrade: "h2c" } }, 400, "WS_ERR_HANDSHAKE_HEADER"],
    [
      "Upgrade with websocket inside a word",
      { headers: { upgrade: "xwebsocket" } },
      400,
      "WS_ERR_HANDSHAKE_HEADER",
    ],
    ["no Connection", { headers: { connection: undefined } }, 400, "WS_ERR_HANDSHAKE_HEADER"],
    ["Connection without Upgrade", { headers: { connection: "keep-alive" } }, 400, "WS_ERR_HANDSHAKE_HEADER"],
    ["Connection: upgrades", { headers: { connection: "upgrades" } }, 400, "WS_ERR_HANDSHAKE_HEADER"],
    ["no version", { headers: { "sec-websocket-version": undefined } }, 426, "WS_ERR_HANDSHAKE_VERSION"],
    ["version 8", { headers: { "sec-websocket-version": "8" } }, 426, "WS_ERR_HANDSHAKE_VERSION"],
    ["version 013", { headers: { "sec-websocket-version": "013" } }, 426, "WS_ERR_HANDSHAKE_VERSION"],
    ["two versions", { headers: { "sec-websocket-version": "13, 8" } }, 426, "WS_ERR_HANDSHAKE_VERSION"],
    ["no key", { headers: { "sec-websocket-key": undefined } }, 400, "WS_ERR_HANDSHAKE_HEADER"],
    ["an empty key", { headers: { "sec-websocket-key": "" } }, 400, "WS_ERR_HANDSHAKE_HEADER"],
    [
      "a key of 15 bytes",
      { headers: { "sec-websocket-key": "dGhlIHNhbXBsZSBub25j" } },
      400,
      "WS_ERR_HANDSHAKE_HEADER",
    ],
    [
      "a key of 17 bytes",
      { headers: { "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZSE=" } },
      400,
      "WS_ERR_HANDSHAKE_HEADER",
    ],
    [
      "a key without padding",
      { headers: { "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ" } },
      400,
      "WS_ERR_HANDSHAKE_HEADER",
    ],
    [
      "a key in base64url",
      { headers: { "sec-websocket-key": "-_hlIHNhbXBsZSBub25jZQ==" } },
      400,
      "WS_ERR_HANDSHAKE_HEADER",
    ],
    [
      "a key with something behind it",
      { headers: { "sec-websocket-key": `${KEY}x` } },
      400,
      "WS_ERR_HANDSHAKE_HEADER",
    ],
    ["two keys", { headers: { "sec-websocket-key": `${KEY}, ${KEY}` } }, 400, "WS_ERR_HANDSHAKE_HEADER"],
    [
      "two keys in two headers",
      { headers: { "sec-websocket-key": [KEY, KEY] } },
      400,
      "WS_ERR_HANDSHAKE_HEADER",
    ],
    [
      "a subprotocol that is no token",
      { headers: { "sec-websocket-protocol": "a b" } },
      400,
      "WS_ERR_HANDSHAKE_HEADER",
    ],
    [
      "a subprotocol twice",
      { headers: { "sec-websocket-protocol": "a, b, a" } },
      400,
      "WS_ERR_HANDSHAKE_HEADER",
    ],
    [
      "a subprotocol with a quote",
      { headers: { "sec-websocket-protocol": 'a"' } },
      400,
      "WS_ERR_HANDSHAKE_HEADER",
    ],
  ];
  for (const [name, changes, status, code] of BAD) {
    test(`is refused with ${status}: ${name}`, () => {
      const error = refusal(() => request(changes));
      assert.equal(error.status, status);
      assert.equal(error.code, code);
    });
  }

  test("of a wrong version is told which one is spoken", () => {
    const error = refusal(() => request({ headers: { "sec-websocket-version": "14" } }));
    assert.deepEqual(error.headers, { "Sec-WebSocket-Version": "13" });
  });

  test("of a wrong method is told which one is right", () => {
    assert.deepEqual(refusal(() => request({ method: "POST" })).headers, { Allow: "GET" });
  });

  test("offers subprotocols in its order, from one header or several", () => {
    const offer = (protocols: string | string[]): readonly string[] =>
      request({ headers: { "sec-websocket-protocol": protocols } }).protocols;
    assert.deepEqual(offer("chat"), ["chat"]);
    assert.deepEqual(offer("soap,  wamp ,chat"), ["soap", "wamp", "chat"]);
    assert.deepEqual(offer(["soap, wamp", "chat"]), ["soap", "wamp", "chat"]);
    assert.deepEqual(offer("Chat, chat"), ["Chat", "chat"]);
  });
});

describe("a response", () => {
  const expected = { accept: ACCEPT, protocols: ["chat", "superchat"] };
  const right: Headers = { upgrade: "websocket", connection: "Upgrade", "sec-websocket-accept": ACCEPT };

  function response(changes: Headers = {}, status = 101): string {
    return checkUpgradeResponse(status, { ...right, ...changes }, expected).protocol;
  }

  test("that is right is taken; without a subprotocol that is the empty string", () => {
    assert.equal(response(), "");
    assert.equal(response({ upgrade: "WebSocket", connection: "upgrade" }), "");
    assert.equal(response({ connection: "keep-alive, Upgrade" }), "");
    assert.equal(response({ "sec-websocket-accept": ` ${ACCEPT} ` }), "");
  });

  test("may choose a subprotocol that was offered", () => {
    assert.equal(response({ "sec-websocket-protocol": "superchat" }), "superchat");
  });

  for (const status of [200, 301, 400, 401, 426, 503]) {
    test(`with status ${status} is refused`, () => {
      const error = refusal(() => response({}, status));
      assert.equal(error.status, status);
      assert.equal(error.code, "WS_ERR_HANDSHAKE_RESPONSE");
    });
  }

  const BAD: [string, Headers][] = [
    ["no Upgrade", { upgrade: undefined }],
    ["another Upgrade", { upgrade: "h2c" }],
    ["no Connection", { connection: undefined }],
    ["Connection without Upgrade", { connection: "close" }],
    ["no accept value", { "sec-websocket-accept": undefined }],
    ["another accept value", { "sec-websocket-accept": "AAAAAAAAAAAAAAAAAAAAAAAAAAA=" }],
    ["the accept value in small letters", { "sec-websocket-accept": ACCEPT.toLowerCase() }],
    ["a subprotocol that was not offered", { "sec-websocket-protocol": "other" }],
    ["a subprotocol in other letters", { "sec-websocket-protocol": "Chat" }],
    ["two subprotocols", { "sec-websocket-protocol": "chat, superchat" }],
    ["an empty subprotocol", { "sec-websocket-protocol": "" }],
    ["an extension", { "sec-websocket-extensions": "permessage-deflate" }],
  ];
  for (const [name, changes] of BAD) {
    test(`is refused: ${name}`, () => {
      assert.equal(refusal(() => response(changes)).code, "WS_ERR_HANDSHAKE_RESPONSE");
    });
  }
});

test("a token has visible ASCII characters, but no separators (RFC 7230 §3.2.6)", () => {
  const separators = '"(),/:;<=>?@[\\]{} \t';
  for (let unit = 0; unit < 256; unit += 1) {
    const character = String.fromCharCode(unit);
    const expected = unit > 0x20 && unit < 0x7f && !separators.includes(character);
    assert.equal(isToken(character), expected, `0x${unit.toString(16)}`);
    assert.equal(isToken(`a${character}b`), expected, `0x${unit.toString(16)}`);
  }
  assert.equal(isToken(""), false);
  assert.equal(isToken("chat\n"), false);
});
