import assert from "node:assert/strict";
import { test } from "node:test";
import { WebSocket } from "../../../src/websocket/index.ts";
import type { Socket } from "../../../src/sockets/socket.ts";
import { startServer, undoAfter } from "../../support/fixture.ts";

const PAD = "x".repeat(10_000);
const SENT = 5000;

for (const delivery of [false, true]) {
  const how = delivery ? "with" : "without";
  test(`a client that stops reading holds no memory, and gets the newest when it goes on, ${how} delivery`, async (t) => {
    const { io, url } = await startServer(t, { delivery });
    io.backpressure({ events: { price: { policy: "latest-only", key: (symbol: string) => symbol } } });
    const query = `EIO=4&transport=websocket${delivery ? "&delivery=1" : ""}`;
    const client = new WebSocket(`${url.replace("http", "ws")}/socket.io/?${query}`);
    undoAfter(t, () => client.terminate());
    const arrived = new Promise<Socket>((resolve) => void io.once("connection", resolve));
    await new Promise<void>((resolve) => void client.once("open", () => resolve()));
    client.send("40");
    const socket = await arrived;
    const prices: number[] = [];
    const done = new Promise<void>((resolve) => {
      client.on("message", (data) => {
        const found = /\["price","A",(\d+),/.exec(String(data).slice(0, 60));
        if (found !== null) prices.push(Number(found[1]));
        if (prices.at(-1) === SENT) resolve();
      });
    });
    client.pause();
    let most = 0;
    for (let price = 1; price <= SENT; price += 1) {
      io.emit("price", "A", price, PAD);
      most = Math.max(most, socket.conn.bufferedBytes);
      // The operating system takes what it can.
      if (price % 50 === 0) await new Promise((resolve) => void setImmediate(resolve));
    }
    assert.ok(most < 200_000, `${most} bytes waited`);
    client.resume();
    await done;
    assert.deepEqual(
      prices,
      prices.toSorted((one, other) => one - other),
    );
    assert.ok(prices.length < SENT / 2, `${prices.length} came`);
  });
}
