import type { EncodedSocketPacket, SocketPacket } from "../../packets/index.ts";
import type { OutgoingEvent } from "../send-buffer.ts";
import { Outbox } from "./outbox.ts";
import type { ClientDelivery, Joined, SocketDelivery } from "./port.ts";
import { Seat, type SeatAnswer } from "./seat.ts";

const SEAT_KEY = "$seat";
/** How many events may be under way if the server does not say. */
const DEFAULT_WINDOW = 256;

/**
 * Events that are not lost, for the option `delivery`: with a server that has `delivery` on, what the server sends arrives once and in order over any number of
 * connections, or `gap` says that something is missing; what is emitted is kept until the server has handled it, and handled once. With any other server it
 * changes nothing. Volatile events are not part of it.
 *
 * @example
 * import { delivery, io } from "switchboard/client";
 *
 * const socket = io("https://chat.example", { delivery: delivery() });
 * socket.on("gap", () => reload());
 */
export function delivery(): ClientDelivery {
  return (namespace, send) => new SeatAndOutbox(namespace, send);
}

class SeatAndOutbox implements SocketDelivery {
  readonly asked = new Set<number>();
  readonly #seat = new Seat();
  readonly #outbox: Outbox;

  constructor(namespace: string, send: (packet: EncodedSocketPacket) => void) {
    this.#outbox = new Outbox(namespace, send);
  }

  get length(): number {
    return this.#outbox.length;
  }

  get bytes(): number {
    return this.#outbox.bytes;
  }

  claim(auth: Record<string, unknown> | undefined): Record<string, unknown> | undefined {
    const { claim } = this.#seat;
    return claim === undefined ? auth : { ...auth, [SEAT_KEY]: claim };
  }

  begin(answer: object): Joined {
    const seat = seatOf(answer);
    const isRecovered = seat?.recovered === true;
    const joined = isRecovered ? "recovered" : this.#seat.claim === undefined ? "new" : "gap";
    if (!isRecovered) this.#keepAsked();
    this.#seat.leave();
    if (seat !== undefined) this.#seat.take(seat);
    this.#outbox.begin(seat?.sequence, seat === undefined ? 0 : (seat.window ?? DEFAULT_WINDOW));
    return joined;
  }

  end(isForGood: boolean): void {
    if (isForGood) this.#seat.leave();
    if (isForGood || !this.#outbox.isNumbered) this.#keepAsked();
    this.#outbox.end();
  }

  receive({ type, id, data, position }: SocketPacket): boolean {
    if (type === "ack" && id === undefined && data === undefined && position !== undefined) {
      this.#outbox.receiveDone(position);
      return true;
    }
    if (!this.#seat.reach(position)) return true;
    if (id !== undefined && type !== "event") this.asked.delete(id);
    return false;
  }

  skip(answer: object): boolean {
    const seat = seatOf(answer);
    if (seat === undefined) return false;
    this.#seat.take(seat);
    return true;
  }

  encode(data: readonly unknown[], id: number | undefined): OutgoingEvent {
    return this.#outbox.encode(data, id);
  }

  push(event: OutgoingEvent): void {
    if (event.id !== undefined) this.asked.add(event.id);
    this.#outbox.push(event);
  }

  forget(id: number): void {
    this.asked.delete(id);
  }

  /** Answers to what is done already will not come any more. */
  #keepAsked(): void {
    const { ids } = this.#outbox;
    for (const id of this.asked) if (!ids.has(id)) this.asked.delete(id);
  }
}

function seatOf(answer: object): SeatAnswer | undefined {
  return (answer as { [SEAT_KEY]?: SeatAnswer })[SEAT_KEY];
}
