/** Appends to files that may not grow beyond what the shell allows, and says on its output what came of it. */
import { diskLog } from "../../src/log/disk.ts";
import { entryOf, LogTestHost } from "../../src/testing/log-bench.ts";

const [path = ""] = process.argv.slice(2);
const logs = await diskLog({ path });
const host = new LogTestHost();
const log = logs("/n", host);
const kept: [number, string][] = [];
const failed: string[] = [];
const codes = new Set<unknown>();
for (let round = 0; round < 60; round++) {
  await new Promise<void>((resolve) => {
    const body = JSON.stringify([round, Buffer.from(host.random.bytes(7500)).toString("base64")]);
    log.append(entryOf("", { body }), {
      onCommitted: (offset) => {
        kept.push([offset, body]);
        resolve();
      },
      onFailed: (error) => {
        failed.push(body);
        codes.add((error as { code: unknown }).code);
        resolve();
      },
    });
  });
  // It may try again.
  host.clock.advance(2000);
  await new Promise<void>((resolve) => log.whenCommitted(resolve));
}
await logs.close();
const errors = new Set(host.errors.map((error) => (error as { code: unknown }).code));
process.stdout.write(JSON.stringify({ kept, failed, codes: [...codes], errors: [...errors] }));
