import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import type { ClientOptions, Socket } from "../../src/client/node.ts";
import type { Server } from "../../src/sockets/server.ts";
import { startServer, undoAfter } from "../support/fixture.ts";
import { nodeClient } from "../support/node-client.ts";
import { ObstacleProxy, type Obstacles } from "../support/obstacle-proxy.ts";

/** Times that a test can wait for; the defaults are longer. */
const HASTE: ClientOptions = { raceDelay: 100, reconnection: false };
const HEARTBEAT = { pingInterval: 300, pingTimeout: 3000 };
/** Requests are held for longer than the network allows. */
const SLOW_HEARTBEAT = { pingInterval: 5000, pingTimeout: 5000 };

interface Scene {
  readonly proxy: ObstacleProxy;
  readonly io: Server;
  readonly socket: Socket;
}

/** A server behind an obstacle, and our client, which has found its way through. */
async function through(
  t: TestContext,
  obstacles: Obstacles,
  options: ClientOptions = {},
  heartbeat = HEARTBEAT,
): Promise<Scene> {
  const { io, port } = await startServer(t, heartbeat);
  io.on("connection", (socket) => {
    socket.on("echo", (value: unknown, done: (value: unknown) => void) => done(value));
  });
  const proxy = await ObstacleProxy.start(port, obstacles);
  undoAfter(t, () => proxy.stop());
  const socket = nodeClient(t, proxy.url, { ...HASTE, ...options });
  await new Promise<void>((resolve, reject) => {
    socket.on("connect", () => resolve());
    socket.on("connect_error", reject);
  });
  return { proxy, io, socket };
}

/**
 * Both sides send numbers for a while; each number must arrive once and in order, on one and the same socket.
 * @param rounds how many bursts of five
 */
async function count({ io, socket }: Scene, rounds: number, everyMs = 100): Promise<void> {
  const id = socket.id;
  const [there] = [...io.sockets.sockets.values()];
  const atServer: unknown[] = [];
  const atClient: unknown[] = [];
  const expected = Array.from({ length: rounds * 5 }, (_, value) => value);
  const lost = new Promise<never>((_resolve, reject) => {
    socket.on("disconnect", (reason) => reject(new Error(`The session ended: ${reason}`)));
  });
  const all = new Promise<void>((resolve) => {
    const check = (): void => {
      if (atServer.length >= expected.length && atClient.length >= expected.length) resolve();
    };
    there!.on("up", (value: unknown) => {
      atServer.push(value);
      check();
    });
    socket.on("down", (value: unknown) => {
      atClient.push(value);
      check();
    });
  });
  let next = 0;
  const timer = setInterval(() => {
    for (let left = 5; left > 0; left -= 1, next += 1) {
      socket.emit("up", next);
      there!.emit("down", next);
    }
    if (next >= expected.length) clearInterval(timer);
  }, everyMs);
  try {
    await Promise.race([all, lost]);
  } finally {
    clearInterval(timer);
  }
  assert.deepEqual(atServer, expected);
  assert.deepEqual(atClient, expected);
  assert.equal(socket.id, id);
}

describe("our client comes through a network that", { concurrency: true }, () => {
  for (const upgrade of ["drop", "hang", "swallow"] as const) {
    it(`${upgrade}s WebSockets: by polling`, async (t) => {
      const scene = await through(t, { upgrade });
      assert.notEqual(scene.socket.io.engine.transport.name, "websocket");
      await count(scene, 3);
    });
  }

  it("lets WebSockets pass: by WebSocket, and asks for nothing else", async (t) => {
    const scene = await through(t, {}, { raceDelay: 5000 });
    await count(scene, 2);
    assert.deepEqual(scene.proxy.requests, ["UPGRADE websocket"]);
  });

  it("lets WebSockets pass after a while: it moves to WebSocket", async (t) => {
    const scene = await through(t, { upgrade: "drop" }, { transports: ["polling", "websocket"] });
    scene.proxy.obstacles = {};
    await count(scene, 3);
  });

  it("buffers answers: an event stream is left for polling", async (t) => {
    const scene = await through(t, { upgrade: "drop", buffer: true });
    assert.equal(scene.socket.io.engine.transport.name, "polling");
    await count(scene, 3);
  });

  it("buffers answers, though event streams were wished for first", async (t) => {
    const scene = await through(
      t,
      { upgrade: "drop", buffer: true },
      { transports: ["sse", "polling"], tryAllTransports: true },
    );
    assert.equal(scene.socket.io.engine.transport.name, "polling");
    await count(scene, 3);
  });

  for (const transports of [["polling"], ["sse"], undefined] as const) {
    it(`cuts everything after a while: ${transports?.[0] ?? "what it chooses"} goes on in one session`, async (t) => {
      const scene = await through(
        t,
        { cutAfterMs: 1100, cutWebSockets: true },
        transports === undefined ? {} : { transports: [...transports] },
        SLOW_HEARTBEAT,
      );
      await count(scene, 4, 1300);
      assert.ok(scene.proxy.cuts > 0);
    });
  }

  it("cuts all lines at once, again and again: nothing is lost", async (t) => {
    const scene = await through(t, {});
    const [there] = [...scene.io.sockets.sockets.values()];
    // When something has come, not when a time is over: on a busy machine no line would last for long enough to carry anything.
    let arrived = 0;
    let cuts = 0;
    const cutSometimes = (): void => {
      arrived += 1;
      if (arrived % 7 !== 0) return;
      cuts += 1;
      scene.proxy.cut();
    };
    scene.socket.on("down", cutSometimes);
    there!.on("up", cutSometimes);
    await count(scene, 15);
    assert.ok(cuts > 20);
  });
});
