/**
 * Whatever a handshake's headers say, checking them throws nothing but `HandshakeError` with a status of its kind; what is accepted
 * is well-formed, and both sides of a negotiation always come to the same parameters.
 */
import assert from "node:assert/strict";
import { HandshakeError } from "../src/protocol/errors.ts";
import { formatExtension, parseExtensions } from "../src/protocol/extensions.ts";
import {
  checkConnectRequest,
  checkUpgradeRequest,
  checkUpgradeResponse,
  isToken,
} from "../src/protocol/handshake.ts";
import {
  acceptDeflate,
  checkDeflateAnswer,
  type DeflateWishes,
  offerDeflate,
} from "../src/protocol/permessage-deflate.ts";
import type { SeededRandom } from "../src/testing/seeded-random.ts";
import { fuzzer, type Run } from "./lib/fuzzer.ts";
import { extensionsHeader, requestHeaders } from "./lib/requests.ts";

const REFUSALS = [400, 405, 426];
const LONGEST_KEY = 24;

export const run: Run = fuzzer("handshake", (random) => {
  switch (random.integer(0, 3)) {
    case 0:
      return tryRequest(random);
    case 1:
      return tryResponse(random);
    case 2:
      return tryExtensions(random);
    default:
      return tryNegotiation(random);
  }
});

function tryRequest(random: SeededRandom): string {
  const headers = requestHeaders(random);
  const method = random.fraction() < 0.95 ? "GET" : random.pick(["POST", "get", "CONNECT", ""]);
  const httpVersion = random.fraction() < 0.95 ? "1.1" : random.pick(["1.0", "2.0", "", "x"]);
  const request = { method, httpVersion, headers };
  const offer = unlessRefused(() => checkUpgradeRequest(request), REFUSALS);
  if (offer === undefined) return "request refused";
  const what = JSON.stringify(request);
  const { key, protocols, extensions } = offer;
  assert.equal(key.length, LONGEST_KEY, what);
  assert.equal(Buffer.from(key, "base64").toString("base64"), key, what);
  assert.equal(Buffer.from(key, "base64").length, 16, what);
  assert.equal(method, "GET", what);
  assert.equal(new Set(protocols).size, protocols.length, what);
  assert.ok(protocols.every(isToken), what);
  const overHttp2 = checkConnectRequest(headers);
  assert.deepEqual([overHttp2.protocols, overHttp2.extensions], [protocols, extensions], what);
  return "request accepted";
}

function tryResponse(random: SeededRandom): string {
  const accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
  const { upgrade, connection, ...rest } = requestHeaders(random);
  const headers = {
    ...(upgrade !== undefined && { upgrade: random.fraction() < 0.8 ? "websocket" : upgrade }),
    ...(connection !== undefined && { connection }),
    "sec-websocket-accept": random.fraction() < 0.9 ? accept : "",
    ...(random.fraction() < 0.3 && { "sec-websocket-protocol": rest["sec-websocket-protocol"] }),
    ...(random.fraction() < 0.6 && { "sec-websocket-extensions": extensionsHeader(random) }),
  };
  const protocols = random.pick([[], ["chat"], ["soap", "v1.room"]]);
  const deflate = random.fraction() < 0.7 ? wishesOf(random) : undefined;
  const status = random.fraction() < 0.95 ? 101 : random.pick([0, 200, 404]);
  const answer = unlessRefused(
    () => checkUpgradeResponse(status, headers, { accept, protocols, deflate }),
    [status, 101, 400],
  );
  if (answer === undefined) return "response refused";
  assert.ok(answer.protocol === "" || protocols.includes(answer.protocol), JSON.stringify(headers));
  assert.ok(answer.deflate === undefined || deflate !== undefined, JSON.stringify(headers));
  return "response accepted";
}

function tryExtensions(random: SeededRandom): string {
  const header = extensionsHeader(random);
  const parsed = unlessRefused(() => parseExtensions(header), [400]);
  if (parsed === undefined) return "extensions refused";
  assert.ok(parsed.length > 0, header);
  for (const { name, parameters } of parsed) {
    assert.ok(isToken(name), header);
    assert.ok(
      parameters.every(([key, value]) => isToken(key) && (value === true || isToken(value))),
      header,
    );
  }
  assert.deepEqual(parseExtensions(parsed.map(formatExtension).join(", ")), parsed, header);
  const accepted = acceptDeflate(parsed, wishesOf(random));
  if (accepted === undefined) return "extensions declined";
  assert.ok(accepted.parameters.serverMaxWindowBits >= 9, header);
  assert.ok(accepted.parameters.serverMaxWindowBits <= 15, header);
  assert.ok(accepted.parameters.clientMaxWindowBits >= 8, header);
  assert.ok(accepted.parameters.clientMaxWindowBits <= 15, header);
  return "extensions accepted";
}

/** Our own client and server, with whatever each wants. */
function tryNegotiation(random: SeededRandom): string {
  const [client, server] = [wishesOf(random), wishesOf(random)];
  const offer = offerDeflate(client);
  const what = JSON.stringify({ client, server, offer });
  const accepted = acceptDeflate(parseExtensions(offer), server);
  assert.ok(accepted !== undefined, what);
  const chosen = checkDeflateAnswer(parseExtensions(accepted.answer), client);
  // What the server says is allowed to the client, the client may use less of.
  assert.ok(chosen.clientMaxWindowBits <= accepted.parameters.clientMaxWindowBits, what);
  assert.ok(chosen.clientNoContextTakeover || !accepted.parameters.clientNoContextTakeover, what);
  assert.equal(chosen.serverMaxWindowBits, accepted.parameters.serverMaxWindowBits, what);
  assert.equal(chosen.serverNoContextTakeover, accepted.parameters.serverNoContextTakeover, what);
  return "negotiated";
}

function wishesOf(random: SeededRandom): DeflateWishes {
  const bits = (): number | undefined => (random.fraction() < 0.5 ? undefined : random.integer(9, 15));
  return {
    serverNoContextTakeover: random.fraction() < 0.3,
    clientNoContextTakeover: random.fraction() < 0.3,
    serverMaxWindowBits: bits(),
    clientMaxWindowBits: random.fraction() < 0.2 ? true : bits(),
  };
}

function unlessRefused<Result>(work: () => Result, statuses: readonly number[]): Result | undefined {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof HandshakeError)) throw error;
    assert.ok(statuses.includes(error.status), `status ${error.status}`);
    assert.ok(error.message.length > 0);
    return undefined;
  }
}
