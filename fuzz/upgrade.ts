/**
 * Whatever bytes a client opens with, a server answers with whole HTTP responses, the last of them a right 101 if it takes the
 * handshake, or drops the stream; afterwards it has no connection left and still serves the next client.
 */
import assert from "node:assert/strict";
import { connect } from "node:net";
import { WebSocketServer } from "../src/websocket/index.ts";
import { handshakeText, SAMPLE_ACCEPT } from "../test/support/raw-client.ts";
import { portOf } from "../test/support/listen.ts";
import type { SeededRandom } from "../src/testing/seeded-random.ts";
import { frameStream } from "./lib/frame-streams.ts";
import { type FuzzOptions, type FuzzReport, fuzzer } from "./lib/fuzzer.ts";
import { mutate, splice } from "./lib/mutate.ts";
import { requestHeaders } from "./lib/requests.ts";

/** Starts a server, tries the inputs on it, and stops it. */
export async function run(options: FuzzOptions): Promise<FuzzReport> {
  const server = new WebSocketServer({
    port: 0,
    host: "127.0.0.1",
    perMessageDeflate: true,
    maxPayload: 100_000,
  });
  server.on("connection", (socket) => {
    socket.on("message", (data, isBinary) => socket.send(data as Buffer, { binary: isBinary }));
  });
  await new Promise<void>((resolve) => server.once("listening", () => resolve()));
  const port = portOf(server);
  try {
    return await fuzzer("upgrade", async (random) => {
      const input = opening(random);
      const outcome = judge(await converse(port, input), input);
      await until(() => server.clients.size === 0);
      const next = await converse(port, Buffer.from(handshakeText()));
      assert.match(next.toString("latin1"), /^HTTP\/1\.1 101 /, "the next client was not served");
      return outcome;
    })(options);
  } finally {
    await server.shutdown();
  }
}

/** Says everything, ends its direction, and returns all that the server said before it ended its own. */
function converse(port: number, input: Buffer): Promise<Buffer> {
  return new Promise((resolve) => {
    const received: Buffer[] = [];
    const stream = connect({ port, host: "127.0.0.1" }, () => stream.end(input));
    stream.on("data", (chunk: Buffer) => received.push(chunk));
    stream.on("error", () => stream.destroy());
    stream.on("close", () => resolve(Buffer.concat(received)));
  });
}

/** Reads what a server said: HTTP responses, each whole; behind a 101 only frames may follow. */
function judge(answer: Buffer, input: Buffer): string {
  const what = `${JSON.stringify(input.toString("latin1"))} was answered ${JSON.stringify(answer.toString("latin1"))}`;
  let last = "dropped";
  for (let at = 0; at < answer.length;) {
    const end = answer.indexOf("\r\n\r\n", at);
    assert.ok(end >= 0, `a head without an end: ${what}`);
    const head = answer.toString("latin1", at, end);
    const status = /^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1];
    assert.ok(status !== undefined, `no status line: ${what}`);
    last = status;
    if (status === "101") {
      const accept = /^Sec-WebSocket-Accept: (\S+)$/m.exec(head)?.[1];
      assert.ok(
        accept !== undefined && (accept === SAMPLE_ACCEPT || accept.length === SAMPLE_ACCEPT.length),
        what,
      );
      assert.match(input.toString("latin1"), /websocket/i, what);
      return last;
    }
    assert.match(head, /^connection: .*close/im, what);
    at = end + 4 + bodyLength(head);
    assert.ok(at <= answer.length, `a body cut short: ${what}`);
  }
  // Who sends a whole head gets an answer.
  if (last === "dropped") assert.ok(!input.includes("\r\n\r\n"), what);
  return last;
}

/** Node itself answers what it can't read, sometimes with an empty chunked body. */
function bodyLength(head: string): number {
  if (/^transfer-encoding: chunked$/im.test(head)) return "0\r\n\r\n".length;
  return Number(/^content-length: (\d+)$/im.exec(head)?.[1] ?? 0);
}

function opening(random: SeededRandom): Buffer {
  const headers = requestHeaders(random);
  const asText = random.fraction() < 0.5 ? handshakeText() : textOf(headers, random);
  const frames =
    random.fraction() < 0.5 ? frameStream(random, { masked: true, compressed: false }) : Buffer.alloc(0);
  const whole = Buffer.concat([Buffer.from(asText, "latin1"), frames]);
  const draw = random.fraction();
  if (draw < 0.3) return whole;
  if (draw < 0.9) return Buffer.concat([mutate(Buffer.from(asText, "latin1"), random), frames]);
  return splice(whole, Buffer.from(handshakeText("/other"), "latin1"), random);
}

function textOf(headers: Readonly<Record<string, string>>, random: SeededRandom): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${random.pick(["GET", "GET", "GET", "POST"])} / HTTP/1.1\r\n${lines.join("")}\r\n`;
}

/** Turns of the event loop until something holds: all of it is in this process and about to happen. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise<void>((resolve) => void setImmediate(resolve));
}
