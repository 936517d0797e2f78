import type { Message } from "../packets/index.ts";
import type { Timer } from "../shared/clock.ts";
import type { SessionPlatform } from "./platform.ts";
import type { SessionFacts } from "./session-facts.ts";
import type { Transport, TransportSink } from "./transport.ts";
import type { OpenTransport } from "./transports/open.ts";

/** What a probe is made with. */
export interface ProbeContext {
  readonly facts: SessionFacts;
  readonly platform: SessionPlatform;
  readonly openTransport: OpenTransport;
  /** How long it may take, in milliseconds. */
  readonly probeTimeoutMs: number;
}

/**
 * A WebSocket that wants to become the session's transport: it is asked whether it comes through.
 * After it was handed over, its end is told the same way until somebody else is its sink.
 */
export class Probe implements TransportSink {
  /** Undefined if it could not even be opened. */
  readonly #transport: Transport | undefined;
  readonly #timer: Timer;
  readonly #onDone: (transport: Transport | undefined) => void;

  /** `onDone` gets the transport if it came through, and undefined if not, or not in time. Never before this returns. */
  constructor(context: ProbeContext, onDone: (transport: Transport | undefined) => void) {
    this.#onDone = onDone;
    const { openTransport, facts, platform, probeTimeoutMs } = context;
    let delayMs = probeTimeoutMs;
    try {
      this.#transport = openTransport("websocket", facts, this);
    } catch {
      // A page of https may not even try ws.
      delayMs = 0;
    }
    this.#timer = platform.clock.setTimeout(() => this.#fail(), delayMs);
  }

  /** Closes it, and says nothing more. */
  cancel(): void {
    this.#timer.cancel();
    if (this.#transport?.sink === this) this.#transport.destroy();
  }

  onTransportOpen(): void {
    this.#transport!.send("2probe");
  }

  receive(packet: Message): void {
    if (packet !== "3probe") return this.#fail();
    this.#timer.cancel();
    this.#onDone(this.#transport);
  }

  onTransportClose(): void {
    this.#fail();
  }

  #fail(): void {
    this.cancel();
    this.#onDone(undefined);
  }
}
