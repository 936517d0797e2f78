import type { TestContext } from "node:test";
import type { Logger } from "../../src/shared/logger.ts";
import type { WebSocketOptions } from "../../src/websocket/options.ts";
import type { WebSocketServerOptions } from "../../src/websocket/server-options.ts";
import { WebSocketServer } from "../../src/websocket/server.ts";
import { WebSocket } from "../../src/websocket/websocket.ts";
import { next } from "./events.ts";
import { portOf } from "./listen.ts";
import { RawClient } from "./raw-client.ts";

/** A server on a free port of the loopback address; it and its connections are gone after the test. */
export async function startServer(
  t: TestContext,
  options: Omit<WebSocketServerOptions, "port" | "host" | "server" | "noServer"> = {},
): Promise<{ wss: WebSocketServer; port: number; url: string }> {
  const wss = new WebSocketServer({ ...options, port: 0, host: "127.0.0.1" });
  await next(wss, "listening");
  t.after(() => stopServer(wss));
  const port = portOf(wss);
  return { wss, port, url: `ws://127.0.0.1:${port}/` };
}

/** Drops all connections, stops listening and waits until that is done. */
export async function stopServer(wss: WebSocketServer): Promise<void> {
  await new Promise<void>((resolve) => {
    wss.close(() => resolve());
    for (const socket of wss.clients) socket.terminate();
  });
}

/** Makes a server send back every message as it came. */
export function echo(wss: WebSocketServer): void {
  wss.on("connection", (socket) => {
    socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
  });
}

/** A raw client that is open to a server, and the server's end of it. */
export async function openRaw(
  t: TestContext,
  wss: WebSocketServer,
  options?: { allowHalfOpen?: boolean },
): Promise<{ client: RawClient; socket: WebSocket }> {
  const client = await RawClient.connect(portOf(wss), options);
  t.after(() => client.destroy());
  const connection = next(wss, "connection");
  await client.open();
  const [socket] = await connection;
  return { client, socket };
}

/** A client of ours that is dropped after the test. */
export function makeClient(
  t: TestContext,
  url: string,
  protocols?: string | readonly string[],
  options?: WebSocketOptions,
): WebSocket {
  const client = new WebSocket(url, protocols, options);
  t.after(() => client.terminate());
  return client;
}

/** A logger that keeps what it is told. */
export class RecordingLogger implements Logger {
  readonly lines: { level: string; details: object; message: string }[] = [];

  debug(details: object, message: string): void {
    this.lines.push({ level: "debug", details, message });
  }

  info(details: object, message: string): void {
    this.lines.push({ level: "info", details, message });
  }

  warn(details: object, message: string): void {
    this.lines.push({ level: "warn", details, message });
  }

  error(details: object, message: string): void {
    this.lines.push({ level: "error", details, message });
  }
}
