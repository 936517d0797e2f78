import {
  encodeBody,
  type EncodedBody,
  type EncodedSocketPacket,
  socketPacketText,
} from "../packets/index.ts";

/** How many events may be under way if the server does not say. */
const DEFAULT_WINDOW = 256;
/** What an event that waits counts for beside its length. */
const EVENT_COST = 64;

/** An event that the server has not said is done. */
interface KeptEvent {
  readonly body: EncodedBody;
  /** Of the acknowledgement that is waited for. */
  readonly id: number | undefined;
}

/**
 * What a client has emitted and the server has not said is done: numbered, kept, and sent again in the next session, in order. Many are under way at a
 * time. See docs/protocol/delivery.md.
 */
export class Outbox {
  readonly #namespace: string;
  readonly #send: (packet: EncodedSocketPacket) => void;
  /** The first has the number behind {@link done}. */
  #events: KeptEvent[] = [];
  #bytes = 0;
  #done = 0;
  /** How many of them were sent in this session. */
  #sent = 0;
  #window = 0;

  constructor(namespace: string, send: (packet: EncodedSocketPacket) => void) {
    this.#namespace = namespace;
    this.#send = send;
  }

  /** How many are kept. */
  get length(): number {
    return this.#events.length;
  }

  /** The length of what is kept, with 64 more for each. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Of the acknowledgements that may still come. */
  get ids(): ReadonlySet<number> {
    return new Set(this.#events.map(({ id }) => id).filter((id) => id !== undefined));
  }

  /** Keeps an event, and sends it if it can. Throws for one that can't be encoded. */
  push(data: readonly unknown[], id: number | undefined): void {
    const event = { body: encodeBody(data), id };
    this.#events.push(event);
    this.#bytes += sizeOf(event);
    this.#flush();
  }

  /**
   * A session begins: sends what the server has not done. Without `done` the server knows nothing of what was sent before: all is sent, and may be done twice.
   *
   * @param window how many may be under way at a time
   */
  begin(done: number | undefined, window: number = DEFAULT_WINDOW): void {
    this.#sent = 0;
    this.#window = window;
    if (done === undefined) this.#done = 0;
    else this.receiveDone(done);
    this.#flush();
  }

  /** The session is over. */
  end(): void {
    this.#window = 0;
  }

  /** The server says up to which number all are done. */
  receiveDone(done: number): void {
    const count = Math.min(Math.max(done - this.#done, 0), this.#events.length);
    for (const event of this.#events.splice(0, count)) this.#bytes -= sizeOf(event);
    this.#sent = Math.max(this.#sent - count, 0);
    this.#done = Math.max(done, this.#done);
    this.#flush();
  }

  #flush(): void {
    while (this.#sent < this.#window && this.#sent < this.#events.length) {
      const { body, id } = this.#events[this.#sent]!;
      this.#sent += 1;
      const position = this.#done + this.#sent;
      const { json, attachments } = body;
      const packet = { type: "event", namespace: this.#namespace, id, position } as const;
      this.#send({ text: socketPacketText(packet, json, attachments.length), attachments });
    }
  }
}

function sizeOf({ body: { json, attachments } }: KeptEvent): number {
  return attachments.reduce((sum, { length }) => sum + length, json.length + EVENT_COST);
}
