import assert from "node:assert/strict";
import { createServer } from "node:http";
import { describe, test } from "node:test";
import { Server as StockServer } from "socket.io";
import { delivery } from "../../src/client/delivery/index.ts";
import { reauthenticate, renewable } from "../../src/client/renewable.ts";
import type { Socket } from "../../src/sockets/socket.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { startServer, undoAfter } from "../support/fixture.ts";
import { listen } from "../support/listen.ts";
import { nodeClient } from "../support/node-client.ts";
import { nextOf } from "../support/stock-client.ts";

describe("a client that can be asked again who it is", () => {
  for (const [what, options] of [
    ["", {}],
    [", with an outbox", { delivery: delivery() }],
  ] as const) {
    test(`gives what its function gives then${what}`, async (t) => {
      const { io, url } = await startServer(t, { delivery: true });
      const tokens: unknown[] = [];
      let decided: () => void = () => {};
      io.use((socket, next) => {
        tokens.push(socket.handshake.auth);
        next();
        decided();
      });
      let count = 0;
      const auth = renewable((give) => void give({ token: (count += 1) }));
      const client = nodeClient(t, url, { auth, ...options });
      const arrived = nextOf(io, "connection");
      await nextOf(client, "connect");
      const [socket] = (await arrived) as [Socket];
      assert.equal(await socket.reauthenticate(), true);
      const third = new Promise<void>((resolve) => {
        decided = resolve;
      });
      reauthenticate(client);
      await third;
      assert.deepEqual(tokens, [{ token: 1 }, { token: 2 }, { token: 3 }]);
      assert.equal(client.bufferedEvents, 0);
      // In another session it is asked once, not twice.
      const [gone, back] = [nextOf(client, "disconnect"), nextOf(io, "connection")];
      socket.conn.close();
      await gone;
      const [again] = (await back) as [Socket];
      assert.equal(await again.reauthenticate(), true);
      assert.deepEqual(tokens.slice(3), [{ token: 4 }, { token: 5 }]);
    });
  }

  test("in another session also if the application has taken all listeners away", async (t) => {
    const { io, url } = await startServer(t);
    const client = nodeClient(t, url, { auth: renewable({}) });
    const arrived = nextOf(io, "connection");
    await nextOf(client, "connect");
    const [socket] = (await arrived) as [Socket];
    client.removeAllListeners();
    const back = nextOf(io, "connection");
    socket.conn.close();
    const [again] = (await back) as [Socket];
    assert.equal(await again.reauthenticate(), true);
  });

  test("with an object, which may be changed", async (t) => {
    const { io, url } = await startServer(t);
    const token = { token: "a" };
    const client = nodeClient(t, url, { auth: renewable(token) });
    const arrived = nextOf(io, "connection");
    await nextOf(client, "connect");
    const [socket] = (await arrived) as [Socket];
    token.token = "b";
    await socket.reauthenticate();
    assert.deepEqual(socket.handshake.auth, { token: "b" });
  });

  test("one whose function fails stays as it is", async (t) => {
    const clock = new FakeClock();
    const { io, url } = await startServer(t, { clock });
    let fail: (() => void) | undefined;
    const client = nodeClient(t, url, {
      auth: renewable((give) => {
        if (fail === undefined) return give({ token: "a" });
        fail();
        throw new Error("no token");
      }),
    });
    const arrived = nextOf(io, "connection");
    await nextOf(client, "connect");
    const [socket] = (await arrived) as [Socket];
    const failed = new Promise<void>((resolve) => {
      fail = resolve;
    });
    const answer = socket.reauthenticate();
    await failed;
    clock.advance(10_000);
    assert.equal(await answer, false);
    assert.deepEqual([client.connected, socket.handshake.auth], [true, { token: "a" }]);
  });

  test("a server of Socket.IO notices nothing but a key", async (t) => {
    const http = createServer();
    const io = new StockServer(http);
    undoAfter(t, () => io.close());
    const url = `http://127.0.0.1:${await listen(http)}`;
    const client = nodeClient(t, url, { auth: renewable({ token: "a" }) });
    const arrived = nextOf(io, "connection");
    await nextOf(client, "connect");
    const [socket] = (await arrived) as [{ handshake: { auth: unknown } }];
    assert.deepEqual(socket.handshake.auth, { token: "a", $renew: true });
    reauthenticate(client);
    assert.equal(client.connected, true);
  });
});
