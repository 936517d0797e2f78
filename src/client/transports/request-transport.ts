import type { Message, PayloadSink } from "../../packets/index.ts";
import type { Timer } from "../../shared/clock.ts";
import type { Endpoint } from "../endpoint.ts";
import type { FetchResponse } from "../fetch.ts";
import type { SessionFacts } from "../session-facts.ts";
import type { Transport, TransportSink } from "../transport.ts";
import { Uploads, type UploadsHost } from "./uploads.ts";

/** How long what is sent last may take. */
const GOODBYE_MS = 5000;

/** What polling and event streams share: GETs down, POSTs up, and one end for both. */
export abstract class RequestTransport implements Transport, PayloadSink, UploadsHost {
  abstract readonly kind: "polling" | "sse";
  sink: TransportSink | undefined;
  protected readonly endpoint: Endpoint;
  protected readonly facts: SessionFacts;
  protected readonly uploads: Uploads;
  /** Aborted when nothing more is to be received. */
  protected readonly ending: AbortController = new AbortController();
  readonly #move: number | undefined;
  #goodbye: Timer | undefined;

  constructor(endpoint: Endpoint, facts: SessionFacts, sink: TransportSink) {
    this.sink = sink;
    this.endpoint = endpoint;
    this.facts = facts;
    this.#move = facts.link?.move;
    this.uploads = new Uploads(endpoint, facts, this);
  }

  get bufferedBytes(): number {
    return this.uploads.bufferedBytes;
  }

  send(packet: Message): void {
    this.uploads.send(packet);
  }

  close(): void {
    this.sink = undefined;
    this.uploads.end();
    this.#goodbye = this.endpoint.platform.clock.setTimeout(() => this.destroy(), GOODBYE_MS);
    // Not before: to some servers a GET that is given up is the end, also of what is still on its way to them.
    this.uploads.whenIdle(() => this.destroy());
  }

  destroy(): void {
    this.sink = undefined;
    this.#goodbye?.cancel();
    this.uploads.destroy();
    this.ending.abort();
  }

  query(): Record<string, string> {
    return this.facts.query(this.kind, this.#move);
  }

  onUploaded(count: number): void {
    this.sink?.onUploaded?.(count);
  }

  /** The end that was not ours. */
  onUploadFailed(error: Error | undefined): void {
    const { sink } = this;
    this.destroy();
    sink?.onTransportClose(error);
  }

  receivePacket(packet: string): void {
    // The sink is asked for each packet: one may have been the last that it wanted.
    this.sink?.receive(packet);
  }

  receiveBinary(data: Uint8Array): void {
    this.sink?.receive(data);
  }

  /** Asks for what comes after the messages that we have. */
  protected get(more: Readonly<Record<string, string>> = {}): Promise<FetchResponse> {
    const query = { ...this.query(), ...more };
    const { link } = this.facts;
    if (link !== undefined) query.ack = `${link.takeAck()}`;
    return this.endpoint.request(query, this.ending.signal);
  }

  /** The way down has ended. That means nothing to a goodbye that is on its way up. */
  protected lost(error: Error | undefined): void {
    if (this.sink !== undefined) this.onUploadFailed(error);
  }
}
