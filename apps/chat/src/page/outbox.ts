import type { SendReply, SendRequest } from "../shared/contract.ts";

/** `waiting` for its turn or the line, `sending` until the answer, `failed` when the server will never take it. */
export type OutboxState = "waiting" | "sending" | "failed";

export interface OutboxEntry extends SendRequest {
  /** The page's clock when it was typed, in ms since 1970. */
  readonly typedAt: number;
  readonly state: OutboxState;
  /** Why it failed, as a sentence. */
  readonly reason?: string;
}

export interface OutboxOptions {
  /** Sends once; rejects when no answer came. The same entry may be delivered again: the server knows it by its id. */
  readonly deliver: (request: SendRequest) => Promise<SendReply>;
  readonly onChange: (entries: readonly OutboxEntry[]) => void;
  readonly onSent: (entry: OutboxEntry, at: number) => void;
  readonly wait: (ms: number) => Promise<void>;
}

/** Pause after an answer that did not come although the line is up. */
const RETRY_AFTER_MS = 1_000;

/**
 * Messages on their way to the server, in the order in which they were typed.
 *
 * One is under way at a time, so none can overtake another, and one leaves only when the server has
 * answered. What was not answered is sent again with the same id as soon as the line is back: the
 * server drops repetitions, so each message arrives exactly once. Lives in the page: it survives any
 * number of server restarts, but not a reload.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  #entries: readonly OutboxEntry[] = [];
  /** Counts openings and closings: a run that belongs to an earlier one stops by itself. */
  #line = 0;
  #open = false;
  #running = false;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  get entries(): readonly OutboxEntry[] {
    return this.#entries;
  }

  add(request: SendRequest, typedAt: number): void {
    this.#change([...this.#entries, { ...request, typedAt, state: "waiting" }]);
    this.#start();
  }

  /** Takes an entry out unsent: what the user decides about one that failed. */
  remove(id: string): void {
    this.#change(this.#entries.filter((entry) => entry.id !== id));
  }

  /** The server is there and knows who we are. */
  open(): void {
    if (this.#open) return;
    this.#line += 1;
    this.#open = true;
    this.#running = false;
    this.#start();
  }

  /** The line is down: what was under way waits again. */
  close(): void {
    this.#line += 1;
    this.#open = false;
    this.#running = false;
    this.#change(
      this.#entries.map((entry) => (entry.state === "sending" ? { ...entry, state: "waiting" } : entry)),
    );
  }

  #start(): void {
    if (!this.#open || this.#running) return;
    this.#running = true;
    void this.#run(this.#line);
  }

  async #run(line: number): Promise<void> {
    for (let entry = this.#next(); entry !== undefined; entry = this.#next()) {
      this.#update(entry.id, { state: "sending" });
      const pauseMs = await this.#deliver(entry);
      if (line !== this.#line) return;
      if (pauseMs === 0) continue;
      this.#update(entry.id, { state: "waiting" });
      await this.#options.wait(pauseMs);
      if (line !== this.#line) return;
    }
    this.#running = false;
  }

  /** Delivers one and files the answer; returns the ms to wait before it has to be tried again, 0 if it is done. */
  async #deliver(entry: OutboxEntry): Promise<number> {
    let reply: SendReply;
    try {
      reply = await this.#options.deliver({ id: entry.id, room: entry.room, text: entry.text });
    } catch {
      return RETRY_AFTER_MS;
    }
    if (reply.ok) {
      if (this.#entries.some(({ id }) => id === entry.id)) {
        this.remove(entry.id);
        this.#options.onSent(entry, reply.at);
      }
      return 0;
    }
    if (reply.code === "busy" || reply.code === "unknown-person") return reply.retryAfterMs ?? RETRY_AFTER_MS;
    this.#update(entry.id, { state: "failed", reason: reply.reason });
    return 0;
  }

  #next(): OutboxEntry | undefined {
    return this.#entries.find((entry) => entry.state === "waiting");
  }

  #update(id: string, change: Pick<OutboxEntry, "state" | "reason">): void {
    this.#change(this.#entries.map((entry) => (entry.id === id ? { ...entry, ...change } : entry)));
  }

  #change(entries: readonly OutboxEntry[]): void {
    this.#entries = entries;
    this.#options.onChange(entries);
  }
}
