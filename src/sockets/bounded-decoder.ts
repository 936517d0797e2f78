import { PacketError, type SocketPacket, SocketPacketDecoder } from "../packets/index.ts";

/** Puts one packet of a client together, whose attachments may have so many bytes in all: what has come waits for the rest for as long as the session lives. */
export class BoundedDecoder extends SocketPacketDecoder {
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(maxBytes: number) {
    super();
    this.#maxBytes = maxBytes;
  }

  override addBinary(bytes: Uint8Array): SocketPacket | undefined {
    this.#bytes += bytes.byteLength;
    if (this.#bytes > this.#maxBytes) {
      throw new PacketError(`The attachments of an event have at most ${this.#maxBytes} bytes in all.`);
    }
    return super.addBinary(bytes);
  }
}
