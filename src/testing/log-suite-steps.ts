import type { SeatRecord } from "switchboard";
import { same } from "./expect.ts";
import { entryOf, LIFETIME_MS, type LogBench, sameEntries, seatOf } from "./log-bench.ts";
import type { LogChecks } from "./log-checks.ts";
import { sameSeat } from "./log-suite-seats.ts";
import { seeded } from "./seeded.ts";

const STEPS = 600;
/** How many of a room's last are asked for, at most; its history has so many. */
const MAX_LAST = 10;
const ROOMS = ["a", "b", "c", "d", "__proto__"];
const KEYS = ["k1", "k2", "k3", "k4"];

/** A seat as it should be. */
interface ModelSeat {
  record: SeatRecord;
  generation: number;
  vacantSinceMs: number | undefined;
}

/** A log and a model of it, which are told the same. */
class Steps {
  readonly #bench: LogBench;
  readonly #random = seeded(11);
  readonly #seats = new Map<string, ModelSeat>();
  #count = 0;

  constructor(bench: LogBench) {
    this.#bench = bench;
  }

  async run(): Promise<void> {
    const steps: (() => unknown)[] = [
      () => this.#append(),
      () => this.#append(),
      () => this.#append(),
      () => this.#read(),
      () => this.#readLast(),
      () => this.#takeSeat(),
      () => this.#changeSeat(),
      () => this.#changeSeat(),
      () => this.#bench.host.clock.advance(this.#number(LIFETIME_MS / 4)),
    ];
    for (let step = 0; step < STEPS; step++) await steps[this.#number(steps.length)]!();
    await this.#read();
  }

  #append(): void {
    const entries = 1 + this.#number(4);
    for (let count = 0; count < entries; count++) {
      const rooms = this.#random() < 0.3 ? [] : this.#someRooms();
      const attachments = this.#random() < 0.1 ? [Uint8Array.of(this.#count % 256)] : [];
      this.#bench.append(entryOf(`${this.#count++}`, { rooms, attachments }));
    }
  }

  async #read(): Promise<void> {
    await this.#bench.settled();
    const after = this.#number(this.#bench.log.head + 1);
    await this.#bench.checkRead({
      after,
      upTo: this.#random() < 0.5 ? Infinity : after + this.#number(50),
      rooms: this.#someRooms(),
      maxEntries: 1 + this.#number(20),
      maxBytes: this.#random() < 0.5 ? 1e6 : 1 + this.#number(100),
    });
  }

  async #readLast(): Promise<void> {
    await this.#bench.settled();
    const room = this.#pick(ROOMS);
    const count = 1 + this.#number(MAX_LAST);
    const found = await this.#bench.log.readLast(room, count);
    const all = this.#bench.committed.filter(({ rooms }) => rooms.includes(room)).slice(-count);
    sameEntries(found, all);
  }

  async #takeSeat(): Promise<void> {
    const key = this.#pick(KEYS);
    const seat = this.#seat(key);
    const taken = await this.#bench.log.takeSeat(key);
    sameSeat(taken?.record, seat?.record);
    if (seat === undefined || taken === undefined) return;
    same(taken.generation > seat.generation, true, "generation, whether it is higher");
    seat.generation = taken.generation;
    seat.vacantSinceMs = undefined;
  }

  #changeSeat(): void {
    const { log, host } = this.#bench;
    const key = this.#pick(KEYS);
    const seat = this.#seat(key);
    // Now and then somebody who has it no more.
    const generation = seat === undefined ? 1 : seat.generation - Number(this.#random() < 0.2);
    const counts = seat === undefined || generation === seat.generation;
    const action = this.#number(seat === undefined ? 1 : 5);
    if (action <= 2) {
      const record = seatOf(this.#count++, { stays: [], data: this.#random() < 0.5 ? undefined : "[]" });
      log.saveSeat(key, record, generation);
      if (seat === undefined) this.#seats.set(key, { record, generation, vacantSinceMs: undefined });
      else if (counts) seat.record = record;
    } else if (action === 3) {
      log.vacateSeat(key, generation);
      if (counts) seat!.vacantSinceMs ??= host.clock.now();
    } else {
      log.dropSeat(key, generation);
      if (counts) this.#seats.delete(key);
    }
  }

  #seat(key: string): ModelSeat | undefined {
    const seat = this.#seats.get(key);
    if (seat?.vacantSinceMs === undefined) return seat;
    if (this.#bench.host.clock.now() < seat.vacantSinceMs + LIFETIME_MS) return seat;
    this.#seats.delete(key);
    return undefined;
  }

  #someRooms(): string[] {
    const rooms = ROOMS.filter(() => this.#random() < 0.3);
    return rooms.length > 0 ? rooms : [this.#pick(ROOMS)];
  }

  #number(below: number): number {
    return Math.floor(this.#random() * below);
  }

  #pick(names: readonly string[]): string {
    return names[this.#number(names.length)]!;
  }
}

/** Against a model. */
export function addRandomSteps({ check }: LogChecks): void {
  check(`who gets what is what a list says, in ${STEPS} random steps`, (bench) => new Steps(bench).run(), {
    history: () => MAX_LAST,
  });
  check("the same with a log that keeps little", (bench) => new Steps(bench).run(), {
    maxEntries: 20,
    history: () => MAX_LAST,
  });
}
