import type { EncodedSocketPacket, SocketPacket } from "../../packets/index.ts";
import type { OutgoingEvent } from "../send-buffer.ts";
import { Keeper, type KeeperHost } from "./keeper.ts";
import { Outbox, type OutboxHost } from "./outbox.ts";
import type { DeliveryUplink, Joined, SocketDelivery } from "./port.ts";
import { Seat, type SeatAnswer } from "./seat.ts";
import type { OutboxState, OutboxStore, StoredOutbox } from "./store.ts";
import type { StoreError } from "./store-error.ts";

const SEAT_KEY = "$seat";
/** How many events may be under way if the server does not say. */
const DEFAULT_WINDOW = 256;
/** No log has this epoch: whoever claims a seat with it gets a new one, with the numbers of the old one's outbox. */
const NO_EPOCH = "?";

/** The delivery of one socket: its seat on the server and its outbox, kept in a store if there is one. */
export class SeatAndOutbox implements SocketDelivery, KeeperHost, OutboxHost {
  readonly asked: Set<number> = new Set();
  readonly #namespace: string;
  readonly #io: DeliveryUplink;
  readonly #seat = new Seat();
  readonly #outbox: Outbox;
  readonly #keepsSeat: boolean;
  readonly #keeper: Keeper | undefined;
  /** The seat is that of the application before the reload: this one begins anew. */
  #isOfBefore = false;
  #nextId = 0;
  /** Send CONNECT when the store is open; those of connections that are lost by then do nothing. */
  #claims: (() => void)[] = [];
  /** Stands for a session whose seat is being stored. */
  #session: object | undefined;

  constructor(namespace: string, io: DeliveryUplink, store: OutboxStore | undefined, keepsSeat: boolean) {
    this.#namespace = namespace;
    this.#io = io;
    this.#keepsSeat = keepsSeat;
    this.#outbox = new Outbox(namespace, this, store === undefined);
    if (store === undefined) return;
    const name = `${io.server}${io.opts.path ?? "/socket.io/"} ${namespace}`;
    this.#keeper = new Keeper(store, name, io.clock, this);
  }

  get length(): number {
    return this.#outbox.length;
  }

  get bytes(): number {
    return this.#outbox.bytes;
  }

  async stored(): Promise<void> {
    await this.#keeper?.stored();
  }

  claim(
    auth: Record<string, unknown> | undefined,
    give: (auth: Record<string, unknown> | undefined) => void,
  ): void {
    const claim = (): void => {
      const seat = this.#seat.claim;
      if (seat === undefined) give(auth);
      else give({ ...auth, [SEAT_KEY]: this.#isOfBefore ? { ...seat, epoch: NO_EPOCH, offset: 0 } : seat });
    };
    if (this.#keeper?.isOpening === true) this.#claims.push(claim);
    else claim();
  }

  begin(answer: object): Joined {
    const seat = seatOf(answer);
    const isRecovered = seat?.recovered === true;
    const joined = isRecovered ? "recovered" : this.#mayMiss(seat) ? "gap" : "new";
    if (!isRecovered) this.#keepAsked();
    this.#isOfBefore = false;
    this.#seat.leave();
    if (seat !== undefined) this.#seat.take(seat);
    this.#outbox.begin(seat?.sequence);
    this.#keeper?.change();
    const window = seat === undefined ? 0 : (seat.window ?? DEFAULT_WINDOW);
    if (this.#keeper === undefined || window === 0) this.#outbox.open(window);
    else this.#openWhenStored(this.#keeper, window);
    return joined;
  }

  end(isForGood: boolean): void {
    this.#session = undefined;
    const { isNumbered } = this.#outbox;
    this.#outbox.end();
    if (isForGood) {
      this.#seat.leave();
      for (const event of this.#outbox.leave()) this.#push(event);
      this.#keeper?.change();
    }
    if (isForGood || !isNumbered) this.#keepAsked();
  }

  receive(packet: SocketPacket): SocketPacket {
    const { type, id, data, position } = packet;
    if (type === "ack" && id === undefined && data === undefined && position !== undefined) {
      this.#outbox.receiveDone(position);
      return packet;
    }
    if (!this.#seat.reach(position)) return { ...packet, type: "ack", id: undefined };
    if (this.#keepsSeat && position !== undefined) this.#keeper?.touch();
    if (id === undefined || type === "event") return packet;
    // Answers of the log are to events of the outbox; of those that were emitted before a reload nobody waits for one.
    const own = position === undefined ? id : id - this.#outbox.idBase;
    this.asked.delete(own);
    this.#outbox.receiveAnswer(own);
    return { ...packet, id: own };
  }

  skip(answer: object): boolean {
    const seat = seatOf(answer);
    if (seat === undefined) return false;
    this.#seat.take(seat);
    this.#keeper?.change();
    return true;
  }

  encode(data: readonly unknown[], id: number | undefined): OutgoingEvent {
    return this.#outbox.encode(data, id);
  }

  push(event: OutgoingEvent): void {
    if (event.id !== undefined) this.asked.add(event.id);
    this.#push(event);
  }

  forget(id: number): void {
    this.asked.delete(id);
  }

  send(packet: EncodedSocketPacket): void {
    this.#io.send(packet);
  }

  onRemoved(): void {
    this.#keeper?.remove();
  }

  get state(): OutboxState {
    return { seat: this.#seat.claim, done: this.#outbox.done, nextId: this.#nextId };
  }

  onOpen({ events, state, damage }: StoredOutbox): void {
    if (damage !== undefined) this.#io.onEmitError(damage, this.#namespace);
    const { seat, done = 0, nextId = 0 } = state ?? {};
    const newer = Array.from({ length: this.length }, (_, at) => this.#outbox.at(at)!);
    this.#outbox.idBase = this.#nextId = nextId;
    this.#outbox.restore(
      events.map(({ id, text, binary }) => ({
        id: id === undefined ? undefined : id - nextId,
        packet: { text, attachments: binary },
      })),
      done,
    );
    if (seat !== undefined) {
      this.#seat.take(seat);
      this.#isOfBefore = !this.#keepsSeat;
    }
    for (const event of newer) this.#keep(this.#keeper!, event);
    this.#connect();
  }

  onStored(count: number): void {
    this.#outbox.secure(count);
  }

  onFailed(error: StoreError | undefined): void {
    this.#outbox.secure(Infinity);
    if (error !== undefined) this.#io.onEmitError(error, this.#namespace);
    this.#connect();
  }

  #push(event: OutgoingEvent): void {
    if (this.#keeper?.isOpening === false) this.#keep(this.#keeper, event);
    this.#outbox.push(event);
  }

  #connect(): void {
    for (const claim of this.#claims.splice(0)) claim();
  }

  #keep(keeper: Keeper, { id, packet: { text, attachments } }: OutgoingEvent): void {
    const wireId = id === undefined ? undefined : id + this.#outbox.idBase;
    if (wireId !== undefined) this.#nextId = wireId + 1;
    keeper.append({ id: wireId, text, binary: attachments });
  }

  /** Whether joining without recovery is a gap. After a reload nothing can have been missed, but what was emitted before may be handled twice. */
  #mayMiss(seat: SeatAnswer | undefined): boolean {
    if (this.#seat.claim === undefined) return false;
    return !this.#isOfBefore || (seat?.sequence === undefined && this.#outbox.isFromBefore);
  }

  /** A number means nothing without the seat: what is sent by it must not be known to the server before the seat is to us. */
  #openWhenStored(keeper: Keeper, window: number): void {
    const session = {};
    this.#session = session;
    const open = (): void => {
      if (this.#session === session) this.#outbox.open(window);
    };
    keeper.stored().then(open, open);
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
