import type { Server as NetServer } from "node:net";
import type { TestContext } from "node:test";
import { WebSocket as Ws, WebSocketServer as WsServer } from "ws";
import type { ClientOptions as WsOptions, ServerOptions as WsServerOptions } from "ws";
import { WebSocket, WebSocketServer } from "../../src/websocket/index.ts";
import type { WebSocketOptions, WebSocketServerOptions } from "../../src/websocket/index.ts";
import { undoAfter } from "./fixture.ts";
import { listen, portOf } from "./listen.ts";
import { RawClient, type HeaderChanges } from "./raw-client.ts";
import { RecordingLogger } from "./recording-logger.ts";

/** A server of ours under test. */
export interface Served {
  readonly wss: WebSocketServer;
  readonly port: number;
  readonly url: string;
  /** What was logged; whatever is left there at the end of the test fails it. */
  readonly log: RecordingLogger;
}

/** Starts a server of ours on a free port; it and its connections are gone after the test, and nothing was logged. */
export async function serve(t: TestContext, options: WebSocketServerOptions = {}): Promise<Served> {
  const log = new RecordingLogger();
  const wss = new WebSocketServer({ port: 0, host: "127.0.0.1", logger: log, ...options });
  const served = { wss, log };
  undoAfter(t, async () => {
    await stop(wss);
    log.assertEmpty();
  });
  await nextOf(wss, "listening");
  const port = portOf(wss);
  return { ...served, port, url: `ws://127.0.0.1:${port}/` };
}

/** Adds a server of ours to an HTTP server; it is gone after the test. */
export function serveOn(
  t: TestContext,
  server: NonNullable<WebSocketServerOptions["server"]>,
  options: WebSocketServerOptions = {},
): { wss: WebSocketServer; log: RecordingLogger } {
  const log = new RecordingLogger();
  const wss = new WebSocketServer({ server, logger: log, ...options });
  undoAfter(t, async () => {
    await stop(wss);
    log.assertEmpty();
  });
  return { wss, log };
}

/** Drops all connections of a server, stops it and waits until that is done. */
export function stop(wss: WebSocketServer): Promise<void> {
  return new Promise((resolve) => {
    wss.close(() => resolve());
    for (const socket of wss.clients) socket.terminate();
  });
}

/** Makes a TCP-based server listen; it is closed after the test. */
export async function listenUntilEnd(
  t: TestContext,
  server: NetServer & { closeAllConnections?(): void },
): Promise<number> {
  const port = await listen(server);
  undoAfter(t, () => {
    server.close();
    server.closeAllConnections?.();
  });
  return port;
}

/** A client of ours; it is dropped after the test. */
export function client(
  t: TestContext,
  url: string,
  options: WebSocketOptions = {},
  protocols: string | string[] = [],
): WebSocket {
  const log = new RecordingLogger();
  const socket = new WebSocket(url, protocols, { logger: log, ...options });
  undoAfter(t, async () => {
    if (socket.readyState === WebSocket.CLOSED) return;
    const closed = nextOf(socket, "close");
    socket.terminate();
    await closed;
  });
  return socket;
}

/** A client of ours that is open. */
export async function openClient(
  t: TestContext,
  url: string,
  options?: WebSocketOptions,
): Promise<WebSocket> {
  const socket = client(t, url, options);
  await nextOf(socket, "open");
  return socket;
}

/** A server of `ws` on a free port; it is gone after the test. */
export async function serveWs(
  t: TestContext,
  options: WsServerOptions = {},
): Promise<{ wss: WsServer; port: number; url: string }> {
  const wss = new WsServer({ port: 0, host: "127.0.0.1", ...options });
  undoAfter(t, () => {
    for (const socket of wss.clients) socket.terminate();
    return new Promise<void>((resolve) => wss.close(() => resolve()));
  });
  await nextOf(wss, "listening");
  const port = portOf(wss);
  return { wss, port, url: `ws://127.0.0.1:${port}/` };
}

/** A client of `ws`; it is dropped after the test. */
export function dialWs(t: TestContext, url: string, options: WsOptions = {}): Ws {
  const socket = new Ws(url, options);
  undoAfter(t, async () => {
    if (socket.readyState === Ws.CLOSED) return;
    const closed = nextOf(socket, "close");
    socket.terminate();
    await closed;
  });
  return socket;
}

/** A client of `ws` that is open. */
export async function openWs(t: TestContext, url: string, options?: WsOptions): Promise<Ws> {
  const socket = dialWs(t, url, options);
  await nextOf(socket, "open");
  return socket;
}

/** A client that is nothing but a TCP connection, open to a server of ours, and the server's end of it. */
export async function openRaw(
  t: TestContext,
  { wss, port }: Pick<Served, "wss" | "port">,
  headers?: HeaderChanges,
): Promise<{ raw: RawClient; socket: WebSocket; extensions: string | undefined }> {
  const raw = await RawClient.connect(port);
  undoAfter(t, () => {
    raw.destroy();
    return raw.closed();
  });
  const connection = nextOf(wss, "connection");
  const head = await raw.open("/", headers);
  const [socket] = await connection;
  return { raw, socket: socket as WebSocket, extensions: head.headers["sec-websocket-extensions"] };
}

/** The headers that offer compression, as a plain client writes them. */
export const OFFER_DEFLATE: HeaderChanges = { "Sec-WebSocket-Extensions": "permessage-deflate" };

/** Makes a server send back every message as it came. */
export function echo(wss: WebSocketServer): void {
  wss.on("connection", (socket) => {
    socket.on("message", (data, isBinary) => socket.send(data as Buffer, { binary: isBinary }));
  });
}

/** Anything that calls a listener once: our emitters, Node's, those of `ws`. */
interface Subscribable {
  once(name: string, listener: (...args: unknown[]) => void): unknown;
  on(name: string, listener: (...args: unknown[]) => void): unknown;
}

/** The arguments of the next event of a name, whoever emits it. */
export function nextOf(emitter: object, name: string): Promise<unknown[]> {
  return new Promise((resolve) => {
    (emitter as Subscribable).once(name, (...args) => resolve(args));
  });
}

/** Keeps the messages of a socket, text as strings, and waits for as many as are wanted. */
export class Inbox {
  readonly all: (string | Buffer)[] = [];
  #wake: (() => void) | undefined;

  constructor(socket: object) {
    (socket as Subscribable).on("message", (data, isBinary) => {
      this.all.push(isBinary === true ? (data as Buffer) : String(data));
      this.#wake?.();
    });
  }

  /** Resolves with all messages when there are `count`. */
  async until(count: number): Promise<(string | Buffer)[]> {
    while (this.all.length < count) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.all;
  }
}

/** Resolves as soon as something holds; looked at after every turn of the event loop. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}
