import assert from "node:assert/strict";
import { createServer } from "node:http";
import { io } from "../../../src/client/node.ts";
import type { ClientOptions } from "../../../src/client/options.ts";
import { Server } from "../../../src/index.ts";
import { listen } from "../../support/listen.ts";

const COUNT = 50;
const WAYS: readonly NonNullable<ClientOptions["transports"]>[] = [
  ["polling"],
  ["websocket"],
  ["polling", "websocket"],
];

/** Our server for clients in other languages: echoes, asks, refuses, and pings often. */
export async function withOurSockets(work: (url: string) => Promise<void>): Promise<void> {
  const http = createServer();
  const server = new Server(http, { pingInterval: 300, pingTimeout: 5000 });
  server.on("connection", (socket) => {
    socket.on("echo", (...args) => void socket.emit("echo", ...args));
    socket.on("double", (value: number, ack: (value: number) => void) => ack(value * 2));
    socket.on("bytes", (bytes: Uint8Array, ack: (value: Uint8Array) => void) => ack(bytes.toReversed()));
    socket.on("ask-me", async (ack: (value: unknown) => void) => {
      ack(await socket.timeout(10_000).emitWithAck("sum", 2, 3));
    });
    socket.on("auth", (ack: (value: unknown) => void) => ack(socket.handshake.auth));
    socket.on("join", async (room: string, ack: () => void) => {
      await socket.join(room);
      ack();
    });
    socket.on("to-room", (room: string) => void server.to(room).emit("echo", "to room"));
    socket.on("goodbye", () => void socket.disconnect());
  });
  server.of("/admin").on("connection", (socket) => {
    socket.on("echo", (...args) => void socket.emit("admin-echo", ...args));
  });

  server.of("/refusing").use((_socket, next) => {
    next(Object.assign(new Error("no entry"), { data: { code: 7 } }));
  });
  const port = await listen(http);
  try {
    await work(`http://127.0.0.1:${port}`);
  } finally {
    await server.close();
  }
}

/** Our client at a server in another language that does the same. */
export async function visitSockets(port: number): Promise<void> {
  for (const transports of WAYS) await visitBy(`http://127.0.0.1:${port}`, transports);
}

async function visitBy(url: string, transports: NonNullable<ClientOptions["transports"]>): Promise<void> {
  const socket = io(url, { transports, auth: { token: "t" }, reconnection: false, forceNew: true });
  const admin = socket.io.socket("/admin");
  const heard = (from: typeof socket, name: string): Promise<unknown[]> =>
    new Promise((resolve) => void from.once(name, (...args: unknown[]) => resolve(args)));
  assert.deepEqual(await heard(socket, "auth"), [{ token: "t" }]);
  const values = ["text", "é€😀", 1, -1.5, true, null, [], {}, [1, [2, { a: null }]], "x".repeat(10_000)];
  const bytes = [new Uint8Array([0, 255]), { data: new Uint8Array([1]), list: [new Uint8Array([2]), "x"] }];
  for (const value of [...values, ...bytes]) {
    const echoed = heard(socket, "echo");
    socket.emit("echo", value);
    assert.deepEqual(plain(await echoed), plain([value]));
  }
  const order: unknown[] = [];
  const all = new Promise<void>((resolve) => {
    socket.on("echo", (value: unknown) => void (order.push(value) === COUNT && resolve()));
  });
  for (let number = 0; number < COUNT; number += 1) socket.emit("echo", number);
  await all;
  assert.deepEqual(order, [...Array(COUNT).keys()]);
  assert.equal(await socket.emitWithAck("double", 21), 42);
  assert.deepEqual(plain(await socket.emitWithAck("bytes", new Uint8Array([1, 2]))), [2, 1]);
  socket.on("sum", (first: number, second: number, ack: (sum: number) => void) => ack(first + second));
  assert.equal(await socket.timeout(10_000).emitWithAck("ask-me"), 5);
  admin.connect();
  const echoed = heard(admin, "admin-echo");
  admin.emit("echo", "there");
  assert.deepEqual(await echoed, ["there"]);
  const refused = socket.io.socket("/refusing");
  const refusal = heard(refused, "connect_error");
  refused.connect();
  const [error] = (await refusal) as [Error & { data?: unknown }];
  assert.equal(error.message, "no entry");
  assert.deepEqual(error.data, { code: 7 });
  const gone = heard(socket, "disconnect");
  socket.emit("goodbye");
  assert.equal((await gone)[0], "io server disconnect");
  admin.disconnect();
}

/** Bytes as lists, whatever class they are of. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return [...value];
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}
