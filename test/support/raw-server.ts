import { createHash } from "node:crypto";
import { createServer, type Server } from "node:net";
import { listen } from "./listen.ts";
import { RawPeer } from "./raw-peer.ts";

/** A server that is nothing but a TCP port: what it answers is up to the test. */
export class RawServer {
  readonly port: number;
  readonly #server: Server;
  readonly #peers: RawPeer[];
  readonly #taken: { count: number };

  private constructor(server: Server, port: number, peers: RawPeer[]) {
    this.#server = server;
    this.port = port;
    this.#peers = peers;
    this.#taken = { count: 0 };
  }

  static async start(options: { allowHalfOpen?: boolean } = {}): Promise<RawServer> {
    const peers: RawPeer[] = [];
    const server = createServer(options, (stream) => {
      peers.push(new RawPeer(stream, false));
      server.emit("accepted");
    });
    return new RawServer(server, await listen(server), peers);
  }

  get url(): string {
    return `ws://127.0.0.1:${this.port}/`;
  }

  /** The next connection that comes, or came. */
  async accept(): Promise<RawPeer> {
    const index = this.#taken.count++;
    while (this.#peers[index] === undefined) {
      await new Promise<void>((resolve) => void this.#server.once("accepted", resolve));
    }
    return this.#peers[index];
  }

  /** Accepts a connection, reads its handshake and answers it with a right 101. */
  async acceptWebSocket(extraHeaders = ""): Promise<RawPeer> {
    const peer = await this.accept();
    const { headers } = await peer.head();
    await peer.send(switchingProtocols(headers["sec-websocket-key"] ?? "", extraHeaders));
    return peer;
  }

  /** Drops every connection and stops listening. */
  async stop(): Promise<void> {
    for (const peer of this.#peers) peer.destroy();
    await new Promise<void>((resolve) => void this.#server.close(() => resolve()));
  }
}

/** The accept value that belongs to a key. */
export function acceptFor(key: string): string {
  return createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
}

/** A right answer to a handshake, with further header lines (each ended by CRLF). */
export function switchingProtocols(key: string, extraHeaders = ""): string {
  return (
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
    `Sec-WebSocket-Accept: ${acceptFor(key)}\r\n${extraHeaders}\r\n`
  );
}
