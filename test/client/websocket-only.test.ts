import assert from "node:assert/strict";
import { test } from "node:test";
import { io as nodeIo } from "../../src/client/websocket-only-node.ts";
import { startServer, undoAfter } from "../support/fixture.ts";
import { nextOf } from "../support/stock-client.ts";

test("connects by WebSocket, talks both ways, and comes back", async (t) => {
  const server = await startServer(t);
  server.io.on("connection", (socket) => {
    socket.on("echo", (value: unknown, ack: (value: unknown) => void) => ack(value));
  });
  const client = nodeIo(server.url, { reconnectionDelay: 10 });
  undoAfter(t, () => client.disconnect());
  await nextOf(client, "connect");
  assert.equal(client.io.engine.transport.name, "websocket");
  for (const value of ["ä", { bytes: Buffer.of(1, 2) }]) {
    assert.deepEqual(await client.emitWithAck("echo", value), value);
  }
  const [lost, back] = [nextOf(client, "disconnect"), nextOf(client, "connect")];
  client.io.engine.close();
  client.emit("echo", 1, () => {});
  assert.equal((await lost)[0], "forced close");
  await back;
  assert.equal(await client.emitWithAck("echo", "again"), "again");
});
