import assert from "node:assert/strict";
import { cpSync } from "node:fs";
import { createServer, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { io as connect, type Socket as Client } from "socket.io-client";
import { diskLog, type DiskLogs } from "../../src/log/disk.ts";
import { Server } from "../../src/index.ts";
import { newPath } from "./disk-folders.ts";

interface Running {
  readonly io: Server;
  readonly logs: DiskLogs;
  readonly url: string;
}

async function start(path: string): Promise<Running> {
  const logs = await diskLog({ path });
  const http: HttpServer = createServer();
  const io = new Server(http, { connectionStateRecovery: {}, delivery: { log: logs } });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  return { io, logs, url: `http://127.0.0.1:${(http.address() as AddressInfo).port}` };
}

async function stop({ io, logs }: Running): Promise<void> {
  await io.close();
  await logs.close();
}

function next(client: Client, event: string): Promise<unknown> {
  return new Promise((resolve) => client.once(event, resolve));
}

test("a stock client comes back to a server that was killed, and misses nothing", async (t) => {
  const path = newPath();
  const first = await start(path);
  t.after(() => stop(first));
  first.io.on("connection", (socket) => {
    socket.data = { name: "ada" };
    void socket.join("a");
  });
  const client = connect(first.url, { reconnection: false, transports: ["websocket"] });
  t.after(() => client.close());
  const said: unknown[] = [];
  client.on("said", (text: unknown) => said.push(text));
  await next(client, "connect");
  const { id } = client;
  first.io.to("a").emit("said", 1);
  await next(client, "said");

  const left = new Promise((resolve) => {
    for (const socket of first.io.sockets.sockets.values()) socket.once("disconnect", resolve);
  });
  client.io.engine.close();
  await left;
  first.io.to("a").emit("said", 2);
  first.io.to("b").emit("said", "to others");
  first.io.emit("said", 3);
  // The folder as it is found if the process was killed when that was committed: no socket has been told of an end.
  await first.logs.close();
  const killed = newPath();
  cpSync(path, killed, { recursive: true });

  const second = await start(killed);
  t.after(() => stop(second));
  const recovered = new Promise<unknown[]>((resolve) => {
    second.io.on("connection", (socket) => {
      resolve([socket.recovered, socket.id, [...socket.rooms].toSorted(), socket.data]);
    });
  });
  (client.io as unknown as { uri: string }).uri = second.url;
  client.connect();
  assert.deepEqual(await recovered, [true, id, [id!, "a"].toSorted(), { name: "ada" }]);
  second.io.to("a").emit("said", 4);
  while (said.length < 4) await next(client, "said");
  assert.deepEqual(said, [1, 2, 3, 4]);
  assert.equal(client.recovered, true);
});

test("a server and its log may be closed together: seats and events are kept, and nobody is told of a failure", async (t) => {
  const path = newPath();
  const failures: unknown[] = [];
  const first = await start(path);
  first.io.on("handler_error", (error) => void failures.push(error));
  const clients: Client[] = [];
  for (let count = 0; count < 20; count += 1) {
    const client = connect(first.url, { reconnection: false, transports: ["websocket"], forceNew: true });
    t.after(() => client.close());
    await next(client, "connect");
    clients.push(client);
  }
  // One that each has, by which it knows where it is; and one that is on its way to the disk when all ends.
  first.io.emit("said", 1);
  await Promise.all(clients.map((client) => next(client, "said")));
  const gone = Promise.all(clients.map((client) => next(client, "disconnect")));
  first.io.emit("said", 2);
  await Promise.all([first.io.close(), first.logs.close()]);
  await gone;
  assert.deepEqual(failures, []);

  const second = await start(path);
  t.after(() => stop(second));
  const back = clients.map(async (client) => {
    const said = new Promise((resolve) => client.once("said", resolve));
    (client.io as unknown as { uri: string }).uri = second.url;
    client.connect();
    await next(client, "connect");
    return [client.recovered, await said];
  });
  second.io.emit("said", 3);
  for (const each of await Promise.all(back)) assert.deepEqual(each, [true, 2]);
});
