/**
 * Whatever requests a client makes at an engine's path, each whole one is answered with a whole HTTP response and a status of the error table, or it is
 * held; no session stays but those that were opened, and the next client is served.
 */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { connect } from "node:net";
import { Server } from "../src/engine/server.ts";
import { listen } from "../test/support/listen.ts";
import type { SeededRandom } from "../src/testing/seeded-random.ts";
import { type FuzzOptions, type FuzzReport, fuzzer } from "./lib/fuzzer.ts";
import { mutate, mutateText } from "./lib/mutate.ts";

const STATUSES = new Set([
  200, 204, 400, 403, 404, 405, 408, 411, 413, 414, 417, 426, 429, 431, 501, 503, 505,
]);
const METHODS = [
  ...Array.from({ length: 10 }, (_, at) => (at & 1 ? "GET" : "POST")),
  "PUT",
  "DELETE",
  "OPTIONS",
  "HEAD",
  "PATCH",
];
const ALPHABET = [
  "&",
  "=",
  "sid=",
  "__proto__",
  "constructor",
  "transport=polling",
  "transport=websocket",
  "transport=sse",
  "link=1",
  "move=1",
  "ack=0",
  "ack=-1",
  "seq=9",
  "hold=0",
  "EIO=3",
  "%",
  "%00",
  "%F0%9F",
  "é",
  "?",
  "#",
  "x".repeat(2000),
];
const BODIES = [
  "",
  "4x",
  "4x\u001E4y",
  "2",
  "1",
  "bAAA=",
  "b!",
  "\u001E",
  "0{}",
  "7",
  "4\ud83d",
  "4".repeat(3000),
];
/** A response that has not come by then is held. */
const PATIENCE_MS = 25;
/** One that must come. */
const LONG_PATIENCE_MS = 5000;
/** The server closes the connection after its answer. */
const LAST = ["Connection: close"];

/** Starts a server, tries the inputs on it, and stops it. */
export async function run(options: FuzzOptions): Promise<FuzzReport> {
  const http = createServer();
  const engine = new Server({ maxHttpBufferSize: 2000, pingInterval: 25_000 });
  engine.attach(http, { path: "/engine.io/" });
  const port = await listen(http);
  try {
    return await fuzzer("engine-requests", async (random) => {
      const sid = random.fraction() < 0.85 ? await openSession(port, random) : "nobody";
      const outcome = judge(await converse(port, requests(random, sid)));
      for (const session of Object.values(engine.clients)) session.close();
      const next = await ask(port, "EIO=4&transport=polling");
      assert.match(next, /^HTTP\/1\.1 200 /, "the next client was not served");
      for (const session of Object.values(engine.clients)) session.close();
      assert.equal(engine.clientsCount, 0);
      return outcome;
    })(options);
  } finally {
    http.closeAllConnections();
    await engine.close();
    await new Promise((resolve) => http.close(resolve));
  }
}

async function openSession(port: number, random: SeededRandom): Promise<string> {
  const link = random.fraction() < 0.5 ? "&link=1" : "";
  const answer = await ask(port, `EIO=4&transport=polling${link}`);
  const sid = /"sid":"([^"]+)"/.exec(answer)?.[1];
  assert.ok(sid !== undefined, answer);
  return sid;
}

function ask(port: number, query: string): Promise<string> {
  return converse(port, request("GET", query, "", LAST), LONG_PATIENCE_MS);
}

/** Says everything and returns what was answered until the server ended, or had nothing more to say. */
function converse(port: number, input: Buffer, patienceMs = PATIENCE_MS): Promise<string> {
  return new Promise((resolve) => {
    const received: Buffer[] = [];
    const stream = connect({ port, host: "127.0.0.1" }, () => stream.write(input));
    const timer = setTimeout(() => stream.destroy(), patienceMs);
    stream.on("data", (chunk: Buffer) => {
      received.push(chunk);
      timer.refresh();
    });
    stream.on("error", () => stream.destroy());
    stream.on("close", () => {
      clearTimeout(timer);
      resolve(Buffer.concat(received).toString("latin1"));
    });
  });
}

/** Reads what a server said, and tells the first status that is not 400: HTTP responses, each whole unless it is a stream; behind a 101 anything may follow. */
function judge(answer: string): string {
  let told = "held";
  for (let at = 0; at < answer.length;) {
    const end = answer.indexOf("\r\n\r\n", at);
    assert.ok(end >= 0, `a head without an end: ${JSON.stringify(answer)}`);
    const head = answer.slice(at, end);
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1]);
    if (status === 101) return "101";
    if (status === 100) {
      at = end + 4;
      continue;
    }
    assert.ok(STATUSES.has(status), head);
    assert.doesNotMatch(answer, /\bat .*\.ts:\d+/, "a stack reached the peer");
    if (told === "held" || told === "400") told = String(status);
    if (/^content-type: text\/event-stream/im.test(head)) return "stream";
    const length = /^content-length: (\d+)$/im.exec(head)?.[1];
    if (length === undefined) return told;
    // An answer to HEAD has the length and no body.
    at = end + 4 + (answer.startsWith("HTTP/1.1 ", end + 4) ? 0 : Number(length));
    if (at > answer.length) return told;
  }
  return told;
}

function requests(random: SeededRandom, sid: string): Buffer {
  const all: Buffer[] = [];
  for (let count = random.integer(1, 3); count > 0; count -= 1) {
    const transport = random.pick(["polling", "polling", "polling", "polling", "sse", "websocket"]);
    let query = `EIO=4&transport=${transport}&sid=${sid}`;
    if (random.fraction() < 0.7) query += `&move=${random.pick([0, 0, 0, 1, 2])}&ack=0&seq=1&hold=0`;
    if (random.fraction() < 0.2) query = mutateText(query, random, ALPHABET);
    const body =
      random.fraction() < 0.6 ? random.pick(BODIES) : mutateText(random.pick(BODIES), random, BODIES);
    const whole = request(random.pick(METHODS), query.replace(/[\s\0]/g, "+"), body, headers(random));
    all.push(random.fraction() < 0.15 ? mutate(whole, random) : whole);
  }
  return Buffer.concat(all);
}

function headers(random: SeededRandom): readonly string[] {
  if (random.fraction() < 0.7) return [];
  return random.pick([
    [
      "Connection: Upgrade",
      "Upgrade: websocket",
      "Sec-WebSocket-Version: 13",
      `Sec-WebSocket-Key: ${"A".repeat(22)}==`,
    ],
    ["Content-Type: application/octet-stream"],
    ["Origin: http://a\u0001b"],
    ["Expect: 100-continue"],
  ]);
}

function request(method: string, query: string, body: string, more: readonly string[]): Buffer {
  const bytes = Buffer.from(body);
  const lines = [`${method} /engine.io/?${query} HTTP/1.1`, "Host: localhost", ...more];
  if (bytes.length > 0 || method === "POST") lines.push(`Content-Length: ${bytes.length}`);
  return Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`), bytes]);
}
