/** One event of a stream. */
export interface StreamEvent {
  /** Its lines of `data:`, joined by line feeds. */
  readonly data: string;
  /** The last `id:` so far; "" for none. */
  readonly id: string;
}

/** Reads the format of server-sent events as it comes, cut anywhere; what we don't use of it is skipped. */
export class EventStreamParser {
  readonly #receiveEvent: (event: StreamEvent) => void;
  #rest = "";
  #data: string[] = [];
  #id = "";

  constructor(receiveEvent: (event: StreamEvent) => void) {
    this.#receiveEvent = receiveEvent;
  }

  /** Takes the next piece of text. */
  add(chunk: string): void {
    const text = this.#rest + chunk;
    // A CR at the end may be the first half of a CRLF.
    const lines = text.split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop()!;
    for (const line of lines) this.#receiveLine(line);
  }

  #receiveLine(line: string): void {
    if (line === "") {
      const data = this.#data;
      this.#data = [];
      if (data.length > 0) this.#receiveEvent({ data: data.join("\n"), id: this.#id });
      return;
    }
    const [, field, value = ""] = /^([^:]*)(?:: ?([^]*))?$/.exec(line)!;
    if (field === "data") this.#data.push(value);
    else if (field === "id") this.#id = value;
  }
}
