/** A file that the disk has spoiled: what can be read is sent, nothing new is lost, and the application is told. */
import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileStore } from "../../../../src/client/delivery/file/index.ts";
import { delivery, type StoreError } from "../../../../src/client/delivery/index.ts";
import { startServer, undoAfter } from "../../../support/fixture.ts";
import { nodeClient } from "../../../support/node-client.ts";
import { until } from "../../../support/until.ts";

test("what stands before the damage is handled, and all that is emitted from then on", async (t) => {
  const { io, url } = await startServer(t, { delivery: {} });
  const handled: unknown[] = [];
  io.on("connection", (socket) => socket.on("say", (word: unknown) => void handled.push(word)));
  const path = await mkdtemp(join(tmpdir(), "switchboard-outbox-"));
  undoAfter(t, () => rm(path, { recursive: true, force: true }));

  // The server knows its seat, and the number of its first event.
  const before = fileStore({ path });
  const outbox = delivery({ store: before, keepSeat: true });
  const first = nodeClient(t, url, { delivery: outbox, reconnection: false });
  first.emit("say", "one");
  await until(() => handled.length === 1 && first.bufferedEvents === 0);
  first.io.engine.close();
  for (const word of ["two", "three", "four"]) {
    first.emit("say", word);
    // A record for each.
    await outbox.stored();
  }
  await before.close();

  const name = (await readdir(path)).find((file) => file.endsWith(".outbox"));
  const file = join(path, name!);
  const bytes = await readFile(file);
  bytes[bytes.indexOf("three")]! ^= 1;
  await writeFile(file, bytes);

  const second = nodeClient(t, url, {
    delivery: delivery({ store: fileStore({ path }) }),
    autoConnect: false,
  });
  const errors: StoreError[] = [];
  second.io.on("emit_error", (error) => void errors.push(error as StoreError));
  second.connect();
  second.emit("say", "five");
  await until(() => handled.includes("five"));
  assert.deepEqual(handled, ["one", "two", "five"]);
  assert.deepEqual(
    errors.map(({ code }) => code),
    ["STORE_DAMAGED"],
  );
  assert.deepEqual(await readFile(`${file}.damaged`), bytes);
});
