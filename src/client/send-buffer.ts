import type { EncodedSocketPacket } from "../packets/index.ts";

/** What an event that waits counts for beside its length. */
const EVENT_COST = 64;

/** An event that is ready to be sent. */
export interface OutgoingEvent {
  /** Of the acknowledgement that is waited for. */
  readonly id: number | undefined;
  readonly packet: EncodedSocketPacket;
}

/** Events in the order in which they are to be sent. */
export class SendBuffer<Event extends OutgoingEvent = OutgoingEvent> {
  readonly #events: Event[] = [];
  #bytes = 0;

  get length(): number {
    return this.#events.length;
  }

  /** The length of what waits, with 64 more for each. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The one at a place, from 0 on. */
  at(index: number): Event | undefined {
    return this.#events[index];
  }

  /** Of the acknowledgements that belong to them; undefined is among them where somebody waits for none. */
  get ids(): ReadonlySet<number | undefined> {
    return new Set(this.#events.map(({ id }) => id));
  }

  push(event: Event): void {
    this.#events.push(event);
    this.#bytes += sizeOf(event);
  }

  /** Takes the one out to which an acknowledgement belongs. */
  remove(id: number): void {
    const index = this.#events.findIndex((event) => event.id === id);
    if (index >= 0) this.take(1, index);
  }

  /** Takes out the first ones, or those from a place on: as many as there are, but not more than `count`. */
  take(count: number, index = 0): Event[] {
    const taken = this.#events.splice(index, count);
    for (const event of taken) this.#bytes -= sizeOf(event);
    return taken;
  }
}

/** What an event counts for. */
export function sizeOf({ packet: { text, attachments } }: OutgoingEvent): number {
  return attachments.reduce((sum, { length }) => sum + length, text.length + EVENT_COST);
}
