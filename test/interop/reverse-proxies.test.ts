import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { io as ioStock, type ManagerOptions as StockOptions } from "socket.io-client";
import { type ClientOptions, io } from "../../src/client/node.ts";
import { startServer, undoAfter } from "../support/fixture.ts";
import { nextOf } from "../support/stock-client.ts";
import { findReverseProxy, REVERSE_PROXIES, ReverseProxy } from "../support/reverse-proxy.ts";

const COUNT = 50;
const BINARY = Buffer.from(Uint8Array.from({ length: 100_000 }, (_, at) => at & 255));

/** What both clients have in common. */
interface Client {
  readonly connected: boolean;
  on(name: string, listener: (...args: unknown[]) => void): unknown;
  emit(name: string, ...args: unknown[]): unknown;
  timeout(ms: number): { emitWithAck(name: string, ...args: unknown[]): Promise<unknown> };
  disconnect(): unknown;
}

const STOCK: readonly (readonly ["polling" | "websocket", ...("polling" | "websocket")[]])[] = [
  ["polling"],
  ["websocket"],
  ["polling", "websocket"],
];
const OURS: readonly (NonNullable<ClientOptions["transports"]> | undefined)[] = [
  undefined,
  ["websocket"],
  ["sse"],
  ["polling"],
  ["short-polling"],
  ["polling", "websocket"],
];

for (const kind of REVERSE_PROXIES) {
  const program = await findReverseProxy(kind);
  describe(`behind ${kind.name}, configured as the guide says`, () => {
    if (program === undefined) {
      const advice = `${kind.name} is not here and can't be installed by itself: install ${kind.package} to have it tested.`;
      it(advice, (t) => t.diagnostic(advice));
      return;
    }
    async function behind(t: TestContext): Promise<string> {
      const server = await startServer(t);
      server.io.on("connection", (socket) => {
        socket.on("echo", (value: unknown, done: (value: unknown) => void) => done(value));
        socket.on("count", (value: number) => socket.emit("count", value));
        socket.on("address", (done: (value: unknown) => void) => {
          done(socket.handshake.headers["x-forwarded-for"]);
        });
      });
      const proxy = await ReverseProxy.start(kind, program!, server.port);
      undoAfter(t, () => proxy.stop());
      return proxy.url;
    }

    for (const transports of STOCK) {
      it(`a stock client talks over ${transports.join(", then ")}`, async (t) => {
        const url = await behind(t);
        const options: Partial<StockOptions> = {
          transports: [...transports],
          forceNew: true,
          reconnection: false,
        };
        const socket = ioStock(url, options);
        undoAfter(t, () => socket.disconnect());
        await nextOf(socket, "connect");
        await converse(socket as unknown as Client);
        if (transports.length > 1 && socket.io.engine.transport.name !== "websocket") {
          await new Promise<void>((resolve) => socket.io.engine.once("upgrade", () => resolve()));
        }
        assert.equal(socket.io.engine.transport.name, transports.at(-1));
        await converse(socket as unknown as Client);
      });
    }

    for (const transports of OURS) {
      it(`our client talks over ${transports?.join(", then ") ?? "what it chooses"}`, async (t) => {
        const url = await behind(t);
        const socket = io(url, { reconnection: false, ...(transports !== undefined && { transports }) });
        undoAfter(t, () => socket.disconnect());
        await new Promise<void>((resolve, reject) => {
          socket.on("connect", () => resolve());
          socket.on("connect_error", reject);
        });
        await converse(socket as unknown as Client);
      });
    }
  });
}

async function converse(socket: Client): Promise<void> {
  const ask = socket.timeout(10_000);
  assert.equal(await ask.emitWithAck("echo", "Grüße 👋 \n\r\u001E"), "Grüße 👋 \n\r\u001E");
  const bytes = (await ask.emitWithAck("echo", BINARY)) as Uint8Array;
  assert.ok(BINARY.equals(bytes));
  assert.match(String(await ask.emitWithAck("address")), /127\.0\.0\.1/);
  const counted: unknown[] = [];
  const all = new Promise<void>((resolve) => {
    socket.on("count", (value) => {
      counted.push(value);
      if (counted.length === COUNT) resolve();
    });
  });
  for (let value = 0; value < COUNT; value += 1) socket.emit("count", value);
  await all;
  assert.deepEqual(
    counted,
    Array.from({ length: COUNT }, (_, value) => value),
  );
}
