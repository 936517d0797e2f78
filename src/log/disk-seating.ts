import type { LogHost } from "../sockets/log.ts";
import type { DiskNamespace } from "./disk-namespace.ts";
import { DiskSeats, type WriteSeat } from "./disk-seats.ts";
import { VacantSeats } from "./vacant-seats.ts";

/** The seats of all namespaces of a store. */
export class DiskSeating {
  readonly #vacant = new VacantSeats();
  readonly #writerFor: (namespace: DiskNamespace) => WriteSeat;
  /** Whether a host has come, and with it a clock. */
  #isAwake = false;

  constructor(writerFor: (namespace: DiskNamespace) => WriteSeat) {
    this.#writerFor = writerFor;
  }

  /** The log of a namespace is opened. Seats need a clock: the first host brings it for those of all, as nobody may ever open some of them again. */
  open(namespace: DiskNamespace, host: LogHost, all: Iterable<DiskNamespace>): void {
    this.#vacant.enter();
    if (!this.#isAwake) for (const each of all) if (each !== namespace) this.#seat(each, host);
    this.#isAwake = true;
    this.#seat(namespace, host);
  }

  /** The log of a namespace is closed; its seats stay, for who opens it again. */
  close(): void {
    this.#vacant.leave();
  }

  #seat(namespace: DiskNamespace, host: LogHost): void {
    const found = namespace.seats?.release() ?? namespace.found;
    namespace.found = new Map();
    namespace.seats = new DiskSeats(found, host, this.#vacant, this.#writerFor(namespace));
  }
}
