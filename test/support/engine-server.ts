import {
  type Agent,
  createServer,
  type IncomingHttpHeaders,
  request,
  type Server as HttpServer,
} from "node:http";
import type { TestContext } from "node:test";
import { Server, type ServerOptions } from "../../src/engine/index.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { undoAfter } from "./fixture.ts";
import { listen } from "./listen.ts";
import { RecordingLogger } from "./recording-logger.ts";

/** The path of a polling handshake, and the beginning of every other request. */
export const POLLING_PATH = "/engine.io/?EIO=4&transport=polling";
/** The path of a WebSocket handshake. */
export const WEBSOCKET_PATH = "/engine.io/?EIO=4&transport=websocket";

/** An engine under test. */
export interface RunningEngine {
  readonly engine: Server;
  readonly http: HttpServer;
  readonly port: number;
  /** What was logged; whatever is left there at the end of the test fails it. */
  readonly log: RecordingLogger;
}

/** Starts an engine on a free port of the loopback address; it is closed after the test. */
export async function startEngine(
  t: TestContext,
  options: ServerOptions = {},
  http: HttpServer = createServer(),
): Promise<RunningEngine> {
  const log = new RecordingLogger();
  const engine = new Server({ logger: log, shutdownTimeout: 50, ...options });
  engine.attach(http);
  const port = await listen(http);
  undoAfter(t, async () => {
    const closing = engine.close();
    // Nobody else will move its time on.
    if (options.clock instanceof FakeClock) options.clock.advance(60_000);
    await closing;
    http.close();
    http.closeAllConnections();
    log.assertEmpty();
  });
  return { engine, http, port, log };
}

/** A request, as far as it is not a plain GET. */
export interface SentRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  readonly agent?: Agent;
  /** Called with what ends the request before its answer has come. */
  readonly onSent?: (abort: () => void) => void;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  readonly text: string;
}

/** Makes a request to a port of the loopback address. */
export function send(port: number, path: string, options: SentRequest = {}): Promise<Answer> {
  const { method = "GET", headers = {}, body, agent = false, onSent } = options;
  return new Promise((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port, path, method, headers, agent }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => void chunks.push(chunk));
      response.once("error", reject);
      response.once("end", () => {
        const bytes = Buffer.concat(chunks);
        const { statusCode = 0, headers: received } = response;
        resolve({ status: statusCode, headers: received, bytes, text: bytes.toString() });
      });
    });
    sent.once("error", reject);
    sent.end(body);
    onSent?.(() => sent.destroy());
  });
}

/** Opens a session by polling; returns the path of its further requests, and the open packet's payload. */
export async function openPolling(
  port: number,
  options: SentRequest = {},
  path = POLLING_PATH,
): Promise<{ path: string; handshake: Record<string, unknown> }> {
  const { status, text } = await send(port, path, options);
  if (status !== 200 || !text.startsWith("0")) throw new Error(`No session: ${status} ${text}`);
  const handshake = JSON.parse(text.slice(1).split("\u001E", 1)[0]!) as Record<string, unknown>;
  return { path: `${path}&sid=${String(handshake["sid"])}`, handshake };
}
