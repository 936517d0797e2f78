import type { FetchInit, FetchReader, FetchResponse } from "../../src/client/fetch.ts";

/** A request to nowhere: how it is answered is the test's affair. */
export class FakeRequest {
  readonly url: URL;
  readonly init: FetchInit;
  readonly response: Promise<FetchResponse>;
  readonly #stream = new FakeStream();
  #resolve!: (response: FetchResponse) => void;
  #reject!: (error: Error) => void;
  #isPending = true;
  readonly #onAbort = (): void => this.fail(new Error("aborted"));

  constructor(url: string, init: FetchInit) {
    this.url = new URL(url);
    this.init = init;
    this.response = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    init.signal.addEventListener("abort", this.#onAbort);
    if (init.signal.aborted) this.fail(new Error("aborted"));
  }

  get method(): "GET" | "POST" {
    return this.init.method;
  }

  get body(): string | undefined {
    return this.init.body;
  }

  /** The query, but for what every request has. */
  get query(): Record<string, string> {
    const { EIO: _, ...query } = Object.fromEntries(this.url.searchParams);
    return query;
  }

  /** Neither answered in full nor given up. */
  get isPending(): boolean {
    return this.#isPending;
  }

  /** The whole answer. */
  answer(text: string, status = 200, headers: Readonly<Record<string, string>> = {}): void {
    if (!this.#isPending) return;
    this.#settle();
    this.#resolve({
      status,
      headers: { get: (name) => headers[name] ?? null },
      text: () => Promise.resolve(text),
      body: this.#stream,
    });
    this.#stream.add(text);
    this.#stream.end();
  }

  /** The answer's head comes, and more with {@link say}. */
  stream(status = 200): void {
    this.#resolve({ status, text: () => Promise.reject(new Error("endless")), body: this.#stream });
  }

  /** More of a streamed answer. */
  say(text: string): void {
    if (this.#isPending) this.#stream.add(text);
  }

  /** The end of a streamed answer. */
  end(): void {
    this.#settle();
    this.#stream.end();
  }

  /** The network fails. */
  fail(error = new Error("The network failed.")): void {
    this.#settle();
    this.#reject(error);
    this.#stream.end(error);
  }

  #settle(): void {
    this.#isPending = false;
    this.init.signal.removeEventListener("abort", this.#onAbort);
  }
}

/** A body that comes bit by bit. */
class FakeStream {
  readonly #chunks: Uint8Array[] = [];
  #end: { readonly error: Error | undefined } | undefined;
  #wake: (() => void) | undefined;

  add(text: string): void {
    if (text !== "") this.#chunks.push(new TextEncoder().encode(text));
    this.#wake?.();
  }

  end(error?: Error): void {
    this.#end ??= { error };
    this.#wake?.();
  }

  getReader(): FetchReader {
    return { read: () => this.#read() };
  }

  async #read(): Promise<{ done: boolean; value?: Uint8Array }> {
    for (;;) {
      if (this.#end?.error !== undefined) throw this.#end.error;
      const value = this.#chunks.shift();
      if (value !== undefined) return { done: false, value };
      if (this.#end !== undefined) return { done: true };
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
