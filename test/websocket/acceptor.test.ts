import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { next, record } from "../support/events.ts";
import { handshakeText, type HeaderChanges, RawClient, SAMPLE_ACCEPT } from "../support/raw-client.ts";
import { frame, OPCODE } from "../support/wire-frames.ts";
import { echo, startServer } from "../support/websocket-server.ts";

describe("a right handshake", () => {
  test("gets 101 and the accept value that belongs to its key", async (t) => {
    const { port } = await startServer(t);
    const client = await RawClient.connect(port);
    t.after(() => client.destroy());
    const head = await client.open("/", { Connection: "keep-alive, Upgrade", Upgrade: "WebSocket" });
    assert.equal(head.firstLine, "HTTP/1.1 101 Switching Protocols");
    assert.equal(head.headers["sec-websocket-accept"], SAMPLE_ACCEPT);
    assert.equal(head.headers["upgrade"], "websocket");
    assert.equal(head.headers["connection"], "Upgrade");
  });

  test("an extension that is offered is not answered: none is spoken", async (t) => {
    const { port } = await startServer(t);
    const client = await RawClient.connect(port);
    t.after(() => client.destroy());
    const head = await client.open("/", { "Sec-WebSocket-Extensions": "permessage-deflate" });
    assert.equal(head.headers["sec-websocket-extensions"], undefined);
  });

  test("may come byte by byte", async (t) => {
    const { wss, port } = await startServer(t);
    echo(wss);
    const client = await RawClient.connect(port);
    t.after(() => client.destroy());
    await client.sendByteByByte(handshakeText());
    assert.equal((await client.head()).status, 101);
    await client.sendByteByByte(frame(OPCODE.text, "slowly"));
    assert.equal((await client.nextFrame()).payload.toString(), "slowly");
  });

  test("frames in the same packet are not lost", async (t) => {
    const { wss, port } = await startServer(t);
    echo(wss);
    const client = await RawClient.connect(port);
    t.after(() => client.destroy());
    const half = frame(OPCODE.text, "two");
    await client.send(
      Buffer.concat([Buffer.from(handshakeText()), frame(OPCODE.text, "one"), half.subarray(0, 3)]),
    );
    assert.equal((await client.head()).status, 101);
    assert.equal((await client.nextFrame()).payload.toString(), "one");
    await client.send(half.subarray(3));
    assert.equal((await client.nextFrame()).payload.toString(), "two");
  });

  test("a client that has ended its direction with the handshake is let go", async (t) => {
    const { wss, port } = await startServer(t);
    const connections = record(wss, "connection");
    const client = await RawClient.connect(port, { allowHalfOpen: true });
    await client.writeHandshake();
    client.end();
    await client.closed();
    for (const [socket] of connections.all) {
      if (socket.readyState !== socket.CLOSED) await next(socket, "close");
    }
    assert.equal(wss.clients.size, 0);
  });
});

describe("a wrong handshake", () => {
  interface Fault {
    readonly name: string;
    readonly headers?: HeaderChanges;
    readonly requestLine?: string;
    readonly status: number;
  }
  const FAULTS: Fault[] = [
    { name: "no version", headers: { "Sec-WebSocket-Version": undefined }, status: 426 },
    { name: "version 8", headers: { "Sec-WebSocket-Version": "8" }, status: 426 },
    { name: "no key", headers: { "Sec-WebSocket-Key": undefined }, status: 400 },
    { name: "a key that is too short", headers: { "Sec-WebSocket-Key": "c2hvcnQ=" }, status: 400 },
    { name: "a key that is not base64", headers: { "Sec-WebSocket-Key": "!".repeat(24) }, status: 400 },
    { name: "another Upgrade", headers: { Upgrade: "h2c" }, status: 400 },
    { name: "POST", requestLine: "POST / HTTP/1.1", status: 405 },
    { name: "HTTP/1.0", requestLine: "GET / HTTP/1.0", status: 400 },
    { name: "subprotocols that are no tokens", headers: { "Sec-WebSocket-Protocol": "a,,b" }, status: 400 },
    { name: "no Upgrade: a plain GET", headers: { Upgrade: undefined, Connection: undefined }, status: 426 },
  ];
  for (const { name, headers, requestLine, status } of FAULTS) {
    test(`${name}: ${status}, in a complete answer, and the connection ends`, async (t) => {
      const { wss, port } = await startServer(t);
      const connections = record(wss, "connection");
      const client = await RawClient.connect(port);
      await client.send(handshakeText("/", headers, requestLine));
      const head = await client.head();
      assert.equal(head.status, status);
      if (status === 405) assert.equal(head.headers["allow"], "GET");
      if (name.includes("version")) assert.equal(head.headers["sec-websocket-version"], "13");
      if (name.includes("plain")) assert.equal(head.headers["upgrade"], "websocket");
      const length = Number(head.headers["content-length"]);
      assert.match(await client.text(length), /^[A-Z].*\.\n$/);
      assert.equal(await client.closed(), "ended");
      assert.equal(client.unread.length, 0);
      assert.equal(connections.all.length, 0);
      assert.equal(wss.clients.size, 0);
    });
  }

  test("is reported with what was wrong", async (t) => {
    const { wss, port } = await startServer(t);
    const refusals = record(wss, "wsClientError");
    const client = await RawClient.connect(port);
    await client.writeHandshake("/", { "Sec-WebSocket-Version": "7" });
    await client.closed();
    const [error, , request] = await refusals.take();
    assert.equal(error.code, "WS_ERR_HANDSHAKE_VERSION");
    assert.equal(error.status, 426);
    assert.equal(request.headers["sec-websocket-version"], "7");
  });
});
