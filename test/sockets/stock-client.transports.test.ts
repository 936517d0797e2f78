/** An unmodified socket.io-client 4.8: every way of its own choice. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { startServer } from "../support/fixture.ts";
import { collect, connectPair, nextOf, stockClient } from "../support/stock-client.ts";

describe("over every way of its own choice:", () => {
  for (const [what, transports, expected] of [
    ["its default, polling and then a WebSocket", ["polling", "websocket"], "websocket"],
    ["polling alone", ["polling"], "polling"],
    ["a WebSocket alone", ["websocket"], "websocket"],
    ["a WebSocket, and polling if need be", ["websocket", "polling"], "websocket"],
  ] as const) {
    test(what, async (t) => {
      const server = await startServer(t);
      const rawSockets: string[] = [];
      server.io.engine.on("connection", ({ transport }) => void rawSockets.push(transport.name));
      const { client, socket } = await connectPair(t, server, { transports: [...transports] });
      assert.deepEqual(rawSockets, [transports[0]]);
      assert.equal(server.io.engine.clientsCount, 1);
      const heard = collect(client);
      const sent = Array.from({ length: 200 }, (_, index) => ["number", index]);
      // While it moves, nothing may be lost, doubled or reordered.
      socket.on("echo", (value: unknown, ack: (same: unknown) => void) => ack(value));
      for (const [, index] of sent) {
        socket.emit("number", index);
        if (Number(index) % 20 === 0) assert.equal(await client.emitWithAck("echo", index), index);
      }
      if (client.io.engine.transport.name !== expected) await nextOf(client.io.engine, "upgrade");
      assert.equal(client.io.engine.transport.name, expected);
      const bytes = new Uint8Array(3000).map((_, index) => index);
      socket.on("bytes", (value: Buffer, ack: (same: Buffer) => void) => ack(value));
      const back = (await client.emitWithAck("bytes", bytes)) as Buffer;
      assert.deepEqual([...back], [...bytes]);
      socket.emit("done");
      assert.deepEqual(await heard.until("done"), sent);
      const left = nextOf(socket, "disconnect");
      client.disconnect();
      assert.equal((await left)[0], "client namespace disconnect");
    });
  }

  test("is refused where allowRequest says so", async (t) => {
    const server = await startServer(t, { allowRequest: (_request, callback) => callback("not you", false) });
    for (const transport of ["polling", "websocket"]) {
      const client = stockClient(t, server.url, { transports: [transport], reconnection: false });
      const [error] = (await nextOf(client, "connect_error")) as [{ description: unknown }];
      if (transport === "polling") assert.equal(error.description, 403);
    }
  });

  test("keeps a quiet session alive by polling", async (t) => {
    const server = await startServer(t, { pingInterval: 50, pingTimeout: 5000 });
    const { client, socket } = await connectPair(t, server, { transports: ["polling"] });
    for (let beat = 0; beat < 4; beat++) await nextOf(client.io.engine, "heartbeat");
    assert.equal(socket.connected, true);
  });
});
