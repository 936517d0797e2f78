import assert from "node:assert/strict";
import { createServer } from "node:http";
import { describe, test, type TestContext } from "node:test";
import { Server as StockServer } from "socket.io";
import { LocalAdapter } from "../../src/sockets/local-adapter.ts";
import type { Server } from "../../src/sockets/server.ts";
import type { Socket } from "../../src/sockets/socket.ts";
import { startServer, undoAfter } from "../support/fixture.ts";
import { startJoined } from "../support/joined.ts";
import { listen } from "../support/listen.ts";
import { nextOf, stockClient } from "../support/stock-client.ts";

const NAMES = ["create-room", "join-room", "leave-room", "delete-room"] as const;

/** What an adapter tells while two clients come, change rooms, and leave; ids are written as their place. */
async function play(t: TestContext, io: Server, url: string): Promise<string[]> {
  const told: string[][] = [];
  const { adapter } = io.of("/");
  for (const name of NAMES) {
    adapter.on(name, (...args: string[]) => void told.push([name, ...args]));
  }
  const sockets: Socket[] = [];
  for (let count = 0; count < 2; count++) {
    const arriving = nextOf(io, "connection");
    stockClient(t, url);
    sockets.push((await arriving)[0] as Socket);
  }
  const [ada, bob] = sockets as [Socket, Socket];
  await ada.join(["a", "b", "a"]);
  await bob.join("a");
  await bob.join("a");
  await ada.leave("a");
  await ada.leave("a");
  await ada.leave("never joined");
  await io.in("a").socketsJoin(["c", "a"]);
  await io.socketsLeave("c");
  ada.disconnect();
  const ids = sockets.map(({ id }) => id);
  bob.disconnect();
  return told.map((entry) =>
    entry.map((word) => (ids.includes(word) ? `id ${ids.indexOf(word)}` : word)).join(" "),
  );
}

test("an adapter tells what happens to rooms, as Socket.IO's does", async (t) => {
  const { io, url } = await startServer(t);
  const ours = await play(t, io, url);
  const http = createServer();
  const stock = new StockServer(http);
  undoAfter(t, () => stock.close());
  const port = await listen(http);
  assert.deepEqual(ours, await play(t, stock as unknown as Server, `http://127.0.0.1:${port}`));
  assert.deepEqual(ours.slice(4, 9), [
    "create-room a",
    "join-room a id 0",
    "create-room b",
    "join-room b id 0",
    "join-room a id 1",
  ]);
});

describe("listeners for rooms", () => {
  test("see rooms as they are then, and may change them", async (t) => {
    const { io, socket } = await startJoined(t);
    const { adapter } = io.sockets;
    const seen: unknown[] = [];
    adapter.on("join-room", (room, id) => {
      seen.push([room, id, adapter.rooms.get(room)?.size, adapter.sids.get(id)?.has(room)]);
      if (room === "a") void socket.join("b");
    });
    adapter.once("delete-room", (room) => seen.push([room, adapter.rooms.has(room)]));
    await socket.join(["a", "c"]);
    assert.deepEqual([...socket.rooms], [socket.id, "a", "c", "b"]);
    await socket.leave("c");
    await socket.leave("b");
    const { id } = socket;
    assert.deepEqual(seen, [
      ["a", id, 1, true],
      ["b", id, 1, true],
      ["c", id, 1, true],
      ["c", false],
    ]);
  });

  test("are removed by off", async (t) => {
    const { io, socket } = await startJoined(t);
    const { adapter } = io.sockets;
    const wrong = (): void => assert.fail("it was removed");
    adapter.off("join-room");
    adapter.on("join-room", wrong);
    adapter.on("create-room", wrong);
    adapter.off("join-room", wrong);
    adapter.off("create-room");
    await socket.join("a");
  });

  test("that throw are reported, and change nothing", async (t) => {
    const { io, socket } = await startJoined(t);
    const failure = new Error("mine");
    const reported = nextOf(io, "handler_error");
    io.sockets.adapter.on("join-room", () => {
      throw failure;
    });
    await socket.join("a");
    assert.deepEqual(await reported, [failure, { event: "adapter", namespace: "/", socketId: undefined }]);
    assert.ok(socket.rooms.has("a"));
  });

  test("that throw in an adapter without a host are uncaught", (t) => {
    const failure = new Error("mine");
    const adapter = new LocalAdapter();
    adapter.on("create-room", () => {
      throw failure;
    });
    // What is uncaught ends a test's process.
    const { mock } = t.mock.method(globalThis, "queueMicrotask", () => {});
    void adapter.join({ id: "ada", onJoined: () => {} } as never, ["ada"]);
    const [[uncaught]] = mock.calls.map((call) => call.arguments) as [[() => void]];
    mock.restore();
    assert.throws(uncaught, failure);
  });
});
