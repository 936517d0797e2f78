/** Appends as fast as it can, and says on its output what it was told: the other end of disk-log.kill.test.ts. */
import { writeSync } from "node:fs";
import { diskLog } from "../../src/log/disk.ts";
import { systemRandom } from "../../src/shared/random.ts";
import { systemClock } from "../../src/shared/clock.ts";

const [path = "", run = "0"] = process.argv.slice(2);
const logs = await diskLog({ path, maxMemoryBytes: 1e6 });
const log = logs("/n", {
  clock: systemClock,
  random: systemRandom,
  seatLifetimeMs: 3_600_000,
  maxVacantSeats: 100,
  maxVacantSeatBytes: 1e6,
  wallTimeMs: () => Date.now(),
  onError: (error) => writeSync(1, `error ${String(error)}\n`),
});
writeSync(1, `epoch ${log.epoch}\nhead ${log.head}\n`);

let sequence = 0;
let told = 0;
function turn(): void {
  for (let count = 1 + (sequence % 7); count > 0; count--) {
    const body = JSON.stringify([run, ++sequence, "x".repeat((sequence * 37) % 400)]);
    const entry = { type: "event", id: undefined, rooms: ["a"], except: [], body, attachments: [] } as const;
    log.append(entry, {
      onCommitted: (offset) => {
        // Each reaches the other end, also when the process is killed at once.
        writeSync(1, `told ${offset} ${body}\n`);
        told++;
      },
      onFailed: (error) => writeSync(1, `error ${String(error)}\n`),
    });
  }
  log.saveSeat("key", { socketId: run, stays: [], data: undefined, since: 0, confirmed: 0, sequence }, 1);
}
setInterval(() => {
  if (sequence - told < 2000) turn();
}, 0);
