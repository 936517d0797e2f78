import { connect as connectTcp } from "node:net";
import { type HttpHead, RawPeer } from "./raw-peer.ts";

/** The key of the example in RFC 6455 §1.3, and the accept value that belongs to it. */
export const SAMPLE_KEY = "dGhlIHNhbXBsZSBub25jZQ==";
export const SAMPLE_ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/** Headers to set or, with undefined, to leave out. */
export type HeaderChanges = Readonly<Record<string, string | undefined>>;

/** The text of an opening handshake; without changes it is a right one. */
export function handshakeText(path = "/", changes: HeaderChanges = {}, requestLine?: string): string {
  const headers: HeaderChanges = {
    Host: "127.0.0.1",
    Upgrade: "websocket",
    Connection: "Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": SAMPLE_KEY,
    ...changes,
  };
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}: ${value}\r\n`],
  );
  return `${requestLine ?? `GET ${path} HTTP/1.1`}\r\n${lines.join("")}\r\n`;
}

/**
 * A client that is nothing but a TCP connection.
 *
 * @example
 * const client = await RawClient.connect(port);
 * await client.open("/chat");            // writes the handshake, checks for 101
 * await client.sendText("hello");        // a masked frame
 * const reply = await client.nextFrame();
 */
export class RawClient extends RawPeer {
  /** Connects. With `allowHalfOpen` our direction stays open after the server has ended its own. */
  static connect(port: number, options: { allowHalfOpen?: boolean } = {}): Promise<RawClient> {
    return new Promise((resolve, reject) => {
      const stream = connectTcp({ port, host: "127.0.0.1", ...options });
      const client = new RawClient(stream, true);
      stream.once("connect", () => resolve(client));
      stream.once("error", reject);
    });
  }

  /** Writes the request of an opening handshake and waits for nothing. */
  writeHandshake(path?: string, changes?: HeaderChanges): Promise<void> {
    return this.send(handshakeText(path, changes));
  }

  /** Writes an opening handshake and checks that it is accepted; returns the answer. */
  async open(path?: string, changes?: HeaderChanges): Promise<HttpHead> {
    await this.writeHandshake(path, changes);
    const head = await this.head();
    if (head.status !== 101) throw new Error(`The handshake was refused: ${head.firstLine}`);
    return head;
  }
}
