import assert from "node:assert/strict";
import { inspect } from "node:util";
import { createServer } from "node:http";
import { Endpoint, RequestError } from "../../../src/client/endpoint.ts";
import { EngineSession } from "../../../src/client/engine-session.ts";
import { nodePlatform } from "../../../src/client/node.ts";
import type { ManagerOptions } from "../../../src/client/options.ts";
import { Preference } from "../../../src/client/preference.ts";
import { Server } from "../../../src/engine/server.ts";
import { listen } from "../../support/listen.ts";
import { RecordingSession } from "../../support/recording-session.ts";
import { until } from "../../support/until.ts";

/** Of longer bodies Python's server reads, with aiohttp, only what has come so far. */
const SIZES = [0, 1, 125, 126, 10_000];
const COUNT = 50;
const WAYS: readonly NonNullable<ManagerOptions["transports"]>[] = [
  ["polling"],
  ["websocket"],
  ["polling", "websocket"],
];

/** Our engine for clients in other languages: echoes, and pings often. */
export async function withOurEngine(work: (url: string) => Promise<void>): Promise<void> {
  const http = createServer();
  const engine = new Server({ pingInterval: 300, pingTimeout: 5000 });
  engine.attach(http, { path: "/engine.io/" });
  engine.on("connection", (socket) => {
    socket.on("message", (data) => socket.send(data));
  });
  const port = await listen(http);
  try {
    await work(`http://127.0.0.1:${port}`);
    await until(() => engine.clientsCount === 0);
  } finally {
    await engine.close();
    http.closeAllConnections();
    await new Promise((resolve) => http.close(resolve));
  }
}

/** Our client at an engine in another language that does the same. */
export async function visitEngine(port: number): Promise<void> {
  for (const transports of WAYS) await visitBy(port, transports);
}

async function visitBy(port: number, transports: NonNullable<ManagerOptions["transports"]>): Promise<void> {
  const handler = new RecordingSession();
  const options: ManagerOptions = { path: "/engine.io/", transports };
  const session = new EngineSession(
    new Endpoint(`http://127.0.0.1:${port}`, options, nodePlatform),
    new Preference(nodePlatform, "", { rememberTransport: false }),
    options,
    handler,
  );
  const sent: (string | Buffer)[] = [];
  const say = (message: string | Buffer): void => {
    sent.push(message);
    if (typeof message === "string") session.send(message, []);
    else session.send("before bytes", [message]);
  };
  await until(() => handler.isOpen || handler.end !== undefined);
  for (const size of SIZES) {
    say(`x${"é".repeat(size)}`);
    sent.push("before bytes");
    say(Buffer.from(Uint8Array.from({ length: size }, (_, at) => (at * 7) & 255)));
    await until(() => handler.received.length >= sent.length || handler.end !== undefined);
  }
  for (let number = 0; number < COUNT; number += 1) say(`n${number}`);
  await until(() => handler.received.length >= sent.length || handler.end !== undefined);
  await until(() => handler.kinds.at(-1) === transports.at(-1) || handler.end !== undefined);
  say("still here");
  await until(() => handler.received.length >= sent.length || handler.end !== undefined);
  assert.ok(handler.isOpen, transports.join());
  assert.deepEqual(
    handler.received.map((data) => (typeof data === "string" ? data : Buffer.from(data))),
    sent,
  );
  session.send("goodbye", []);
  await until(() => handler.end !== undefined);
  const { reason, error } = handler.end!;
  const isForgotten = transports.join() === "polling" && isForgottenGoodbye(error);
  const expected = isForgotten ? "transport error" : "transport close";
  assert.equal(reason, expected, `${transports.join()}: ${inspect(handler.end)}`);
}

/**
 * python-engineio (4.3) gives its close packet only to a GET that waits just then. Between an answer, such as a ping, and the next GET none does:
 * it refuses that GET with 500, the close packet is lost, and what comes later is answered with 400.
 */
function isForgottenGoodbye(error: Error | undefined): boolean {
  return error instanceof RequestError && (error.status === 500 || error.status === 400);
}
