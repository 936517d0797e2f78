import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { Manager as StockManager, Socket as StockSocket } from "socket.io-client";
import { WebSocket } from "ws";
import * as source from "../../src/client/browser.ts";
import type * as WebSocketOnly from "../../src/client/websocket-only.ts";
import { type RunningServer, startServer, undoAfter } from "../support/fixture.ts";
import { nextOf } from "../support/stock-client.ts";

// What the bundles need of a page; the rest is the same in Node.
Object.assign(globalThis, { WebSocket, addEventListener() {} });

const client = (await import(bundle("client"))) as typeof source;
const webSocketOnly = (await import(bundle("client-websocket"))) as typeof WebSocketOnly;

function bundle(name: string): string {
  return new URL(`../../dist/browser/${name}.js`, import.meta.url).href;
}

const ENTRIES = [
  {
    name: "client",
    io: client.io,
    lists: [undefined, ["websocket"], ["sse"], ["polling"], ["short-polling"]],
  },
  { name: "client-websocket", io: webSocketOnly.io, lists: [undefined] },
] as const;

async function startEcho(t: TestContext, port = 0): Promise<RunningServer> {
  const server = await startServer(t, {}, { port });
  server.io.on("connection", (socket) => {
    socket.on("echo", (value: unknown, ack: (value: unknown) => void) => ack(value));
    socket.on("silence", () => {});
    socket.emit("auth", socket.handshake.auth);
  });
  return server;
}

for (const { name, io, lists } of ENTRIES) {
  describe(`the bundle ${name}.js`, () => {
    for (const transports of lists) {
      it(`talks, and comes back, over ${transports?.join() ?? "what it chooses"}`, async (t) => {
        const server = await startEcho(t);
        const options = { reconnectionDelay: 10, auth: { token: "t" }, ...(transports && { transports }) };
        const socket = io(server.url, options);
        undoAfter(t, () => socket.disconnect());
        const [auth] = await nextOf(socket, "auth");
        assert.deepEqual(auth, { token: "t" });
        const values = ["ä\u001E", { bytes: Uint8Array.of(1, 2) }, [null, { deep: [1.5] }]];
        for (const value of values) {
          assert.deepEqual(plain(await socket.emitWithAck("echo", value)), plain(value));
        }
        await assert.rejects(socket.timeout(10).emitWithAck("silence"), {
          name: "AckError",
          code: "timeout",
        });
        const [lost, back] = [nextOf(socket, "disconnect"), nextOf(socket, "connect")];
        socket.io.engine.close();
        assert.equal((await lost)[0], "forced close");
        const waited = socket.emitWithAck("echo", "waited");
        await back;
        assert.equal(await waited, "waited");
      });
    }

    it("tells a refusal, and what catch-all listeners and the manager hear", async (t) => {
      const server = await startEcho(t);
      const socket = io(`${server.url}/nowhere`, { reconnectionAttempts: 3 });
      undoAfter(t, () => socket.disconnect());
      const [error] = (await nextOf(socket, "connect_error")) as [source.ConnectError];
      assert.equal(error.message, "Invalid namespace");
      assert.equal(socket.io.reconnectionAttempts(), 3);
      const main = socket.io.socket("/");
      const heard: unknown[] = [];
      main.onAnyOutgoing((event) => heard.push(event));
      main.onAny((event) => heard.push(event));
      assert.equal(main.listenersAny().length, 1);
      await nextOf(main, "auth");
      await main.emitWithAck("echo", 1);
      assert.deepEqual(heard, ["auth", "echo"]);
    });

    it("keeps the names of Socket.IO", () => {
      const options = { autoConnect: false };
      const [ours, theirs] = [io("http://localhost", options), source.io("http://localhost", options)];
      for (const [bundled, asWritten, stock] of [
        [ours, theirs, StockSocket.prototype],
        [ours.io, theirs.io, StockManager.prototype],
      ] as const) {
        const names = Object.getOwnPropertyNames(stock).filter((key) => key in asWritten);
        assert.ok(names.length > 10);
        assert.deepEqual(
          names.filter((key) => !(key in bundled)),
          [],
        );
      }
    });
  });
}

/** Bytes are told apart from nothing else here. */
function plain(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    ArrayBuffer.isView(item) ? [...(item as Uint8Array)] : item,
  );
}
