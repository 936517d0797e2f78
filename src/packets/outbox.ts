import { PacketError } from "./errors.ts";

/** A message as it was sent: text or bytes. */
export type Message = string | Uint8Array;

/** The messages that were sent on a link and that the peer is not known to have received. */
export class Outbox {
  #messages: Message[] = [];
  #acknowledged = 0;
  #size = 0;

  /** How many messages were sent in all. */
  get sent(): number {
    return this.#acknowledged + this.#messages.length;
  }

  /** How many messages of them were acknowledged. */
  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** How much is kept: bytes of binary messages, UTF-16 units of texts. */
  get size(): number {
    return this.#size;
  }

  /** What is kept, in the order in which it was sent; the first has the number `acknowledged + 1`. */
  get messages(): readonly Message[] {
    return this.#messages;
  }

  /** Keeps a message that is sent now. */
  push(message: Message): void {
    this.#messages.push(message);
    this.#size += message.length;
  }

  /**
   * The peer has received the first `count` messages; an old count changes nothing.
   * Throws `PacketError` for more than were sent.
   */
  acknowledge(count: number): void {
    if (count > this.sent) throw new PacketError("More messages were acknowledged than were sent.");
    const fresh = count - this.#acknowledged;
    if (fresh <= 0) return;
    for (const { length } of this.#messages.splice(0, fresh)) this.#size -= length;
    this.#acknowledged = count;
  }

  /** Lets everything go. */
  clear(): void {
    this.#messages = [];
    this.#size = 0;
  }
}
