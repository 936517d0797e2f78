import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { next } from "../support/events.ts";
import { handshakeText, RawClient } from "../support/raw-client.ts";
import { echo, startServer } from "../support/websocket-server.ts";

describe("a request that is no handshake", () => {
  test("a plain POST with a body is told to upgrade, too", async (t) => {
    const { port } = await startServer(t);
    const client = await RawClient.connect(port);
    await client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello");
    assert.equal((await client.head()).status, 426);
    await client.closed();
  });

  test("what is not HTTP gets 400", async (t) => {
    const { port } = await startServer(t);
    const client = await RawClient.connect(port);
    await client.send("\x16\x03\x01 this is not HTTP\r\n\r\n");
    assert.equal((await client.head()).status, 400);
    await client.closed();
  });

  test("headers without end get 431, and others are served", async (t) => {
    const { wss, port } = await startServer(t);
    echo(wss);
    const client = await RawClient.connect(port);
    await client.send(`GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${"x".repeat(100_000)}`);
    assert.equal((await client.head()).status, 431);
    await client.closed();
    const other = await RawClient.connect(port);
    t.after(() => other.destroy());
    await other.open();
  });
});

describe("handshakes that are never finished", () => {
  const CONNECTIONS = 500;

  test("500 of them get 408 in time, and the server goes on serving meanwhile", async (t) => {
    const { wss, port } = await startServer(t, { handshakeTimeout: 2000 });
    echo(wss);
    const starts = [
      "",
      "G",
      "GET / HTTP/1.1\r\n",
      handshakeText().slice(0, -2),
      "POST / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n",
    ];
    const idle = await Promise.all(
      Array.from({ length: CONNECTIONS }, async (_, index) => {
        const client = await RawClient.connect(port);
        const start = starts[index % starts.length]!;
        if (start !== "") await client.send(start);
        return client;
      }),
    );
    const good = await RawClient.connect(port);
    t.after(() => good.destroy());
    await good.open();
    await good.sendText("anyone there?");
    assert.equal((await good.nextFrame()).payload.toString(), "anyone there?");

    const statuses = await Promise.all(
      idle.map(async (client) => {
        const { status } = await client.head();
        await client.closed();
        return status;
      }),
    );
    assert.deepEqual(new Set(statuses), new Set([408]));
    assert.equal(wss.clients.size, 1);
    await good.sendText("and now?");
    assert.equal((await good.nextFrame()).payload.toString(), "and now?");
  });
});

describe("maxConnections", () => {
  const ALLOWANCE = 1000;

  test("and a thousand more may be there, at whatever stage; the next is dropped at once, until one has left", async (t) => {
    const { wss, port } = await startServer(t, { maxConnections: 2 });
    const connection = next(wss, "connection");
    const open = await RawClient.connect(port);
    await open.open();
    await connection;
    const idle: RawClient[] = [];
    // More at a time might not find a place in the operating system's queue, and would try again a second later.
    while (idle.length < ALLOWANCE) {
      idle.push(...(await Promise.all(Array.from({ length: 200 }, () => RawClient.connect(port)))));
    }
    t.after(() => {
      for (const each of [open, ...idle]) each.destroy();
    });
    // As many as may be: one is open, so there is a place for this one.
    const last = await RawClient.connect(port);
    await last.open();
    const dropped = await RawClient.connect(port);
    await dropped.closed();
    assert.equal(dropped.unread.length, 0);

    idle.pop()!.destroy();
    let head: Awaited<ReturnType<RawClient["head"]>> | undefined;
    while (head === undefined) {
      const another = await RawClient.connect(port);
      head = await another
        .writeHandshake()
        .then(() => another.head())
        .catch(() => undefined);
      another.destroy();
    }
    assert.equal(head.status, 503);
    last.destroy();
  });
});
