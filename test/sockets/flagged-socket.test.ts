import assert from "node:assert/strict";
import { createServer } from "node:http";
import { describe, test, type TestContext } from "node:test";
import { Server as StockServer } from "socket.io";
import type { BroadcastTarget } from "../../src/sockets/adapter.ts";
import { LocalAdapter } from "../../src/sockets/local-adapter.ts";
import type { SocketPacket } from "../../src/packets/index.ts";
import { Server } from "../../src/sockets/server.ts";
import type { Socket } from "../../src/sockets/socket.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { startServer, undoAfter } from "../support/fixture.ts";
import { startJoined } from "../support/joined.ts";
import { listen } from "../support/listen.ts";
import { nextOf, stockClient } from "../support/stock-client.ts";

/** What programs for Socket.IO say, with the flags in front. */
const SAYINGS: readonly ((socket: Socket) => unknown)[] = [
  (socket) => socket.volatile.emit("1"),
  (socket) => socket.volatile.compress(false).send("2"),
  (socket) => socket.volatile.broadcast.emit("3"),
  (socket) => socket.compress(false).broadcast.emit("4"),
  (socket) => socket.compress(true).volatile.to("a").emit("5"),
  (socket) => socket.volatile.in(["a", "b"]).emit("6"),
  (socket) => socket.volatile.except("a").emit("7"),
  (socket) => socket.volatile.local.emit("8"),
  (socket) => socket.timeout(5000).volatile.to("b").except("a").emit("9"),
];

async function sayAll(io: Server, socket: Socket): Promise<unknown[]> {
  for (const say of SAYINGS) {
    // Socket.IO drops what is volatile until everything before it is written: what was answered is.
    await io.timeout(5000).emitWithAck("who?");
    say(socket);
  }
  const answers: unknown[] = [
    await socket.timeout(5000).emitWithAck("who?"),
    await socket.timeout(5000).to("a").emitWithAck("who?"),
    await socket.timeout(5000).except("a").emitWithAck("who?"),
    await socket.compress(false).timeout(5000).broadcast.emitWithAck("who?"),
    await socket.timeout(5000).to("nobody").emitWithAck("who?"),
  ];
  socket.timeout(5000).broadcast.emit("done");
  socket.timeout(5000).emit("done");
  return answers;
}

/** Three clients: the one that speaks, one in room a, one in room b. */
async function play(t: TestContext, io: Server, url: string): Promise<unknown> {
  const heard: string[][] = [];
  const ends: Promise<unknown>[] = [];
  const sockets: Socket[] = [];
  for (const [index, rooms] of [[], ["a"], ["b"]].entries()) {
    const arriving = nextOf(io, "connection");
    const client = stockClient(t, url);
    const list: string[] = [];
    heard.push(list);
    client.onAny((name: string) => {
      if (name !== "who?") list.push(name);
    });
    client.on("who?", (answer: (who: number) => void) => answer(index));
    ends.push(nextOf(client, "done"));
    const [socket] = (await arriving) as [Socket];
    await socket.join(rooms);
    sockets.push(socket);
  }
  const answers = await sayAll(io, sockets[0]!);
  await Promise.all(ends);
  for (const answer of answers)
    if (Array.isArray(answer)) answer.sort((one, other) => Number(one) - Number(other));
  return { heard, answers };
}

test("flags may stand in front of whom is meant, as with Socket.IO", async (t) => {
  const { io, url } = await startServer(t);
  const ours = await play(t, io, url);
  const http = createServer();
  const stock = new StockServer(http);
  undoAfter(t, () => stock.close());
  const port = await listen(http);
  assert.deepEqual(ours, await play(t, stock as unknown as Server, `http://127.0.0.1:${port}`));
  assert.deepEqual(ours, {
    heard: [
      ["1", "message", "done"],
      ["3", "4", "5", "6", "8", "done"],
      ["3", "4", "6", "7", "8", "9", "done"],
    ],
    answers: [0, [1], [2], [1, 2], []],
  });
});

describe("what stands in front", () => {
  class Noting extends LocalAdapter {
    readonly targets: BroadcastTarget[] = [];

    override broadcast(packet: SocketPacket, target: BroadcastTarget): Promise<void> {
      this.targets.push(target);
      return super.broadcast(packet, target);
    }
  }

  test("reaches the adapter, and is not left behind for the next event", async (t) => {
    const adapter = new Noting();
    const { socket } = await startJoined(t, { adapter: () => adapter });
    const kept = socket.volatile;
    kept.to("a").emit("x");
    kept.compress(false).broadcast.emit("x");
    kept.except("b").emit("x");
    socket.to("a").emit("x");
    socket.compress(false).local.emit("x");
    assert.deepEqual(
      adapter.targets.map((target) => [target.volatile, target.compress, target.local, [...target.rooms]]),
      [
        [true, true, false, ["a"]],
        [true, false, false, []],
        [true, true, false, []],
        [false, true, false, ["a"]],
        [false, false, true, []],
      ],
    );
    for (const { except } of adapter.targets) assert.ok(except.has(socket.id));
  });

  test("limits the answers of others", async (t) => {
    const clock = new FakeClock();
    const server = await startServer(t, { clock });
    const arriving = nextOf(server.io, "connection");
    const one = stockClient(t, server.url);
    const [socket] = (await arriving) as [Socket];
    const joined = nextOf(server.io, "connection");
    const other = stockClient(t, server.url);
    const asked = nextOf(other, "silence");
    await joined;
    const promise = socket.timeout(1000).broadcast.emitWithAck("silence");
    await asked;
    clock.advance(1000);
    await assert.rejects(promise, { code: "timeout" });
    one.disconnect();
  });
});
