import {
  BYTES_PER_ACK,
  encodeEnginePacket,
  MESSAGES_PER_ACK,
  Outbox,
  PacketError,
  parseCount,
} from "../packets/index.ts";
import type { Exchange } from "./exchange.ts";
import type { Transport } from "./transport.ts";

/**
 * What a kept message counts for beside its bytes. More than any framing adds to them, so that what is sent
 * again after a move never comes to more than what was allowed to be kept; and about what keeping it costs.
 */
const KEPT_MESSAGE_COST = 64;

/** What a session that is a link knows beside its transport; see docs/protocol/link.md. */
export class LinkState {
  readonly outbox: Outbox = new Outbox();
  /** The move of the transport that the session is on. */
  move = 0;
  /** After a move by a request, the next answer or stream begins with the count of messages received. */
  owesCount = false;
  #received = 0;
  #messagesSinceAck = 0;
  #bytesSinceAck = 0;

  /** Keeps a text of so many bytes, if there is one, and binary messages, until they are acknowledged. */
  keep(text: string | undefined, textBytes: number, binaries: readonly Uint8Array[]): void {
    if (text !== undefined) this.outbox.push(text, textBytes + KEPT_MESSAGE_COST);
    for (const binary of binaries) this.outbox.push(binary, binary.length + KEPT_MESSAGE_COST);
  }

  /**
   * Sends a client on a new way what it has not acknowledged; before that, if it has moved, the count of
   * what it has sent.
   */
  sendAgain(transport: Transport): void {
    if (this.owesCount) transport.sendPacket(encodeEnginePacket("noop", this.takeCount()));
    this.owesCount = false;
    for (const message of this.outbox.messages) {
      if (typeof message === "string") transport.sendPacket(encodeEnginePacket("message", message));
      else transport.sendBinary(message);
    }
  }

  /** Reads what a pong or a noop carries. Throws `PacketError` for a count that can't be. */
  receiveCount(data: string): void {
    if (data !== "") this.outbox.acknowledge(parseCount(data));
  }

  /** Counts a message of the client, and tells it how many there were when it is time. */
  receiveMessage(bytes: number, transport: Transport): void {
    this.#received += 1;
    this.#messagesSinceAck += 1;
    this.#bytesSinceAck += bytes;
    if (this.#messagesSinceAck < MESSAGES_PER_ACK && this.#bytesSinceAck < BYTES_PER_ACK) return;
    transport.sendPacket(encodeEnginePacket("noop", this.takeCount()));
  }

  /** The count to send to the client now. */
  takeCount(): string {
    this.#messagesSinceAck = 0;
    this.#bytesSinceAck = 0;
    return String(this.#received);
  }

  /** How many messages are known of a body that begins with this one. Throws `PacketError` for a gap. */
  knownFrom(first: number): number {
    if (first < 1 || first > this.#received + 1) {
      throw new PacketError("A body must begin with a message that was sent before, or with the next one.");
    }
    return this.#received + 1 - first;
  }
}

/**
 * What a message counts for against the limit of a session: a text of so many bytes, and the binary messages
 * that go with it.
 */
export function sizeOf(textBytes: number, binaries: readonly Uint8Array[]): number {
  let size = textBytes + KEPT_MESSAGE_COST;
  for (const { length } of binaries) size += length + KEPT_MESSAGE_COST;
  return size;
}

/** The move that a request belongs to; -1 if it does not say. */
export function moveOf(exchange: Exchange): number {
  const move = exchange.query("move") ?? "";
  return /^\d{1,15}$/.test(move) ? Number(move) : -1;
}
