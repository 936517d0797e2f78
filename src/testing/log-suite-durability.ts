import { same } from "./expect.ts";
import { entryOf, LIFETIME_MS, sameEntries, seatOf } from "./log-bench.ts";
import type { LogChecks } from "./log-checks.ts";
import { ODD_NAMES } from "./log-suite-entries.ts";
import { sameSeat } from "./log-suite-seats.ts";

/** What is there when a log is opened again. */
export function addDurability({ checkDurable, checkKilled }: LogChecks): void {
  checkDurable(
    "everything committed is there after reopening, and offsets go on",
    async (bench, reopen) => {
      const { epoch } = bench.log;
      for (let round = 0; round < 3; round++) {
        await bench.appendAll(
          entryOf("everyone", { attachments: [Uint8Array.of(1, 2, 3)] }),
          entryOf("room", { rooms: ["a", "😀"], except: ["b"], type: "ack", id: 3 }),
          ...ODD_NAMES.map((name) => entryOf("odd", { rooms: [name] })),
        );
        bench.host.clock.advance(1000);
      }
      const count = bench.committed.length;
      let again = await reopen();
      again = await reopen();
      same([again.log.epoch, again.log.head, again.log.tail], [epoch, count, 0]);
      sameEntries(await again.readAll({ rooms: ["a", ...ODD_NAMES] }), bench.committed);
      sameEntries(await again.log.readLast("__proto__", 1), [bench.committed[count - ODD_NAMES.length + 1]!]);
      await again.appendAll(entryOf("more"));
      same(again.committed.at(-1)!.offset, count + 1);
      await again.checkRead({ rooms: ["a"], maxEntries: 3 });
    },
    {
      history: () => 10,
    },
  );

  checkDurable("what closing committed is there", async (bench, reopen) => {
    for (let count = 0; count < 20; count++) bench.append(entryOf(`${count}`));
    bench.log.saveSeat("key", seatOf(20), 1);
    const again = await reopen();
    same(again.committed.length, 20);
    await again.checkRead();
    sameSeat((await again.log.takeSeat("key"))?.record, seatOf(20));
  });

  checkDurable(
    "seats are there, with their generations; those that were dropped are not",
    async (bench, reopen) => {
      const record = seatOf(5, { data: '"é"', stays: [{ room: "\ud800", after: 1, upTo: 3 }] });
      for (const key of ["held", "taken", "vacant", "dropped"]) bench.log.saveSeat(key, record, 1);
      const { generation } = (await bench.log.takeSeat("taken"))!;
      bench.log.vacateSeat("vacant", 1);
      bench.log.dropSeat("dropped", 1);
      const { log } = await reopen();
      for (const key of ["held", "vacant"]) sameSeat((await log.takeSeat(key))?.record, record);
      log.saveSeat("taken", seatOf(6), generation - 1);
      const again = (await log.takeSeat("taken"))!;
      sameSeat(again.record, record);
      same(again.generation > generation, true, "generation, whether it is higher");
      same(await log.takeSeat("dropped"), undefined);
    },
  );

  checkDurable("a seat may be any object that has what a record has", async (bench, reopen) => {
    const record = seatOf(5, { data: "1", since: 2, confirmed: 3 });
    const seat: typeof record = Object.create(record, { more: { value: () => 1, enumerable: true } });
    bench.log.saveSeat("key", seat, 1);
    const { log } = await reopen();
    sameSeat((await log.takeSeat("key"))?.record, record);
  });

  checkDurable("an empty seat's time goes on while nobody has the log open", async (bench, reopen) => {
    for (const key of ["one", "other"]) {
      bench.log.saveSeat(key, seatOf(1), 1);
      bench.log.vacateSeat(key, 1);
    }
    bench.host.clock.advance(LIFETIME_MS / 2);
    await bench.log.close();
    bench.host.clock.advance(LIFETIME_MS / 2 - 1);
    const { log } = await reopen();
    same((await log.takeSeat("one"))?.record.sequence, 1);
    bench.host.clock.advance(2);
    same(await log.takeSeat("other"), undefined);
  });

  checkDurable("a seat that was held is empty from reopening on", async (bench, reopen) => {
    for (const key of ["one", "other"]) bench.log.saveSeat(key, seatOf(1), 1);
    await bench.log.close();
    bench.host.clock.advance(10 * LIFETIME_MS);
    const { log } = await reopen();
    bench.host.clock.advance(LIFETIME_MS - 1);
    same((await log.takeSeat("one"))?.record.sequence, 1);
    bench.host.clock.advance(2);
    same(await log.takeSeat("other"), undefined);
  });

  checkDurable(
    "what was let go of stays gone, the rest is there",
    async (bench, reopen) => {
      for (let round = 0; round < 30; round++) {
        await bench.appendAll(
          ...Array.from({ length: 20 }, (_, index) => entryOf("x", { rooms: [`${index}`] })),
        );
      }
      const { tail, head } = bench.log;
      const again = await reopen();
      same(again.log.head, head);
      same(again.log.tail <= head - 10, true, "tail, whether it leaves what should be kept");
      same(again.log.tail >= tail, true, "tail, whether it does not go back");
      await again.checkRead({ rooms: ["1", "2", "3"] });
    },
    { maxEntries: 10 },
  );

  checkDurable(
    "the last of rooms that want it are there",
    async (bench, reopen) => {
      await bench.appendAll(
        ...["kept", "lost", "kept", "kept"].map((room) => entryOf("x", { rooms: [room] })),
      );
      for (let round = 0; round < 30; round++) {
        await bench.appendAll(...Array.from({ length: 20 }, () => entryOf("x", { rooms: ["other"] })));
      }
      const { log } = await reopen();
      sameEntries(
        await log.readLast("kept", 2),
        [3, 4].map((offset) => bench.committed[offset - 1]!),
      );
    },
    { maxEntries: 10, history: (room) => (room === "kept" ? 2 : 0) },
  );

  checkKilled("what was told as committed is there after a kill", async (bench, afterKill) => {
    const { epoch } = bench.log;
    for (let round = 0; round < 5; round++) {
      await bench.appendAll(
        ...Array.from({ length: 10 }, (_, index) => entryOf(`${index}`, { rooms: ["a"] })),
      );
      for (let count = 0; count < 5; count++) bench.append(entryOf("perhaps"));
      const known = bench.committed.length;
      const again = await afterKill();
      same([again.log.epoch, again.log.head >= known], [epoch, true]);
      const found = await again.readAll({ rooms: ["a"] });
      sameEntries(found.slice(0, known), bench.committed.slice(0, known));
      await bench.settled();
    }
  });

  checkKilled("what was done in one turn is there together or not at all", async (bench, afterKill) => {
    for (let sequence = 1; sequence <= 30; sequence++) {
      bench.append(entryOf(`${sequence}`));
      bench.append(entryOf(`${sequence}`));
      bench.log.saveSeat("key", seatOf(sequence), 1);
      // Another turn.
      await new Promise((resolve) => setImmediate(resolve));
      if (sequence % 3 !== 0) continue;
      const { log } = await afterKill();
      const kept = (await log.takeSeat("key"))?.record.sequence ?? 0;
      same(log.head, 2 * kept, "head");
    }
  });
}
