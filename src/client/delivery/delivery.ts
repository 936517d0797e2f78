import type { ClientDelivery } from "./port.ts";
import { SeatAndOutbox } from "./seat-and-outbox.ts";
import type { OutboxStore } from "./store.ts";

/** Options of {@link delivery}. */
export interface DeliveryOptions {
  /** Where what was emitted, and is not done, is kept over a reload. Default: in memory only. */
  readonly store?: OutboxStore;
  /**
   * What becomes of the seat after a reload. False: the application begins anew, as a new socket that has missed nothing, and only what it emitted goes on.
   * True: it comes back to its seat, with `socket.recovered` and what it has missed since its listeners returned from the last event; for applications that
   * keep what they were sent themselves. Default false.
   */
  readonly keepSeat?: boolean;
}

/** Delivery with a store. */
export interface StoredDelivery extends ClientDelivery {
  /**
   * Resolves when all that was emitted up to now would survive the end of the page, or process; or is done. Rejects with a `StoreError` if it would not.
   *
   * @example
   * socket.emit("order", order);
   * await outbox.stored();
   */
  stored(): Promise<void>;
}

/**
 * Events that are not lost, for the option `delivery`: with a server that has `delivery` on, what the server sends arrives once and in order over any number of
 * connections, or `gap` says that something is missing; what is emitted is kept until the server has handled it, and handled once. With any other server it
 * changes nothing. Volatile events are not part of it.
 *
 * With a `store`, what is emitted is kept over a reload as well: before it is sent, and until it is done. If the store fails, the manager's `emit_error` is told
 * (`StoreError`), and all goes on in memory.
 *
 * @example
 * import { delivery, io } from "switchboard/client";
 * import { indexedDBStore } from "switchboard/client/indexeddb";
 *
 * const store = indexedDBStore({ name: `chat of ${user.id}` });
 * const socket = io("https://chat.example", { delivery: delivery({ store }) });
 * socket.on("gap", () => reload());
 */
export function delivery(options: DeliveryOptions & { readonly store: OutboxStore }): StoredDelivery;
export function delivery(options?: DeliveryOptions): ClientDelivery;
export function delivery(options: DeliveryOptions = {}): ClientDelivery {
  // It is called as if it were what it returns.
  if (typeof options !== "object") throw new TypeError('The option "delivery" is what delivery() returns.');
  const { store, keepSeat = false } = options;
  const made: SeatAndOutbox[] = [];
  const make: ClientDelivery = (namespace, io) => {
    const one = new SeatAndOutbox(namespace, io, store, keepSeat);
    if (store !== undefined) made.push(one);
    return one;
  };
  const stored = async (): Promise<void> => void (await Promise.all(made.map((one) => one.stored())));
  return Object.assign(make, { stored });
}
