import { encodeBody, type EncodedSocketPacket, socketPacketText } from "../../packets/index.ts";
import { type OutgoingEvent, SendBuffer } from "../send-buffer.ts";

/**
 * What a client has emitted and the server has not said is done: numbered, kept, and sent again in the next session, in order. Many are under way at a
 * time. See docs/protocol/delivery.md.
 */
export class Outbox extends SendBuffer {
  readonly #namespace: string;
  readonly #send: (packet: EncodedSocketPacket) => void;
  /** The first that is kept has the number behind it. */
  #done = 0;
  /** How many of them were sent in this session. */
  #sent = 0;
  /** -1: nothing can be sent. */
  #window = -1;

  constructor(namespace: string, send: (packet: EncodedSocketPacket) => void) {
    super();
    this.#namespace = namespace;
    this.#send = send;
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

  /**
   * A session begins: sends what the server has not done. Without `done` it knows nothing of what was sent before: all is sent, and may be done twice.
   *
   * @param window how many may be under way at a time; 0: the server takes no numbers: each is sent once, and not kept
   */
  begin(done: number | undefined, window: number): void {
    this.#sent = 0;
    this.#window = window;
    if (done === undefined) this.#done = 0;
    else this.receiveDone(done);
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

  /** The server says up to which number all are done. */
  receiveDone(done: number): void {
    for (; this.#done < done && this.length > 0; this.#done += 1) {
      this.shift();
      if (this.#sent > 0) this.#sent -= 1;
    }
    this.#done = Math.max(this.#done, done);
    this.#flush();
  }

  #flush(): void {
    while (this.#window === 0 && this.length > 0) this.#sendEvent(this.shift()!, undefined);
    while (this.#sent < this.#window && this.#sent < this.length) {
      this.#sent += 1;
      this.#sendEvent(this.at(this.#sent - 1)!, this.#done + this.#sent);
    }
  }

  #sendEvent({ id, packet: { text, attachments } }: OutgoingEvent, position: number | undefined): void {
    const packet = { type: "event", namespace: this.#namespace, id, position } as const;
    this.#send({ text: socketPacketText(packet, text, attachments.length), attachments });
  }
}
