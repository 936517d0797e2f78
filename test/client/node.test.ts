import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { describe, test } from "node:test";
import { TYPESCRIPT } from "../../scripts/lib/typescript.mjs";
import { io } from "../../src/client/node.ts";
import type { Socket as ServerSocket } from "../../src/sockets/socket.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { openPacket } from "../support/fake-platform.ts";
import { startServer, undoAfter } from "../support/fixture.ts";
import { listen } from "../support/listen.ts";
import { nodeClient } from "../support/node-client.ts";
import { RawServer } from "../support/raw-server.ts";
import { nextOf } from "../support/stock-client.ts";
import { closeBody, OPCODE } from "../support/wire-frames.ts";

test("connects, and talks both ways", async (t) => {
  const server = await startServer(t);
  server.io.on("connection", (socket) => {
    socket.on("add", (a: number, b: number, ack: (sum: number) => void) => ack(a + b));
    socket.on("bytes", (bytes: Buffer, ack: (same: Buffer) => void) => ack(bytes));
  });
  const arriving = nextOf(server.io, "connection");
  const client = nodeClient(t, server.url, { auth: { name: "Ada" }, extraHeaders: { "X-Test": "yes" } });
  await nextOf(client, "connect");
  const [arrived] = await arriving;
  const socket = arrived as ServerSocket;
  assert.equal(client.id, socket.id);
  assert.deepEqual(socket.handshake.auth, { name: "Ada" });
  assert.equal(socket.handshake.headers["x-test"], "yes");
  assert.equal(await client.emitWithAck("add", 1, 2), 3);
  assert.equal(await client.timeout(60_000).emitWithAck("add", 3, 4), 7);
  for (const length of [0, 1, 125, 126, 65_535, 65_536, 500_000]) {
    const bytes = Buffer.alloc(length, length % 251);
    assert.deepEqual(await client.emitWithAck("bytes", bytes), bytes);
  }
  client.on("double", (value: number, ack: (twice: number) => void) => ack(value * 2));
  assert.equal(await socket.emitWithAck("double", 21), 42);
  const heard = nextOf(client, "news");
  server.io.emit("news", "ä€😀", { bytes: Uint8Array.of(1) });
  assert.deepEqual(await heard, ["ä€😀", { bytes: Buffer.of(1) }]);
});

test("answers heartbeats", async (t) => {
  const clock = new FakeClock();
  const { io: server, url } = await startServer(t, { clock });
  const arriving = nextOf(server, "connection");
  const client = nodeClient(t, url);
  const [socket] = (await arriving) as [ServerSocket];
  await nextOf(client, "connect");
  client.on("there?", (ack: (yes: boolean) => void) => ack(true));
  clock.advance(20_000);
  for (let beat = 0; beat < 5; beat++) {
    clock.advance(5_000);
    // The pong comes before this answer; without it, the time would now be over.
    assert.equal(await socket.emitWithAck("there?"), true);
    clock.advance(20_000);
    assert.equal(socket.connected, true);
  }
});

describe("the end", () => {
  test("by the server's will is for good", async (t) => {
    for (const close of [false, true]) {
      const { io: server, url } = await startServer(t);
      server.on("connection", (socket) => void socket.disconnect(close));
      const client = nodeClient(t, url);
      assert.deepEqual(await nextOf(client, "disconnect"), ["io server disconnect"]);
      assert.equal(client.active, false);
    }
  });

  test("by the client's will reaches the server", async (t) => {
    const { io: server, url } = await startServer(t);
    const arriving = nextOf(server, "connection");
    const client = nodeClient(t, url);
    const [socket] = await arriving;
    const left = nextOf(socket as ServerSocket, "disconnect");
    await nextOf(client, "connect");
    client.disconnect();
    assert.equal((await left)[0], "client namespace disconnect");
  });

  test("of the server's process is noticed", async (t) => {
    const raw = await RawServer.start();
    t.after(() => raw.stop());
    const client = nodeClient(t, raw.url, { reconnection: false });
    const peer = await raw.acceptWebSocket();
    await peer.sendText(
      '0{"sid":"s","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}',
    );
    assert.equal((await peer.nextFrame()).payload.toString(), "40");
    await peer.sendText('40{"sid":"x"}');
    await nextOf(client, "connect");
    const told = nextOf(client, "disconnect");
    peer.destroy();
    const [reason, error] = await told;
    assert.equal(reason, "transport error");
    assert.ok(error instanceof Error);
  });
});

describe("a server that is no good is told as connect_error", () => {
  test("nobody there", async (t) => {
    const http = createServer();
    const port = await listen(http);
    await new Promise((resolve) => http.close(resolve));
    const client = nodeClient(t, `http://127.0.0.1:${port}`, { reconnection: false });
    const [error] = await nextOf(client, "connect_error");
    assert.match((error as Error).message, /ECONNREFUSED/);
  });

  test("a web page", async (t) => {
    const http = createServer((_, response) => response.end("a page"));
    const port = await listen(http);
    t.after(() => {
      http.closeAllConnections();
      http.close();
    });
    const client = nodeClient(t, `http://127.0.0.1:${port}`, { reconnection: false });
    const [error] = await nextOf(client, "connect_error");
    assert.ok(error instanceof Error);
  });

  test("one that never answers", async (t) => {
    const raw = await RawServer.start();
    t.after(() => raw.stop());
    const client = nodeClient(t, raw.url, { reconnection: false, timeout: 30 });
    const [error] = await nextOf(client, "connect_error");
    assert.match((error as Error).message, /30 ms/);
    const peer = await raw.accept();
    await peer.closed();
  });

  test("an open packet that makes no sense", async (t) => {
    const raw = await RawServer.start();
    t.after(() => raw.stop());
    const client = nodeClient(t, raw.url, { reconnection: false, transports: ["websocket"] });
    const peer = await raw.acceptWebSocket();
    await peer.sendText("0{");
    const [error] = await nextOf(client, "connect_error");
    assert.equal((error as Error).name, "PacketError");
  });

  test("a namespace that is not there", async (t) => {
    const { url } = await startServer(t);
    const client = nodeClient(t, `${url}/nowhere`);
    const [error] = await nextOf(client, "connect_error");
    assert.equal((error as Error).message, "Invalid namespace");
    assert.equal(client.active, false);
  });
});

test("comes back after a restart, with what was written meanwhile, once", async (t) => {
  const first = await startServer(t);
  const client = nodeClient(t, first.url);
  await nextOf(client, "connect");
  const firstId = client.id;
  const lost = nextOf(client, "disconnect");
  await first.io.close();
  assert.equal((await lost)[0], "transport close");
  const replies = [
    client.emitWithAck("note", 1),
    client.emitWithAck("note", 2),
    client.emitWithAck("note", 3),
  ];
  client.volatile.emit("note", 4);

  const back = nextOf(client.io, "reconnect");
  const second = await startServer(t, {}, { port: first.port });
  const notes: number[] = [];
  second.io.on("connection", (socket) => {
    socket.on("note", (number: number, ack: (same: number) => void) => {
      notes.push(number);
      ack(number);
    });
  });
  const [attempt] = await back;
  assert.ok((attempt as number) >= 1);
  assert.deepEqual(await Promise.all(replies), [1, 2, 3]);
  assert.deepEqual(notes, [1, 2, 3]);
  assert.notEqual(client.id, firstId);
});

test("an address must be whole outside a page", () => {
  assert.throws(() => io("/chat"), TypeError);
  assert.throws(() => io(), TypeError);
  assert.throws(() => io({}), TypeError);
});

test("autoUnref lets the process end although the connection is there", async (t) => {
  const server = await startServer(t);
  const entry = new URL("../../src/client/node.ts", import.meta.url).href;
  const script = `
    import { io } from ${JSON.stringify(entry)};
    const socket = io(${JSON.stringify(server.url)}, { autoUnref: true });
    // Only until it has connected is there something that keeps the process alive.
    const timer = setTimeout(() => {}, 30_000);
    socket.on("connect", () => clearTimeout(timer));
  `;
  const child = spawn(process.execPath, [...TYPESCRIPT, "--input-type=module", "-e", script]);
  undoAfter(t, () => void child.kill());
  const [code] = await once(child, "exit");
  assert.equal(code, 0);
});

test("says how the server closed the WebSocket", async (t) => {
  const raw = await RawServer.start();
  t.after(() => raw.stop());
  const client = nodeClient(t, raw.url, { transports: ["websocket"], reconnection: false });
  const peer = await raw.acceptWebSocket();
  await peer.sendText(openPacket());
  await peer.nextFrame();
  await peer.sendText('40{"sid":"x"}');
  await nextOf(client, "connect");
  const ended = nextOf(client, "disconnect");
  await peer.sendFrame(OPCODE.close, closeBody(4001, "bye"));
  peer.stream.end();
  const [reason, details] = await ended;
  assert.equal(reason, "transport close");
  assert.deepEqual((details as { context: unknown }).context, { code: 4001, reason: "bye", wasClean: true });
});
