import { encodeBody, type EncodedSocketPacket, socketPacketText } from "../../packets/index.ts";
import { type OutgoingEvent, SendBuffer } from "../send-buffer.ts";

/** Above all ids: those of events from before a reload, where the server takes no numbers, end below it. */
const IDS_OF_NOBODY = 2 ** 31;

/** What an outbox asks of its owner. */
export interface OutboxHost {
  send(packet: EncodedSocketPacket): void;
  /** The first event is done, or was sent to a server that takes no numbers. */
  onRemoved(): void;
}

/**
 * What a client has emitted and the server has not said is done: numbered, kept, and sent again in the next session, in order. Many are under way at a
 * time. See docs/protocol/delivery.md.
 */
export class Outbox extends SendBuffer {
  readonly #namespace: string;
  readonly #host: OutboxHost;
  /** Added to the ids of acknowledgements: lower ones were given away before a reload. */
  idBase = 0;
  /** The first that is kept has the number behind it. */
  #done = 0;
  /** How many of them were sent in this session. */
  #sent = 0;
  /** -1: nothing can be sent. */
  #window = -1;
  /** How many were ever taken out. */
  #removed = 0;
  /** Of those that are kept, the acknowledgements that came. */
  readonly #answered = new Set<number>();
  /** Up to which of all that were ever pushed they may be sent with a number. */
  #safe: number;

  /** @param isSafe whether events may be sent at once; else not before {@link secure} says so */
  constructor(namespace: string, host: OutboxHost, isSafe: boolean) {
    super();
    this.#namespace = namespace;
    this.#host = host;
    this.#safe = isSafe ? Infinity : 0;
  }

  /** Up to which number all are done. */
  get done(): number {
    return this.#done;
  }

  /** Whether some of what is kept was emitted before a reload. */
  get isFromBefore(): boolean {
    return this.#removed < 0;
  }

  /** An event for it: without a number yet. Throws for one that can't be encoded. */
  encode(data: readonly unknown[], id: number | undefined): OutgoingEvent {
    const { json, attachments } = encodeBody(data);
    return { id, packet: { text: json, attachments } };
  }

  override push(event: OutgoingEvent): void {
    super.push(event);
    this.#flush();
  }

  /** What was kept comes before all that has been pushed; nothing was sent yet. */
  restore(events: readonly OutgoingEvent[], done: number): void {
    const newer = super.take(this.length);
    for (const event of [...events, ...newer]) super.push(event);
    this.#done = done;
    this.#removed = -events.length;
  }

  /** The first of all that were ever pushed, up to this one, may be sent. */
  secure(count: number): void {
    this.#safe = count;
    this.#flush();
  }

  /**
   * A session begins, in which nothing is sent before {@link open}. Without `done` the server knows nothing of what was sent before: all is sent, and may be
   * done twice.
   */
  begin(done: number | undefined): void {
    this.#sent = 0;
    if (done === undefined) this.#done = 0;
    else this.receiveDone(done);
  }

  /**
   * Sends what the server has not done.
   *
   * @param window how many may be under way at a time; 0: the server takes no numbers: each is sent once, and not kept
   */
  open(window: number): void {
    this.#window = window;
    this.#flush();
  }

  /** Whether the server takes numbers. */
  get isNumbered(): boolean {
    return this.#window !== 0;
  }

  /** The session is over. */
  end(): void {
    this.#window = -1;
  }

  /** The answer to one came: it is done, whether the server has said so yet or not. */
  receiveAnswer(id: number): void {
    // Ids grow from one event to the next: one that is lower was done before.
    for (let at = 0; at < this.length; at += 1) {
      const first = this.at(at)?.id;
      if (first === undefined) continue;
      if (id >= first) this.#answered.add(id);
      return;
    }
  }

  /**
   * The seat is given up: the next one counts anew. All is taken out that was answered; nobody can tell whether the rest was handled. Returns what is to be
   * pushed again.
   */
  leave(): OutgoingEvent[] {
    this.#done = 0;
    const rest: OutgoingEvent[] = [];
    if (this.#answered.size === 0) return rest;
    for (let event = this.at(0); event !== undefined; event = this.at(0)) {
      if (event.id === undefined || !this.#answered.has(event.id)) rest.push(event);
      this.take(1);
    }
    return rest;
  }

  /** The server says up to which number all are done. */
  receiveDone(done: number): void {
    const { length } = this.take(done - this.#done);
    this.#sent = Math.max(0, this.#sent - length);
    this.#done = Math.max(this.#done, done);
    this.#flush();
  }

  override take(count: number, index?: number): OutgoingEvent[] {
    const taken = super.take(count, index);
    for (const { id } of taken) {
      this.#removed += 1;
      this.#host.onRemoved();
      if (id !== undefined) this.#answered.delete(id);
    }
    return taken;
  }

  #flush(): void {
    while (this.#window === 0 && this.length > 0) this.#sendEvent(this.take(1)[0]!, undefined);
    while (this.#sent < Math.min(this.#window, this.length, this.#safe - this.#removed)) {
      this.#sent += 1;
      this.#sendEvent(this.at(this.#sent - 1)!, this.#done + this.#sent);
    }
  }

  #sendEvent({ id, packet: { text, attachments } }: OutgoingEvent, position: number | undefined): void {
    const packet = {
      type: "event",
      namespace: this.#namespace,
      id: this.#wireIdOf(id, position !== undefined),
      position,
    } as const;
    this.#host.send({ text: socketPacketText(packet, text, attachments.length), attachments });
  }

  /** Without a number, an answer can't be told from one to a volatile event: ids are as they are. Those from before a reload are below 0. */
  #wireIdOf(id: number | undefined, isNumbered: boolean): number | undefined {
    if (id === undefined) return undefined;
    if (isNumbered) return id + this.idBase;
    return id < 0 ? id + IDS_OF_NOBODY : id;
  }
}
