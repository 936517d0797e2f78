import assert from "node:assert/strict";
import { test } from "node:test";
import { startServer } from "../support/fixture.ts";
import { nextOf, stockClient } from "../support/stock-client.ts";

test("a stock client that polls hears what was sent before its connection is closed, and who did it", async (t) => {
  const { io, url } = await startServer(t);
  io.on("connection", (socket) => {
    socket.on("close me", () => {
      socket.emit("last words");
      socket.disconnect(true);
    });
  });
  const client = stockClient(t, url, { transports: ["polling"], reconnection: false });
  const heard: unknown[] = [];
  client.on("last words", () => heard.push("last words"));
  client.emit("close me");
  const [reason] = await nextOf(client, "disconnect");
  heard.push(reason);
  assert.deepEqual(heard, ["last words", "io server disconnect"]);
});
