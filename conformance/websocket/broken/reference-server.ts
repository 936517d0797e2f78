import net from "node:net";
import type { AddressInfo } from "node:net";
import { Compression } from "./compression.ts";
import { EchoConnection } from "./echo-connection.ts";
import type { FaultName } from "./faults.ts";
import { answerRequest } from "./opening.ts";

export interface ReferenceServerOptions {
  /** What it shall do wrong. Default: nothing. */
  fault?: FaultName | undefined;
  /** Default: any free port. */
  port?: number | undefined;
  /** The longest message it takes. Default: 32 MiB. */
  maxPayloadBytes?: number | undefined;
  /** Whether it speaks permessage-deflate. Default: true. */
  deflate?: boolean | undefined;
}

export interface ReferenceServer {
  url: string;
  /** Ends every connection and the listener. */
  close(): Promise<void>;
}

const MAX_REQUEST_BYTES = 16 * 1024;

/** An echo server from a raw TCP listener: without a fault it must pass the whole suite, with one it must not. */
export async function startReferenceServer(options: ReferenceServerOptions = {}): Promise<ReferenceServer> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    socket.once("end", () => socket.end());
    serve(socket, options);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `ws://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function serve(
  socket: net.Socket,
  { fault, maxPayloadBytes = 32 << 20, deflate = true }: ReferenceServerOptions,
): void {
  let head: Buffer = Buffer.alloc(0);
  const refuse = (text: string): void => {
    socket.off("data", readRequest);
    socket.resume();
    socket.end(text);
  };
  const readRequest = (chunk: Buffer): void => {
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf("\r\n\r\n");
    // No method begins with anything but a letter, so other bytes need not be waited out.
    const possible = /^[A-Za-z]/.test(head.toString("latin1", 0, 1));
    if (possible && end < 0 && head.length <= MAX_REQUEST_BYTES) return;
    if (!possible) return refuse("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
    if (end < 0) return refuse("HTTP/1.1 431 Request Header Fields Too Large\r\nContent-Length: 0\r\n\r\n");
    const { text, open, agreement } = answerRequest(head.toString("latin1", 0, end), fault, deflate);
    if (!open) return refuse(text);
    socket.off("data", readRequest);
    socket.write(text);
    const compression = agreement && new Compression(agreement, fault, maxPayloadBytes);
    const connection = new EchoConnection(socket, { role: "server", fault, maxPayloadBytes, compression });
    socket.on("data", (bytes: Buffer) => connection.receive(bytes));
    if (fault !== "drops-early-frames") connection.receive(head.subarray(end + 4));
  };
  socket.on("data", readRequest);
}
