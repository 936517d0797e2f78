import type { Log } from "switchboard";
import { same } from "./expect.ts";
import { entryOf, seatOf } from "./log-bench.ts";
import type { LogChecks } from "./log-checks.ts";

/** `whenCommitted`: not before, not never, and at once if there is nothing to wait for. */
export function addCommits({ check, checkKilled }: LogChecks): void {
  check("whenCommitted calls back behind all that was appended before", async ({ log }) => {
    for (const count of [1, 2, 20]) {
      const told: string[] = [];
      await new Promise<void>((resolve) => {
        for (let index = 0; index < count; index++) {
          log.append(entryOf("x"), {
            onCommitted: () => told.push("kept"),
            onFailed: () => told.push("failed"),
          });
        }
        log.whenCommitted(() => {
          told.push("called");
          resolve();
        });
      });
      same(told, [...Array.from({ length: count }, () => "kept"), "called"]);
    }
  });

  check("whenCommitted calls back each time, in order, also behind what was only saved", async ({ log }) => {
    const called: number[] = [];
    log.saveSeat("key", seatOf(1), 1);
    log.whenCommitted(() => called.push(1));
    log.vacateSeat("key", 1);
    log.whenCommitted(() => called.push(2));
    await committed(log);
    same(called, [1, 2]);
    log.dropSeat("key", 1);
    await committed(log);
    same(called, [1, 2]);
  });

  check("whenCommitted calls back at once when all is committed", async (bench) => {
    await bench.appendAll(entryOf("x"));
    await committed(bench.log);
    let isCalled = false;
    bench.log.whenCommitted(() => (isCalled = true));
    same(isCalled, true, "whether it was called");
  });

  check("what is appended in a callback of whenCommitted is kept as well", async (bench) => {
    bench.append(entryOf("first"));
    await new Promise<void>((resolve) => {
      bench.log.whenCommitted(() => {
        bench.append(entryOf("second"));
        bench.log.whenCommitted(resolve);
      });
    });
    same(
      bench.committed.map(({ offset, body }) => [offset, body]),
      [
        [1, '["first"]'],
        [2, '["second"]'],
      ],
    );
  });

  check("whenCommitted calls back when the log is closed, before and after", async ({ log }) => {
    const called: string[] = [];
    log.append(entryOf("x"), {
      onCommitted: () => called.push("kept"),
      onFailed: () => called.push("failed"),
    });
    log.whenCommitted(() => called.push("before"));
    await log.close();
    same(called, ["kept", "before"]);
    log.whenCommitted(() => called.push("after"));
    same(called, ["kept", "before", "after"]);
  });

  checkKilled("what whenCommitted called back for is there after a kill", async ({ log }, afterKill) => {
    for (let sequence = 1; sequence <= 5; sequence++) {
      log.saveSeat("key", seatOf(sequence), 1);
      await committed(log);
      const again = await afterKill();
      same((await again.log.takeSeat("key"))?.record.sequence, sequence);
    }
  });
}

function committed(log: Log): Promise<void> {
  return new Promise((resolve) => log.whenCommitted(resolve));
}
