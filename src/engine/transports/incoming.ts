import {
  MESSAGE_DIGIT_CODE,
  PacketError,
  parseCount,
  type PayloadSink,
  readPayload,
} from "../../packets/index.ts";
import { base64 } from "../base64.ts";
import type { BodyFailure, Exchange } from "../exchange.ts";
import type { TransportSink } from "../transport.ts";

/** What the POST half of a transport asks of the whole. */
export interface IncomingHost {
  readonly sink: TransportSink;
  readonly isLink: boolean;
  /**
   * `open`: bodies are taken. `closing`: they are answered, but nobody takes them any more. `closed`: they
   * are refused. `broken`: the same, as what came could not be read.
   */
  readonly state: "open" | "closing" | "closed" | "broken";
  /** Keeps what is sent until {@link sendNow}: called around the handling of a body. */
  holdBack(): void;
  sendNow(): void;
  /** The peer broke the rules of requests; a link forgives. */
  onBreach(error: Error): void;
}

/** The POST half of a transport that lives on requests: one body at a time, each a payload. */
export class Incoming implements PayloadSink {
  readonly #host: IncomingHost;
  #running: Exchange | undefined;
  /**
   * How many messages at the beginning of the body are known already; undefined if the request does not say.
   */
  #known: number | undefined = 0;
  #whenDone: (() => void) | undefined;
  #isPaused = false;
  /** What has come in a body and waits for {@link resume}. */
  #kept: (string | Uint8Array)[] = [];
  /** How much of it has been handed over. */
  #keptDone = 0;
  /** The POST whose answer waits for it. */
  #held: Exchange | undefined;

  constructor(host: IncomingHost) {
    this.#host = host;
  }

  /** The POST whose body is coming in, or is being taken. */
  get running(): Exchange | undefined {
    return this.#running;
  }

  /** Takes a POST. */
  receive(exchange: Exchange): void {
    if (this.#running !== undefined) {
      exchange.refuse(400, "Another POST is still running: only one may at a time.");
      this.#host.onBreach(new Error("a POST overlapped another one"));
    } else if (exchange.contentType === "application/octet-stream") {
      exchange.refuse(400, "A payload is text.");
      this.#host.onBreach(new Error("a POST was not text"));
    } else {
      this.#running = exchange;
      exchange.readBody(
        (text) => this.#receiveBody(exchange, text),
        (failure) => this.#receiveFailure(exchange, failure),
      );
    }
  }

  /** Calls back when no body is being received: now, or later. */
  whenDone(callback: () => void): void {
    if (this.#running === undefined) callback();
    else this.#whenDone = callback;
  }

  /** Keeps what comes from now on, of the body that is being taken and of the next: that one is read, but not answered before {@link resume}. */
  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    const exchange = this.#held;
    if (exchange === undefined) return;
    this.#host.holdBack();
    try {
      const isAll = this.#handOver();
      // Whoever was handed something may have paused, or paused and resumed: then it is answered later, or was already.
      if (this.#isHeld || this.#held !== exchange) return;
      this.#held = undefined;
      exchange.onAbort = undefined;
      this.#answer(exchange, isAll && this.#host.state !== "broken");
    } finally {
      this.#host.sendNow();
    }
  }

  receivePacket(packet: string): void {
    if (packet.charCodeAt(0) === MESSAGE_DIGIT_CODE && !this.#isNew()) return;
    if (this.#isPaused) this.#kept.push(packet);
    else this.#tell(packet);
  }

  receiveBinary(data: Uint8Array): void {
    if (!this.#isNew()) return;
    if (this.#isPaused) this.#kept.push(data);
    else this.#tell(data);
  }

  #tell(packet: string | Uint8Array): void {
    const { sink } = this.#host;
    if (typeof packet === "string") sink.receivePacket(packet.charCodeAt(0), packet.slice(1));
    else sink.receiveBinary(packet);
  }

  /** Hands over what is kept, until it is paused again or the transport has closed. Returns whether that was all. */
  #handOver(): boolean {
    while (this.#keptDone < this.#kept.length) {
      if (this.#isPaused || this.#host.state !== "open") return false;
      this.#tell(this.#kept[this.#keptDone++]!);
    }
    return true;
  }

  get #isHeld(): boolean {
    return this.#isPaused && this.#host.state === "open";
  }

  /** Whether the next message of the body is not known yet. */
  #isNew(): boolean {
    if (this.#known === undefined) throw new PacketError("A body with messages carries `seq`.");
    if (this.#known === 0) return true;
    this.#known -= 1;
    return false;
  }

  #receiveBody(exchange: Exchange, text: string): void {
    this.#host.holdBack();
    try {
      this.#takeBody(exchange, text);
    } finally {
      this.#host.sendNow();
    }
  }

  #takeBody(exchange: Exchange, text: string): void {
    const host = this.#host;
    const before = host.state;
    if (before === "open") this.#deliver(exchange, text);
    // A body that ended the session by its own wish was taken all the same.
    if (before === "open" && this.#isHeld) this.#hold(exchange);
    else this.#answer(exchange, before === "open" ? host.state !== "broken" : before === "closing");
  }

  /** Has a POST wait for its answer. */
  #hold(exchange: Exchange): void {
    this.#held = exchange;
    exchange.onAbort = () => {
      // The client of a link sends again what it has no answer for; of another, all that has come is taken.
      if (!this.#host.isLink) return;
      this.#held = undefined;
      this.#finish();
    };
  }

  #answer(exchange: Exchange, wasTaken: boolean): void {
    if (!wasTaken) exchange.refuse(400, "The body was not taken.");
    else exchange.answer("ok");
    this.#finish();
  }

  #deliver(exchange: Exchange, text: string): void {
    const { sink, isLink } = this.#host;
    try {
      this.#known = 0;
      if (isLink) {
        const first = exchange.query("seq");
        this.#known = first === undefined ? undefined : sink.receiveSequence(parseCount(first));
      }
      readPayload(text, base64, this);
    } catch (error) {
      if (!(error instanceof PacketError)) throw error;
      sink.fail(error);
    }
  }

  #receiveFailure(exchange: Exchange, failure: BodyFailure): void {
    if (failure === "too long") exchange.refuse(413, "The body is too long.");
    else {
      exchange.refuse(408, "The body did not come in time.");
      this.#host.onBreach(new Error(`a POST was ${failure}`));
    }
    this.#finish();
  }

  #finish(): void {
    this.#running = undefined;
    this.#kept = [];
    this.#keptDone = 0;
    const whenDone = this.#whenDone;
    this.#whenDone = undefined;
    whenDone?.();
  }
}
