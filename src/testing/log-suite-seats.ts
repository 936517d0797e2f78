import type { SeatRecord } from "switchboard";
import { same } from "./expect.ts";
import { LIFETIME_MS, MAX_VACANT, MAX_VACANT_BYTES, seatOf } from "./log-bench.ts";
import type { LogChecks } from "./log-checks.ts";
import { ODD_NAMES } from "./log-suite-entries.ts";

/** Throws unless the two are the same, field by field. */
export function sameSeat(actual: SeatRecord | undefined, expected: SeatRecord | undefined): void {
  same(fields(actual), fields(expected), "seat");
}

function fields(record: SeatRecord | undefined): unknown {
  if (record === undefined) return undefined;
  const { socketId, stays, data, since, confirmed, sequence } = record;
  const places = stays.map(({ room, after, upTo }) => [room, after, upTo]);
  return [socketId, places, data, since, confirmed, sequence];
}

/** Seats: taken, saved, empty, forgotten; and who may still say so. */
export function addSeats({ check }: LogChecks): void {
  check("a seat that is unknown can't be taken", async ({ log }) => {
    same(await log.takeSeat("none"), undefined);
    log.vacateSeat("none", 1);
    log.dropSeat("none", 1);
    same(await log.takeSeat("none"), undefined);
  });

  check("a seat comes back as it was", async ({ log }) => {
    const records = [
      seatOf(0, { stays: [] }),
      seatOf(2 ** 40, { since: 2 ** 39, confirmed: 2 ** 41, data: '{"name":"é😀","__proto__":1}' }),
      seatOf(1, { stays: ODD_NAMES.map((room, index) => ({ room, after: index, upTo: index * 2 })) }),
      seatOf(2, { data: "null", stays: [{ room: "a", after: 2 ** 40, upTo: undefined }], socketId: "é" }),
    ];
    for (const [index, record] of records.entries()) log.saveSeat(`key ${index}`, record, 1);
    for (const [index, record] of records.entries()) {
      const taken = await log.takeSeat(`key ${index}`);
      sameSeat(taken?.record, record);
      same(taken!.generation > 1, true, "generation, whether it is higher");
    }
  });

  check("keys are only keys", async ({ log }) => {
    for (const [index, key] of ODD_NAMES.entries()) log.saveSeat(key, seatOf(index), 1);
    for (const [index, key] of ODD_NAMES.entries()) same((await log.takeSeat(key))?.record.sequence, index);
    same(await log.takeSeat("toString"), undefined);
  });

  check("who holds a seat saves it again and again", async ({ log }) => {
    for (let sequence = 0; sequence < 10; sequence++) log.saveSeat("key", seatOf(sequence), 1);
    const { record, generation } = (await log.takeSeat("key"))!;
    same(record.sequence, 9);
    log.saveSeat("key", seatOf(10, { data: "1" }), generation);
    log.saveSeat("key", seatOf(11), generation);
    sameSeat((await log.takeSeat("key"))?.record, seatOf(11));
  });

  check(
    "a seat that is held can be taken, and its holder changes nothing any more",
    async ({ log, host }) => {
      log.saveSeat("key", seatOf(1), 1);
      const first = (await log.takeSeat("key"))!;
      const second = (await log.takeSeat("key"))!;
      same(second.generation > first.generation, true, "generation, whether it is higher");
      for (const old of [1, first.generation]) {
        log.saveSeat("key", seatOf(2), old);
        log.vacateSeat("key", old);
        log.dropSeat("key", old);
      }
      host.clock.advance(2 * LIFETIME_MS);
      sameSeat((await log.takeSeat("key"))?.record, seatOf(1));
    },
  );

  check("a seat that is dropped is forgotten, and who held it does not bring it back", async ({ log }) => {
    log.saveSeat("key", seatOf(1), 1);
    const { generation } = (await log.takeSeat("key"))!;
    log.dropSeat("key", generation);
    same(await log.takeSeat("key"), undefined);
    log.saveSeat("key", seatOf(2), generation);
    log.vacateSeat("key", generation);
    same(await log.takeSeat("key"), undefined);
    log.saveSeat("other", seatOf(3), 1);
    log.dropSeat("other", 1);
    same(await log.takeSeat("other"), undefined);
  });

  check("a seat that is held stays as long as it is held", async ({ log, host }) => {
    log.saveSeat("key", seatOf(1), 1);
    host.clock.advance(100 * LIFETIME_MS);
    same((await log.takeSeat("key"))?.record.sequence, 1);
    host.clock.advance(100 * LIFETIME_MS);
    same((await log.takeSeat("key"))?.record.sequence, 1);
  });

  check("an empty seat is kept for its time", async ({ log, host }) => {
    for (const key of ["early", "late"]) {
      log.saveSeat(key, seatOf(1), 1);
      log.vacateSeat(key, 1);
    }
    host.clock.advance(LIFETIME_MS - 1);
    same((await log.takeSeat("early"))?.record.sequence, 1);
    host.clock.advance(2);
    same(await log.takeSeat("late"), undefined);
    log.saveSeat("late", seatOf(2), 2);
    same(await log.takeSeat("late"), undefined);
  });

  check(
    "a seat that is taken is not empty any more; its time begins anew with the next",
    async ({ log, host }) => {
      log.saveSeat("key", seatOf(1), 1);
      log.vacateSeat("key", 1);
      host.clock.advance(LIFETIME_MS - 1);
      const { generation } = (await log.takeSeat("key"))!;
      host.clock.advance(LIFETIME_MS * 3);
      log.vacateSeat("key", generation);
      host.clock.advance(LIFETIME_MS - 1);
      same((await log.takeSeat("key"))?.record.sequence, 1);
    },
  );

  check("an empty seat can still be saved, and its time goes on", async ({ log, host }) => {
    for (const key of ["one", "other"]) {
      log.saveSeat(key, seatOf(1), 1);
      log.vacateSeat(key, 1);
    }
    host.clock.advance(LIFETIME_MS - 1);
    log.saveSeat("one", seatOf(2), 1);
    log.saveSeat("other", seatOf(2), 1);
    sameSeat((await log.takeSeat("one"))?.record, seatOf(2));
    host.clock.advance(2);
    same(await log.takeSeat("other"), undefined);
  });

  check("of too many empty seats the one that was empty for longest goes first", async ({ log, host }) => {
    const keys = Array.from({ length: MAX_VACANT + 3 }, (_, index) => `key ${index}`);
    for (const key of [...keys, "held"]) log.saveSeat(key, seatOf(1), 1);
    for (const key of keys.toReversed()) {
      log.vacateSeat(key, 1);
      host.clock.advance(1);
    }
    for (const [index, key] of keys.entries()) {
      same((await log.takeSeat(key)) !== undefined, index < MAX_VACANT, `seat ${index}, whether it is there`);
    }
    same((await log.takeSeat("held")) !== undefined, true, "seat that is held, whether it is there");
  });

  check(
    "of empty seats that take too much the one that was empty for longest goes first",
    async ({ log, host }) => {
      const data = JSON.stringify("x".repeat(MAX_VACANT_BYTES / 10));
      const keys = Array.from({ length: 12 }, (_, index) => `key ${index}`);
      for (const key of keys) {
        log.saveSeat(key, seatOf(1, { data }), 1);
        log.vacateSeat(key, 1);
        host.clock.advance(1);
      }
      same(await log.takeSeat(keys[0]!), undefined);
      same((await log.takeSeat(keys.at(-1)!)) !== undefined, true, "newest seat, whether it is there");
    },
  );

  check("seats that are taken again do not count as empty", async ({ log, host }) => {
    const keys = Array.from({ length: MAX_VACANT + 5 }, (_, index) => `key ${index}`);
    for (const key of keys) log.saveSeat(key, seatOf(1), 1);
    for (const key of keys.slice(0, 5)) log.vacateSeat(key, 1);
    host.clock.advance(1);
    for (const key of keys.slice(0, 5)) await log.takeSeat(key);
    for (const key of keys.slice(5)) log.vacateSeat(key, 1);
    for (const key of keys)
      same((await log.takeSeat(key)) !== undefined, true, `"${key}", whether it is there`);
  });
}
