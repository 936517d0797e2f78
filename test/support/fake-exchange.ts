import type { BodyFailure, Exchange, StreamedAnswer } from "../../src/engine/exchange.ts";

/** A request that a test makes, and what became of it. */
export class FakeExchange implements Exchange {
  readonly method: string;
  readonly contentType: string;
  onAbort: (() => void) | undefined;
  onOver: (() => void) | undefined;
  /** The answer: its status and text; of a stream, the text so far. */
  status: number | undefined;
  text = "";
  /** Whether it is an event stream, and whether that has ended. */
  isStream = false;
  isEnded = false;
  isDestroyed = false;
  /** Whether the peer takes nothing of what it is answered. */
  isUnread = false;
  /** What the peer has not taken of a stream. */
  bufferedBytes = 0;
  readonly #query: Readonly<Record<string, string>>;
  #body: string | undefined;
  #onBody: ((text: string) => void) | undefined;
  #onFailure: ((failure: BodyFailure) => void) | undefined;

  constructor(
    method: string,
    query: Readonly<Record<string, string | number>> = {},
    body?: string,
    contentType = "text/plain",
  ) {
    this.method = method;
    this.#query = Object.fromEntries(Object.entries(query).map(([name, value]) => [name, String(value)]));
    this.#body = body;
    this.contentType = contentType;
  }

  static get(query: Readonly<Record<string, string | number>> = { sid: "s" }): FakeExchange {
    return new FakeExchange("GET", query);
  }

  /** Without a body, it comes when {@link completeBody} says so. */
  static post(body?: string, query: Readonly<Record<string, string | number>> = { sid: "s" }): FakeExchange {
    return new FakeExchange("POST", query, body);
  }

  get isOver(): boolean {
    return this.isDestroyed || (this.isAnswered && !this.isUnread && this.bufferedBytes === 0);
  }

  /** Whether it has been answered, as a whole. */
  get isAnswered(): boolean {
    return this.isStream ? this.isEnded : this.status !== undefined;
  }

  query(name: string): string | undefined {
    return this.#query[name];
  }

  readBody(onBody: (text: string) => void, onFailure: (failure: BodyFailure) => void): void {
    this.#onBody = onBody;
    this.#onFailure = onFailure;
    if (this.#body !== undefined) this.completeBody(this.#body);
  }

  answer(text: string): void {
    this.#settle(200, text);
  }

  refuse(status: number, message: string): void {
    this.#settle(status, message);
  }

  stream(): StreamedAnswer {
    this.isStream = true;
    this.#settle(200, "");
    const getBufferedBytes = (): number => this.bufferedBytes;
    return {
      get bufferedBytes() {
        return getBufferedBytes();
      },
      write: (text) => {
        if (this.isEnded) throw new Error("The stream was written to after its end.");
        this.text += text;
      },
      end: () => {
        this.isEnded = true;
        this.#tellOver();
      },
    };
  }

  destroy(): void {
    this.isEnded = this.isDestroyed = true;
    this.#tellOver();
  }

  /** The peer has taken the answer after all. */
  read(): void {
    this.isUnread = false;
    this.bufferedBytes = 0;
    this.#tellOver();
  }

  /** The body has come in. */
  completeBody(text: string): void {
    this.#onBody!(text);
  }

  /** The body will not come. */
  failBody(failure: BodyFailure): void {
    this.#onFailure!(failure);
  }

  /** The peer goes away before it has the answer. */
  abort(): void {
    const onAbort = this.onAbort;
    this.onAbort = undefined;
    onAbort?.();
    this.isDestroyed = true;
    this.#tellOver();
  }

  /** What a stream has brought since the last call. */
  take(): string {
    const { text } = this;
    this.text = "";
    return text;
  }

  #settle(status: number, text: string): void {
    if (this.status !== undefined) throw new Error(`Answered twice: ${this.status}, then ${status} ${text}`);
    this.status = status;
    this.text = text;
    if (!this.isStream) this.#tellOver();
  }

  #tellOver(): void {
    if (!this.isOver) return;
    const onOver = this.onOver;
    this.onOver = undefined;
    onOver?.();
  }
}
