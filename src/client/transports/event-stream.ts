import { PacketError } from "../../packets/index.ts";

/** The longest event that is taken, in UTF-16 units; a longer one is a breach. */
export const MAX_EVENT_LENGTH: number = 100 * 1024 * 1024;

/**
 * Reads the format of server-sent events as it comes, cut anywhere: of each event its lines of `data:`, joined by line feeds. What we
 * don't use is skipped. Throws `PacketError` for an event that is too long.
 */
export class EventStreamParser {
  readonly #receiveEvent: (data: string) => void;
  readonly #maxLength: number;
  /** The line that has begun. */
  #rest = "";
  /** A CR at the end may be the first half of a CRLF. */
  #cr = "";
  /** A line feed ends each line; "" is none. */
  #data = "";

  constructor(receiveEvent: (data: string) => void, maxLength: number = MAX_EVENT_LENGTH) {
    this.#receiveEvent = receiveEvent;
    this.#maxLength = maxLength;
  }

  /** Takes the next piece of text. */
  add(chunk: string): void {
    if (chunk === "") return;
    const lines = (this.#cr + chunk).split(/\r\n|\n|\r(?!$)/);
    let last = lines.pop()!;
    this.#cr = last.endsWith("\r") ? "\r" : "";
    if (this.#cr !== "") last = last.slice(0, -1);
    for (const line of lines) {
      this.#receiveLine(this.#rest + line);
      this.#rest = "";
    }
    this.#rest += last;
    if (this.#rest.length + this.#data.length > this.#maxLength) {
      throw new PacketError(`An event is longer than ${this.#maxLength} characters.`);
    }
  }

  #receiveLine(line: string): void {
    const data = /^data(?:: ?|$)([^]*)/.exec(line)?.[1];
    if (data !== undefined) this.#data += `${data}\n`;
    if (line !== "" || this.#data === "") return;
    const event = this.#data.slice(0, -1);
    this.#data = "";
    this.#receiveEvent(event);
  }
}
