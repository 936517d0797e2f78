import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Socket } from "engine.io-client";
import { type EngineSocket, Server } from "../../../src/engine/index.ts";

const CLIENTS = 20;
const MESSAGES = 200;

/** So many messages of one sender, in order. */
function numbered(sender: string): string[] {
  return Array.from({ length: MESSAGES }, (_, number) => `${sender}${number}`);
}

test("clients that upgrade while both sides talk lose nothing and keep the order", async (t) => {
  const engine = new Server();
  const http = createServer();
  engine.attach(http);
  http.listen(0);
  await once(http, "listening");
  t.after(async () => {
    await engine.close();
    http.close();
  });
  const toServer = new Map<string, string[]>();
  engine.on("connection", (socket) => {
    const received: string[] = [];
    toServer.set(socket.id, received);
    socket.on("message", (data) => void received.push(String(data)));
    void talk(socket);
  });
  const { port } = http.address() as AddressInfo;

  const talkOver = async (delayMs: number): Promise<void> => {
    await sleep(delayMs);
    const client = new Socket(`http://localhost:${port}`, { transports: ["polling", "websocket"] });
    const received: string[] = [];
    const upgraded = once(client as never, "upgrade");
    client.on("message", (data) => void received.push(String(data)));
    await once(client as never, "open");
    for (const [number, message] of numbered("c").entries()) {
      client.send(message);
      if (number % 3 === 0) await sleep(1);
    }
    await upgraded;
    const fromClient = toServer.get(client.id!)!;
    while (received.length < MESSAGES || fromClient.length < MESSAGES) await sleep(5);
    assert.deepEqual(received, numbered("s"));
    assert.deepEqual(fromClient, numbered("c"));
    client.close();
  };
  await Promise.all(Array.from({ length: CLIENTS }, (_, index) => talkOver(index * 3)));
});

async function talk(socket: EngineSocket): Promise<void> {
  for (const [number, message] of numbered("s").entries()) {
    socket.send(message);
    if (number % 3 === 0) await sleep(1);
  }
}
