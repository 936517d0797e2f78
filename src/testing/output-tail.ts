/** The last of what a program has printed. */
export class OutputTail {
  readonly #maxChars: number;
  #text = "";

  /** Keeps `maxChars` characters. */
  constructor(maxChars: number) {
    this.#maxChars = maxChars;
  }

  /** What is kept. */
  get text(): string {
    return this.#text;
  }

  take(text: string): void {
    this.#text = (this.#text + text).slice(-this.#maxChars);
  }
}

/** Cuts what comes on one output into lines; one that is longer than the limit comes in pieces. */
export class LineCutter {
  readonly #maxChars: number;
  readonly #onLine: (line: string) => void;
  #rest = "";

  constructor(maxChars: number, onLine: (line: string) => void) {
    this.#maxChars = maxChars;
    this.#onLine = onLine;
  }

  take(text: string): void {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) this.#onLine(line);
    if (this.#rest.length >= this.#maxChars) this.end();
  }

  /** Nothing more comes: what is left is a line, too. */
  end(): void {
    const line = this.#rest;
    this.#rest = "";
    if (line !== "") this.#onLine(line);
  }
}
