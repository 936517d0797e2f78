import { readPayload } from "../../packets/index.ts";
import type { Timer } from "../../shared/clock.ts";
import type { Endpoint } from "../endpoint.ts";
import { readAnswer } from "../fetch.ts";
import type { SessionFacts } from "../session-facts.ts";
import type { TransportSink } from "../transport.ts";
import { RequestTransport } from "./request-transport.ts";

/** How long short polling waits after the first answer that brought nothing; it doubles with each. */
const SHORT_POLL_PAUSE_MS = 100;
/** The bound on this pause. */
const SHORT_POLL_PAUSE_MAX_MS = 1600;
/** What the server answers when there is nothing: a noop, in a link with a count. */
const NOTHING = /^6\d*$/;

/** Engine.IO v4 over requests: one GET after the other, held until there is something to receive, and POSTs. */
export class PollingTransport extends RequestTransport {
  readonly kind = "polling";
  #isPolling = false;
  #pauseMs = SHORT_POLL_PAUSE_MS;
  #whenPaused: (() => void) | undefined;
  #timer: Timer | undefined;

  constructor(endpoint: Endpoint, facts: SessionFacts, sink: TransportSink) {
    super(endpoint, facts, sink);
    this.#run();
  }

  pause(then: () => void): void {
    this.#whenPaused = () => this.uploads.whenIdle(then);
    if (!this.#isPolling) this.#whenPaused();
  }

  resume(): void {
    this.#whenPaused = undefined;
    this.#run();
  }

  override destroy(): void {
    super.destroy();
    this.#timer?.cancel();
  }

  #run(): void {
    if (this.#isPolling) return;
    this.#isPolling = true;
    this.#poll().catch((error: unknown) => this.lost(error as Error));
  }

  async #poll(): Promise<void> {
    // Not before the constructor has returned.
    await Promise.resolve();
    while (this.sink !== undefined && this.#whenPaused === undefined) {
      const text = await this.#next();
      readPayload(text, this.endpoint.platform.base64, this);
      const { link, hold } = this.facts;
      if (!NOTHING.test(text)) this.#pauseMs = SHORT_POLL_PAUSE_MS;
      else if (this.sink !== undefined && link !== undefined && hold.ms === 0) {
        await new Promise<void>((resolve) => {
          this.#timer = this.endpoint.platform.clock.setTimeout(resolve, this.#pauseMs);
        });
        this.#pauseMs = Math.min(this.#pauseMs * 2, SHORT_POLL_PAUSE_MAX_MS);
      }
    }
    this.#isPolling = false;
    this.#whenPaused?.();
  }

  async #next(): Promise<string> {
    const { hold, link } = this.facts;
    const { clock } = this.endpoint.platform;
    const start = clock.now();
    try {
      const response = await this.get(
        link === undefined || hold.ms === undefined ? {} : { hold: `${hold.ms}` },
      );
      const text = await readAnswer(response);
      hold.served(clock.now() - start);
      return text;
    } catch (error) {
      // What we gave up ourselves says nothing of the way.
      if (!this.ending.signal.aborted) hold.cut(clock.now() - start);
      throw error;
    }
  }
}
