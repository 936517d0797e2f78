import { PacketError } from "../../packets/index.ts";

/** The longest event that is taken, in UTF-16 units; a longer one is a breach. */
export const MAX_EVENT_LENGTH: number = 100 * 1024 * 1024;

/** One event of a stream. */
export interface StreamEvent {
  /** Its lines of `data:`, joined by line feeds. */
  readonly data: string;
  /** The last `id:` so far; "" for none. */
  readonly id: string;
}

/**
 * Reads the format of server-sent events as it comes, cut anywhere; what we don't use of it is skipped. Throws `PacketError`
 * for an event that is too long.
 */
export class EventStreamParser {
  readonly #receiveEvent: (event: StreamEvent) => void;
  readonly #maxLength: number;
  /** The line that has begun. */
  #rest = "";
  /** A CR at the end may be the first half of a CRLF. */
  #endsInCr = false;
  #data: string[] = [];
  #dataLength = 0;
  #id = "";

  constructor(receiveEvent: (event: StreamEvent) => void, maxLength: number = MAX_EVENT_LENGTH) {
    this.#receiveEvent = receiveEvent;
    this.#maxLength = maxLength;
  }

  /** Takes the next piece of text. */
  add(chunk: string): void {
    if (chunk === "") return;
    const text = this.#endsInCr ? `\r${chunk}` : chunk;
    this.#endsInCr = text.endsWith("\r");
    const lines = (this.#endsInCr ? text.slice(0, -1) : text).split(/\r\n|\n|\r/);
    const last = lines.pop()!;
    for (const line of lines) {
      const whole = this.#rest + line;
      this.#rest = "";
      this.#receiveLine(whole);
    }
    this.#rest += last;
    if (this.#rest.length + this.#dataLength > this.#maxLength) {
      throw new PacketError(`An event is longer than ${this.#maxLength} characters.`);
    }
  }

  #receiveLine(line: string): void {
    if (line === "") {
      const data = this.#data;
      this.#data = [];
      this.#dataLength = 0;
      if (data.length > 0) this.#receiveEvent({ data: data.join("\n"), id: this.#id });
      return;
    }
    const [, field, value = ""] = /^([^:]*)(?:: ?([^]*))?$/.exec(line)!;
    if (field === "data") {
      this.#data.push(value);
      // An empty line of data takes memory as well.
      this.#dataLength += value.length + 1;
    } else if (field === "id") this.#id = value;
  }
}
