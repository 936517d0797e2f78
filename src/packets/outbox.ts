import { PacketError } from "./errors.ts";

/** A message as it was sent: text or bytes. */
export type Message = string | Uint8Array;

/** The messages that were sent on a link and that the peer is not known to have received. */
export class Outbox {
  #messages: Message[] = [];
  #sizes: number[] = [];
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

  /** How much is kept, as {@link push} was told. */
  get size(): number {
    return this.#size;
  }

  /** What is kept, in the order in which it was sent; the first has the number `acknowledged + 1`. */
  get messages(): readonly Message[] {
    return this.#messages;
  }

  /**
   * Keeps a message that is sent now; `size` is what it counts for: bytes of binary, UTF-16 units of text,
   * unless said.
   */
  push(message: Message, size: number = message.length): void {
    this.#messages.push(message);
    this.#sizes.push(size);
    this.#size += size;
  }

  /**
   * The peer has received the first `count` messages; an old count changes nothing.
   * Throws `PacketError` for more than were sent.
   */
  acknowledge(count: number): void {
    if (count > this.sent) throw new PacketError("More was acknowledged than sent.");
    const fresh = count - this.#acknowledged;
    if (fresh <= 0) return;
    this.#messages.splice(0, fresh);
    for (const size of this.#sizes.splice(0, fresh)) this.#size -= size;
    this.#acknowledged = count;
  }

  /** Lets everything go. */
  clear(): void {
    this.#acknowledged = this.sent;
    this.#messages = [];
    this.#sizes = [];
    this.#size = 0;
  }
}
