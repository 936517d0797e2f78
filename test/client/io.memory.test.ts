import assert from "node:assert/strict";
import { test } from "node:test";
import { heapBytes } from "../../fuzz/lib/memory.ts";
import { io } from "../../src/client/node.ts";

const CLIENTS = 10_000;
/** A socket with its manager takes more than 2,000. */
const BYTES_EACH = 100;

/** One whose server is not there: it never connects, and what it has to say waits. */
function visit(): void {
  const socket = io("http://127.0.0.1:9", { autoConnect: false });
  socket.on("news", () => {});
  socket.emit("buffered", () => {});
  void socket.emitWithAck("buffered").catch(() => {});
  socket.disconnect();
}

test("sockets of one namespace that are given up take what waits with them", async () => {
  for (let count = 0; count < 500; count += 1) visit();
  const before = await heapBytes();
  for (let count = 0; count < CLIENTS; count += 1) visit();
  const left = (await heapBytes()) - before;
  assert.ok(left < CLIENTS * BYTES_EACH, `${left / CLIENTS} bytes each are left`);
});
