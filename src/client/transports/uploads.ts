import { encodePayloadPacket, joinPayload } from "../../packets/index.ts";
import { backlogOf, byteLength } from "../backlog.ts";
import { type Endpoint, RequestError } from "../endpoint.ts";
import { readAnswer } from "../fetch.ts";
import type { SessionFacts } from "../session-facts.ts";

/** What uploads need of their transport. */
export interface UploadsHost {
  /** What each request says in its address. */
  query(): Record<string, string>;
  /** In a link: the server has the first `count` messages. */
  onUploaded(count: number): void;
  /** A request failed: nothing more is sent. */
  onUploadFailed(error: Error): void;
}

/**
 * The way up for transports whose way down is a GET: one POST at a time, with as much of what waits as the server allows.
 * In a link each says the number of its first message, so that sending it again, over whatever transport, does no harm.
 */
export class Uploads {
  readonly #endpoint: Endpoint;
  readonly #facts: SessionFacts;
  readonly #host: UploadsHost;
  readonly #abort = new AbortController();
  readonly #queue: string[] = [];
  #next: number;
  #isRunning = false;
  #isEnded = false;
  #whenIdle: (() => void) | undefined;
  #bufferedLength = 0;

  constructor(endpoint: Endpoint, facts: SessionFacts, host: UploadsHost) {
    this.#endpoint = endpoint;
    this.#facts = facts;
    this.#host = host;
    this.#next = (facts.link?.outbox.acknowledged ?? 0) + 1;
  }

  /** What waits or is on its way; about bytes, and more for each packet. */
  get bufferedBytes(): number {
    return this.#bufferedLength;
  }

  /** Sends a packet, with all others of this turn. */
  send(packet: string | Uint8Array): void {
    const encoded = encodePayloadPacket(packet, this.#endpoint.platform.base64);
    this.#queue.push(encoded);
    this.#bufferedLength += backlogOf(encoded);
    this.#run();
  }

  /** Calls back, once, when nothing waits and nothing is on its way. */
  whenIdle(then: () => void): void {
    if (this.#isRunning) this.#whenIdle = then;
    else then();
  }

  /** What waits leaves with requests that outlive the page. */
  end(): void {
    this.#isEnded = true;
  }

  /** Stops now. */
  destroy(): void {
    this.#queue.length = 0;
    this.#abort.abort();
  }

  #run(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#sendAll().catch((error: unknown) => {
      this.#queue.length = 0;
      if (!this.#abort.signal.aborted) this.#host.onUploadFailed(error as Error);
    });
  }

  async #sendAll(): Promise<void> {
    // What is sent in one turn leaves together.
    await Promise.resolve();
    while (this.#queue.length > 0) await this.#post();
    this.#isRunning = false;
    this.#whenIdle?.();
    this.#whenIdle = undefined;
  }

  async #post(): Promise<void> {
    const packets = this.#queue.slice(0, this.#fitting());
    const query = this.#host.query();
    const { link } = this.#facts;
    if (link !== undefined) query.seq = `${this.#next}`;
    const body = joinPayload(packets);
    const response = await this.#endpoint
      .request(query, this.#abort.signal, body, this.#isEnded)
      .catch((error: unknown) => this.#failOn(error, body));
    const answer = await readAnswer(response);
    // A network that wants to be logged in to answers everything with a page.
    if (link !== undefined && answer !== "ok") throw new RequestError(200, answer);
    this.#queue.splice(0, packets.length);
    for (const packet of packets) {
      this.#bufferedLength -= backlogOf(packet);
      if (packet.startsWith("4") || packet.startsWith("b")) this.#next += 1;
    }
    if (link !== undefined) this.#host.onUploaded(this.#next - 1);
  }

  #failOn(error: unknown, body: string): never {
    const { maxPayload, link } = this.#facts;
    const isTooLong = error instanceof RequestError && error.status === 413;
    if (!isTooLong || link !== undefined || maxPayload === 0 || byteLength(body) <= maxPayload) throw error;
    // It may be shorter than the limit, and still be too long here: the user will wonder.
    throw new Error(
      `A request of ${byteLength(body)} bytes: the server takes ${maxPayload}. Binary grows by a third.`,
      { cause: error },
    );
  }

  /** How many packets fit in one request; at least one. */
  #fitting(): number {
    const { maxPayload, link } = this.#facts;
    let size = -1;
    const index = this.#queue.findIndex((packet, at) => {
      size += 1 + byteLength(packet);
      return (maxPayload > 0 && size > maxPayload) || (link === undefined && at >= MAX_PLAIN_PACKETS);
    });
    return index < 0 ? this.#queue.length : Math.max(1, index);
  }
}

/** python-engineio refuses payloads of more packets. */
const MAX_PLAIN_PACKETS = 16;
