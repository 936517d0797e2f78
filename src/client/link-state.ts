import { BYTES_PER_ACK, type Message, MESSAGES_PER_ACK, Outbox, parseCount } from "../packets/index.ts";
import { backlogOf, byteLength, isTooMuch } from "./backlog.ts";

/** Our side of a link: what was sent and is not acknowledged, and how much has come. See docs/protocol/link.md. */
export class LinkState {
  readonly outbox: Outbox = new Outbox();
  /** How often the transport was changed or renewed. */
  move = 0;
  #received = 0;
  #messagesDue = 0;
  #bytesDue = 0;

  /** Keeps a message that is sent now, until it is acknowledged. */
  keep(message: Message): void {
    this.outbox.push(message, backlogOf(message));
  }

  /**
   * Why messages can't be sent, if they can't: one is longer than the server takes, over whatever transport, or too much waits for its
   * acknowledgement. 0 stands for no limit.
   */
  problemWith(messages: readonly Message[], maxPayload: number, maxBufferedBytes: number): Error | undefined {
    for (const message of messages) {
      const length = wireLength(message, maxPayload);
      if (maxPayload > 0 && length > maxPayload) {
        return new Error(`A message of ${length} bytes: the server takes ${maxPayload}.`);
      }
    }
    if (!isTooMuch(this.outbox.size, messages, maxBufferedBytes)) return undefined;
    return new Error(`More than ${maxBufferedBytes} bytes wait.`);
  }

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

/** The bytes of a message in a frame; a text that can't be too long is not measured exactly. */
function wireLength(message: Message, limit: number): number {
  if (typeof message !== "string") return message.length;
  // A digit comes before the text, and a UTF-16 unit is at most three bytes.
  return 1 + (message.length * 3 < limit ? message.length : byteLength(message));
}
