import assert from "node:assert/strict";
import { createServer } from "node:http";
import { describe, test } from "node:test";
import { WebSocketServer as WsServer } from "ws";
import type { WebSocket as Peer } from "../../../src/websocket/index.ts";
import { undoAfter } from "../../support/fixture.ts";
import { listen } from "../../support/listen.ts";
import { ObstacleProxy } from "../../support/obstacle-proxy.ts";
import { RawServer } from "../../support/raw-server.ts";
import { nextEvent, recordReliable, reliableClient } from "../../support/reliable-client.ts";
import { echo, Inbox, nextOf, serve, serveWs, stop } from "../../support/web-sockets.ts";

/** A server of ours, and one of `ws`. */
const SERVERS = [
  ["our server", serve],
  ["ws", serveWs],
] as const;

for (const [name, start] of SERVERS) {
  describe(`with ${name}`, () => {
    test("text and bytes of all lengths come back as they were", async (t) => {
      const { wss, url } = await start(t, { perMessageDeflate: true });
      echo(wss as never);
      const socket = reliableClient(t, url);
      socket.binaryType = "arraybuffer";
      await nextEvent(socket, "open");
      assert.equal(socket.extensions, "permessage-deflate");
      for (const length of [0, 1, 125, 126, 65_535, 65_536, 300_000]) {
        for (const message of ["ü".repeat(length), new Uint8Array(length).fill(7).buffer]) {
          const answer = nextEvent(socket, "message");
          socket.send(message);
          assert.deepEqual((await answer).data, message);
        }
      }
      const answer = nextEvent(socket, "message");
      socket.send(new Blob(["a ", "Blob"]));
      assert.equal(Buffer.from((await answer).data as ArrayBuffer).toString(), "a Blob");
    });

    test("a subprotocol, headers, a code and a reason", async (t) => {
      const { wss, url } = await start(t);
      const arriving = nextOf(wss, "connection");
      const socket = reliableClient(t, url, { extraHeaders: { "X-Device": "7" } }, ["first", "second"]);
      const [peer, request] = (await arriving) as [Peer, { headers: Record<string, string> }];
      await nextEvent(socket, "open");
      assert.deepEqual([request.headers["x-device"], socket.protocol, socket.url], ["7", "first", url]);
      const left = nextOf(peer, "close");
      const closed = nextEvent(socket, "close");
      socket.close(4001, "Grüße");
      const [code, reason] = await left;
      assert.deepEqual([code, String(reason)], [4001, "Grüße"]);
      const event = await closed;
      assert.deepEqual([event.code, event.reason, event.wasClean], [4001, "Grüße", true]);
    });

    test("a server that is killed and started again gets what was written meanwhile, in order", async (t) => {
      const first = await start(t);
      const socket = reliableClient(t, first.url);
      const events = recordReliable(socket);
      await nextEvent(socket, "open");
      const away = nextEvent(socket, "reconnecting");
      const listener = first.wss as never as Parameters<typeof stop>[0];
      for (const peer of listener.clients) peer.terminate();
      await stop(listener);
      assert.equal((await away).why.code, 1006);
      for (let count = 0; count < 100; count++) socket.send(`note ${count}`);

      const second = new WsServer({ port: first.port, host: "127.0.0.1" });
      undoAfter(t, () => {
        for (const peer of second.clients) peer.terminate();
        return new Promise<void>((resolve) => second.close(() => resolve()));
      });
      const [peer] = await nextOf(second, "connection");
      const inbox = new Inbox(peer as object);
      await nextEvent(socket, "open");
      socket.send("last");
      assert.deepEqual(await inbox.until(101), [
        ...Array.from({ length: 100 }, (_, n) => `note ${n}`),
        "last",
      ]);
      assert.equal(events.at(-1), "open again");
    });

    test("is away after 1001 and 1012, and gone after 1000 and 1008", async (t) => {
      const { wss, url } = await start(t);
      const codes = [1001, 1012, 1008];
      wss.on("connection", (peer: Pick<Peer, "close">) => peer.close(codes.shift(), "because"));
      const socket = reliableClient(t, url);
      const events = recordReliable(socket);
      await nextEvent(socket, "close");
      assert.deepEqual(events, [
        "open first",
        "reconnecting 1 1001",
        "open again",
        "reconnecting 2 1012",
        "open again",
        "close 1008 because",
      ]);
    });
  });
}

describe("a server that is no good", () => {
  test("nobody there: refused, again and again, until somebody is", async (t) => {
    const http = createServer();
    const port = await listen(http);
    await new Promise((resolve) => http.close(resolve));
    const socket = reliableClient(t, `ws://127.0.0.1:${port}`);
    const away = nextEvent(socket, "reconnecting");
    const { error } = await nextEvent(socket, "error");
    assert.equal((error as NodeJS.ErrnoException).code, "ECONNREFUSED");
    assert.equal((await away).why.error, error);
    await nextEvent(socket, "reconnecting");
    const opened = nextEvent(socket, "open");
    await serve(t, { port });
    assert.equal((await opened).reconnected, false);
  });

  test("another status than 101 is told to shouldReconnect", async (t) => {
    const { url } = await serve(t, { verifyClient: () => false });
    const socket = reliableClient(t, url, {
      shouldReconnect: ({ error }) => (error as { status?: number } | undefined)?.status !== 401,
    });
    const { code, wasClean } = await nextEvent(socket, "close");
    assert.deepEqual([code, wasClean], [1006, false]);
  });

  test("one that never answers the handshake", async (t) => {
    const raw = await RawServer.start();
    undoAfter(t, () => raw.stop());
    const socket = reliableClient(t, raw.url, { connectTimeout: 30, reconnection: false });
    const { error } = await nextEvent(socket, "close");
    assert.equal((error as { code?: string }).code, "RWS_ERR_CONNECT_TIMEOUT");
    await (await raw.accept()).closed();
  });

  test("one that is closed while it opens", async (t) => {
    const raw = await RawServer.start();
    undoAfter(t, () => raw.stop());
    const socket = reliableClient(t, raw.url);
    const events = recordReliable(socket);
    const peer = await raw.accept();
    const closed = nextEvent(socket, "close");
    socket.close();
    await closed;
    await peer.closed();
    assert.deepEqual(events, ["close 1006"]);
  });
});

describe("a network in the way", () => {
  test("that swallows everything is noticed by a heartbeat, and the next way is taken", async (t) => {
    const { wss, port } = await serve(t);
    const inbox: string[] = [];
    wss.on("connection", (peer) => {
      peer.on("message", (data) => {
        inbox.push(String(data));
        peer.send(String(data) === "ping" ? "pong" : `got ${String(data)}`);
      });
    });
    const proxy = await ObstacleProxy.start(port, { upgrade: "swallow" });
    undoAfter(t, () => proxy.stop());
    const socket = reliableClient(t, proxy.url, {
      heartbeat: {
        message: "ping",
        interval: 30,
        timeout: 30,
        retries: 1,
        isAnswer: (data) => data === "pong",
      },
    });
    const events = recordReliable(socket);
    await nextEvent(socket, "open");
    socket.send("lost on the way");
    const answered = nextEvent(socket, "message");
    const clearTheWay = (): void => {
      proxy.obstacles = {};
      socket.send("kept");
    };
    socket.addEventListener("reconnecting", clearTheWay, { once: true });
    const { data } = await answered;
    assert.equal(events[1], "error RWS_ERR_HEARTBEAT_TIMEOUT");
    // What was handed over before is not sent again; answers to heartbeats are not delivered.
    assert.equal(data, "got kept");
    assert.ok(!inbox.includes("lost on the way"));
  });

  test("that cuts connections", async (t) => {
    const { wss, port } = await serve(t);
    echo(wss);
    const proxy = await ObstacleProxy.start(port);
    undoAfter(t, () => proxy.stop());
    const socket = reliableClient(t, proxy.url);
    for (let round = 0; round < 5; round++) {
      const { reconnected } = await nextEvent(socket, "open");
      assert.equal(reconnected, round > 0);
      const answer = nextEvent(socket, "message");
      socket.send(String(round));
      assert.equal((await answer).data, String(round));
      proxy.cut();
    }
  });
});
