import { BYTES_PER_ACK, MESSAGES_PER_ACK, Outbox, parseCount } from "../packets/index.ts";

/** Our side of a link: what was sent and is not acknowledged, and how much has come. See docs/protocol/link.md. */
export class LinkState {
  readonly outbox: Outbox = new Outbox();
  /** How often the transport was changed or renewed. */
  move = 0;
  #received = 0;
  #messagesDue = 0;
  #bytesDue = 0;

  /** Counts a message that came; true if it is time to acknowledge. */
  count(length: number): boolean {
    this.#received += 1;
    this.#messagesDue += 1;
    this.#bytesDue += length;
    return this.#messagesDue >= MESSAGES_PER_ACK || this.#bytesDue >= BYTES_PER_ACK;
  }

  /** How many messages have come, to be told the server now. */
  takeAck(): number {
    this.#messagesDue = 0;
    this.#bytesDue = 0;
    return this.#received;
  }

  /** Reads what the server acknowledges; "" is nothing. Throws `PacketError` if it can't be. */
  receiveAck(count: string): void {
    if (count !== "") this.outbox.acknowledge(parseCount(count));
  }
}
