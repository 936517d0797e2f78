import type { LogEntry } from "switchboard";
import { same } from "./expect.ts";
import { entryOf, sameEntries, seatOf } from "./log-bench.ts";
import type { LogChecks } from "./log-checks.ts";

/** Names that are only names. */
export const ODD_NAMES: readonly string[] = [
  "",
  "__proto__",
  "constructor",
  "a,b",
  " ",
  "\0",
  "a\0",
  "\n",
  "😀",
  "é",
  "e\u0301",
  "\ud800",
  "\ud801",
  "/",
  "../..",
  "x".repeat(5000),
];

/** Appending: offsets, order, what is kept of an entry, the end. */
export function addEntries({ check }: LogChecks): void {
  check("a new log is empty, and has an epoch", async ({ log }) => {
    same([log.head, log.tail], [0, 0]);
    same(
      /^[A-Za-z0-9_-]{1,16}$/.test(log.epoch),
      true,
      `epoch "${log.epoch}", whether it is 1 to 16 characters`,
    );
    same(await log.read({ after: 0, upTo: 10, rooms: ["a"], maxEntries: 10, maxBytes: 10 }), {
      entries: [],
      upTo: 0,
    });
  });

  check("offsets count up from 1, in the order of appending, which is that of being told", async (bench) => {
    const names = Array.from({ length: 50 }, (_, index) => `${index}`);
    await bench.appendAll(...names.slice(0, 20).map((name) => entryOf(name)));
    for (const name of names.slice(20)) {
      bench.append(entryOf(name, { rooms: [name] }));
      if (Number(name) % 7 === 0) await bench.settled();
    }
    await bench.settled();
    same(
      bench.committed.map(({ offset, body }) => [offset, body]),
      names.map((name, index) => [index + 1, `["${name}"]`]),
    );
    same(bench.log.head, 50, "head");
  });

  check("the head is what was told as committed, and can be read at that moment", async ({ log }) => {
    const heads: unknown[] = [];
    let pages: unknown;
    await new Promise<void>((resolve, reject) => {
      for (let count = 1; count <= 10; count++) {
        log.append(entryOf(`${count}`), {
          onCommitted: (offset) => {
            heads.push([offset, log.head >= offset]);
            pages = log.read({ after: offset - 1, upTo: offset, rooms: [], maxEntries: 1, maxBytes: 1 });
            if (offset === 10) resolve();
          },
          onFailed: reject,
        });
        same(log.head <= count, true, "head, whether it is within what was appended");
      }
    });
    same(
      heads,
      Array.from({ length: 10 }, (_, index) => [index + 1, true]),
    );
    const page = (await pages) as { entries: { body: string }[] };
    same(
      page.entries.map(({ body }) => body),
      ['["10"]'],
    );
  });

  check("an entry appended while another is told has the next offset", async (bench) => {
    const offsets: number[] = [];
    await new Promise<void>((resolve, reject) => {
      const appendOne = (): void =>
        bench.log.append(entryOf("x"), {
          onCommitted: (offset) => {
            offsets.push(offset);
            if (offset < 5) appendOne();
            else resolve();
          },
          onFailed: reject,
        });
      appendOne();
    });
    same(offsets, [1, 2, 3, 4, 5]);
  });

  check("the time is that of appending", async (bench) => {
    const before = bench.host.wallTimeMs();
    await bench.appendAll(entryOf("a"));
    bench.host.clock.advance(1234);
    await bench.appendAll(entryOf("b"));
    same(
      bench.committed.map(({ timeMs }) => timeMs),
      [before, before + 1234],
    );
    sameEntries(await bench.readAll(), bench.committed);
  });

  check("an entry comes back as it was", async (bench) => {
    const entries: LogEntry[] = [
      entryOf("plain"),
      entryOf("ack", { type: "ack", id: 7, rooms: ["a"] }),
      entryOf("ack-0", { type: "ack", id: 0, rooms: ["a"] }),
      entryOf("error", { type: "connect_error", id: 8, rooms: ["a"], body: '{"message":"no"}' }),
      entryOf("except", { rooms: ["a", "b", "a"], except: ["c", "a"] }),
      entryOf("text", { body: '["é😀\u2028\\ud800",{"__proto__":1}]' }),
      entryOf("long", { body: `["${"long".repeat(50_000)}"]` }),
      entryOf("bytes", {
        body: '["x",{"_placeholder":true,"num":0}]',
        attachments: [Uint8Array.of(0, 255, 10), new Uint8Array(0), new Uint8Array(70_000).fill(7)],
      }),
    ];
    await bench.appendAll(...entries);
    const found = await bench.readAll({ rooms: ["a"] });
    sameEntries(found, bench.committed);
    same(found.at(-1)!.attachments[0] instanceof Uint8Array, true, "attachment, whether it is bytes");
  });

  check(
    "names of rooms are only names",
    async (bench) => {
      for (const name of ODD_NAMES) bench.append(entryOf("x", { rooms: [name], except: [name] }));
      await bench.settled();
      for (const [index, name] of ODD_NAMES.entries()) {
        sameEntries(await bench.readAll({ rooms: [name] }), [bench.committed[index]!]);
        sameEntries(await bench.log.readLast(name, 10), [bench.committed[index]!]);
      }
      sameEntries(await bench.readAll({ rooms: ODD_NAMES }), bench.committed);
    },
    { history: () => 10 },
  );

  check("closing commits what was appended, and keeps no more", async ({ log }) => {
    const told: unknown[] = [];
    const append = (name: string): void =>
      log.append(entryOf(name), {
        onCommitted: (offset) => told.push(offset),
        onFailed: (error) => told.push(error instanceof Error),
      });
    append("a");
    append("b");
    await log.close();
    same(told, [1, 2]);
    append("c");
    await log.close();
    same(told, [1, 2, true]);
    log.saveSeat("key", seatOf(0), 1);
    log.vacateSeat("key", 1);
    log.dropSeat("key", 1);
  });
}
