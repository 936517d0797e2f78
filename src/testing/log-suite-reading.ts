import { same } from "./expect.ts";
import { entryOf, type LogBench, sameEntries } from "./log-bench.ts";
import type { LogChecks } from "./log-checks.ts";

/** Appends one entry for each list of rooms; `-` is everyone. */
async function fill(bench: LogBench, ...rooms: string[]): Promise<void> {
  const entries = rooms.map((names, index) =>
    entryOf(`${index}`, { rooms: names === "-" ? [] : names.split(",") }),
  );
  await bench.appendAll(...entries);
}

async function offsets(bench: LogBench, query: Parameters<LogBench["readAll"]>[0]): Promise<number[]> {
  return (await bench.readAll(query)).map(({ offset }) => offset);
}

async function last(bench: LogBench, room: string, count: number): Promise<number[]> {
  return (await bench.log.readLast(room, count)).map(({ offset }) => offset);
}

/** Reading: who gets what, limits, pages; the last of a room; what goes first when there is too much. */
export function addReading({ check }: LogChecks): void {
  check("who reads gets what is for everyone, and for the rooms asked for", async (bench) => {
    await fill(bench, "-", "a", "b", "a,b", "c", "-", "a");
    same(await offsets(bench, { rooms: [] }), [1, 6]);
    same(await offsets(bench, { rooms: ["a"] }), [1, 2, 4, 6, 7]);
    same(await offsets(bench, { rooms: ["b"] }), [1, 3, 4, 6]);
    same(await offsets(bench, { rooms: new Set(["a", "b"]) }), [1, 2, 3, 4, 6, 7]);
    same(await offsets(bench, { rooms: ["c", "b", "a", "none"] }), [1, 2, 3, 4, 5, 6, 7]);
    same(await offsets(bench, { rooms: ["none"] }), [1, 6]);
    same(await offsets(bench, { rooms: ["a", "a"] }), [1, 2, 4, 6, 7]);
  });

  check("only what is behind `after` and up to `upTo` is found", async (bench) => {
    await fill(bench, "-", "a", "b", "a", "-", "a");
    same(await offsets(bench, { rooms: ["a"], after: 1 }), [2, 4, 5, 6]);
    same(await offsets(bench, { rooms: ["a"], after: 2 }), [4, 5, 6]);
    same(await offsets(bench, { rooms: ["a"], after: 3 }), [4, 5, 6]);
    same(await offsets(bench, { rooms: ["a"], upTo: 4 }), [1, 2, 4]);
    same(await offsets(bench, { rooms: ["a"], upTo: 3 }), [1, 2]);
    same(await offsets(bench, { rooms: ["a"], after: 4, upTo: 5 }), [5]);
    same(await offsets(bench, { rooms: ["a"], after: 2, upTo: 3 }), []);
    same(await offsets(bench, { rooms: ["a"], after: 4, upTo: 4 }), []);
    same(await offsets(bench, { rooms: ["a"], after: 6 }), []);
  });

  check("except is left to the reader", async (bench) => {
    await bench.appendAll(
      entryOf("1", { except: ["a"] }),
      entryOf("2", { rooms: ["a"], except: ["a"] }),
      entryOf("3", { rooms: ["b"], except: ["a"] }),
    );
    same(await offsets(bench, { rooms: ["a"] }), [1, 2]);
  });

  check("a page ends where there is enough, and says up to where it has looked", async (bench) => {
    await fill(bench, "a", "b", "a", "b", "a", "b");
    const base = { after: 0, upTo: 6, rooms: ["a"], maxEntries: 10, maxBytes: 1e6 };
    const whole = await bench.log.read(base);
    same([whole.entries.length, whole.upTo], [3, 6]);
    const beyond = await bench.log.read({ ...base, upTo: 100 });
    same([beyond.entries.length, beyond.upTo], [3, 6]);
    const part = await bench.log.read({ ...base, maxEntries: 2 });
    same([part.entries.length, part.upTo >= 3 && part.upTo < 5], [2, true]);
    const lean = await bench.log.read({ ...base, maxBytes: 1 });
    same([lean.entries.length, lean.upTo >= 1 && lean.upTo < 3], [1, true]);
    const none = await bench.log.read({ ...base, rooms: [] });
    same([none.entries.length, none.upTo], [0, 6]);
  });

  check("bytes are those of body and attachments at least", async (bench) => {
    for (let count = 0; count < 10; count++) {
      bench.append(
        entryOf("x", {
          body: `["${"x".repeat(500)}"]`,
          attachments: [new Uint8Array(300), new Uint8Array(200)],
        }),
      );
    }
    await bench.settled();
    const page = await bench.log.read({ after: 0, upTo: 10, rooms: [], maxEntries: 10, maxBytes: 2500 });
    const count = page.entries.length;
    same(count >= 1 && count <= 3, true, `page of ${count}, whether it is 1 to 3`);
  });

  check("pages join without a hole, and nothing is in two", async (bench) => {
    const rooms = ["a", "b", "-", "a,b", "c", "a", "a", "-", "b", "c"];
    await fill(bench, ...rooms, ...rooms, ...rooms);
    for (const maxEntries of [1, 2, 3, 7]) {
      for (const after of [0, 1, 9]) await bench.checkRead({ rooms: ["a", "b"], maxEntries, after });
    }
    await bench.checkRead({ rooms: ["a", "c"], maxBytes: 1 });
    await bench.checkRead({ rooms: ["a", "c"], maxBytes: 20 });
  });

  check("a reader in very many rooms gets the same", async (bench) => {
    const rooms = Array.from({ length: 300 }, (_, index) => `room ${(index * 7) % 100}`);
    await fill(bench, ...rooms);
    const wanted = Array.from({ length: 2000 }, (_, index) => `room ${index * 2}`);
    await bench.checkRead({ rooms: wanted, maxEntries: 17 });
  });

  check("pages go on while more is appended", async (bench) => {
    await fill(bench, "a", "a", "a");
    const first = await bench.log.read({ after: 0, upTo: 99, rooms: ["a"], maxEntries: 2, maxBytes: 1e6 });
    await fill(bench, "a", "b");
    const second = await bench.log.read({
      after: first.upTo,
      upTo: 99,
      rooms: ["a"],
      maxEntries: 99,
      maxBytes: 1e6,
    });
    sameEntries([...first.entries, ...second.entries], bench.committed.slice(0, 4));
    same(second.upTo, 5);
  });

  check(
    "the last of a room are those for it, in order",
    async (bench) => {
      await fill(bench, "a", "-", "a,b", "b", "a,a", "-");
      same(await last(bench, "a", 10), [1, 3, 5]);
      same(await last(bench, "a", 2), [3, 5]);
      same(await last(bench, "a", 1), [5]);
      same(await last(bench, "b", 2), [3, 4]);
      same(await last(bench, "none", 5), []);
      sameEntries(await bench.log.readLast("b", 1), [bench.committed[3]!]);
    },
    { history: () => 10 },
  );

  check(
    "when there is too much the oldest goes, and tail says so",
    async (bench) => {
      let tail = 0;
      for (let round = 0; round < 50; round++) {
        await fill(bench, "a", "b", "-", "a,b", "c", "a", "b", "-", "a", `only ${round}`);
        same(bench.log.tail >= tail && bench.log.tail <= bench.log.head, true, "tail, whether it goes up");
        tail = bench.log.tail;
        same(tail <= bench.log.head - 10, true, "tail, whether it leaves what should be kept");
        await bench.checkRead({ rooms: ["a"], after: tail });
        await bench.checkRead({ rooms: ["a", "b", "only 0"] });
        await bench.checkRead({ rooms: ["c"], maxEntries: 2, after: Math.max(0, tail - 3) });
      }
    },
    { maxEntries: 10 },
  );

  check(
    "rooms that want it keep their last entries, however many others come",
    async (bench) => {
      await fill(bench, "kept", "kept", "kept,lost", "kept,also kept", "lost");
      for (let round = 0; round < 30; round++)
        await fill(bench, ...Array.from({ length: 20 }, () => "other"));
      same(await last(bench, "kept", 3), [2, 3, 4]);
      same((await last(bench, "kept", 100)).slice(-3), [2, 3, 4]);
      same(await last(bench, "kept", 2), [3, 4]);
      same(await last(bench, "also kept", 3), [4]);
      await fill(bench, "kept");
      same(await last(bench, "kept", 3), [3, 4, 606]);
      await fill(bench, "kept", "kept", "kept");
      same(await last(bench, "kept", 3), [607, 608, 609]);
    },
    { maxEntries: 10, history: (room) => (room.includes("kept") ? 3 : 0) },
  );
}
