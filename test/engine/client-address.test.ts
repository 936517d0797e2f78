import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { describe, test } from "node:test";
import { originFinder, type TrustProxy } from "../../src/engine/client-address.ts";
import { Server } from "../../src/engine/index.ts";
import { next } from "../support/events.ts";
import { POLLING_PATH, send, startEngine } from "../support/engine-server.ts";

function request(peer: string, forwardedFor?: string, forwardedProto?: string): IncomingMessage {
  const headers = { "x-forwarded-for": forwardedFor, "x-forwarded-proto": forwardedProto };
  return { socket: { remoteAddress: peer }, headers } as unknown as IncomingMessage;
}

describe("the client's address", () => {
  type Row = readonly [trust: TrustProxy, peer: string, forwardedFor: string | undefined, address: string];
  const rows: readonly Row[] = [
    [false, "127.0.0.1", "192.0.2.1", "127.0.0.1"],
    [0, "127.0.0.1", "192.0.2.1", "127.0.0.1"],
    [1, "127.0.0.1", "192.0.2.1", "192.0.2.1"],
    [1, "127.0.0.1", undefined, "127.0.0.1"],
    [1, "127.0.0.1", "", "127.0.0.1"],
    [1, "127.0.0.1", "203.0.113.9, 192.0.2.1", "192.0.2.1"],
    [2, "127.0.0.1", "203.0.113.9, 192.0.2.1", "203.0.113.9"],
    [2, "127.0.0.1", "10.9.9.9, 203.0.113.9, 192.0.2.1", "203.0.113.9"],
    [true, "127.0.0.1", "10.9.9.9, 203.0.113.9, 192.0.2.1", "10.9.9.9"],
    ["loopback", "127.0.0.1", "203.0.113.9, 192.0.2.1", "192.0.2.1"],
    ["loopback", "::ffff:127.0.0.1", "192.0.2.1", "192.0.2.1"],
    ["loopback", "::1", "2001:db8::1", "2001:db8::1"],
    ["loopback", "192.0.2.7", "203.0.113.9", "192.0.2.7"],
    ["loopback, uniquelocal", "127.0.0.1", "203.0.113.9,10.1.2.3", "203.0.113.9"],
    [["192.0.2.0/24", "::1"], "::1", "203.0.113.9, 192.0.2.200", "203.0.113.9"],
    [["192.0.2.0/24"], "::1", "203.0.113.9", "::1"],
    [(address, hop) => hop === 0 && address === "::1", "::1", "203.0.113.9, ::1", "::1"],
    [1, "127.0.0.1", "192.0.2.1:4711", "192.0.2.1"],
    [1, "127.0.0.1", "[2001:db8::1]:4711", "2001:db8::1"],
    [2, "127.0.0.1", "203.0.113.9, unknown", "127.0.0.1"],
    [2, "127.0.0.1", "<script>, 192.0.2.1", "192.0.2.1"],
    [1, "127.0.0.1", ",,,", "127.0.0.1"],
  ];
  for (const [trust, peer, forwardedFor, address] of rows) {
    const name = typeof trust === "function" ? "a function" : JSON.stringify(trust);
    test(`${name}: ${peer}, for ${forwardedFor ?? "nobody"}, is ${address}`, () => {
      assert.equal(originFinder(trust)(request(peer, forwardedFor)).address, address);
    });
  }
});

test("TLS in front of a trusted proxy counts, and not what others say", () => {
  assert.equal(originFinder(1)(request("::1", "192.0.2.1", "https")).secure, true);
  assert.equal(originFinder(1)(request("::1", "192.0.2.1", "https, http")).secure, false);
  assert.equal(originFinder(1)(request("::1", "192.0.2.1")).secure, false);
  assert.equal(originFinder(false)(request("::1", "192.0.2.1", "https")).secure, false);
});

test("what names no proxies is refused by name", () => {
  for (const trustProxy of [
    -1,
    1.5,
    Number.NaN,
    "here",
    ["10.0.0.0/33"],
    ["10.0.0.0/x"],
    [""],
    "10.0.0.0/",
    "10.0.0.0/0x8",
    "10.0.0.0/8/8",
  ]) {
    assert.throws(() => new Server({ trustProxy }), /"trustProxy"/, JSON.stringify(trustProxy));
  }
});

test("sessions have it, and handshakes are counted by it", async (t) => {
  const { engine, port } = await startEngine(t, {
    trustProxy: "loopback",
    handshakeRate: { max: 1, perMs: 60_000 },
  });
  const open = (address: string): Promise<{ status: number }> =>
    send(port, POLLING_PATH, { headers: { "X-Forwarded-For": address } });
  const connected = next(engine, "connection");
  assert.equal((await open("192.0.2.1")).status, 200);
  const [{ remoteAddress }] = (await connected) as [{ remoteAddress: string }];
  assert.equal(remoteAddress, "192.0.2.1");
  assert.equal((await open("192.0.2.1")).status, 429);
  assert.equal((await open("192.0.2.2")).status, 200);
});

test("what middleware leaves as context is kept with the session", async (t) => {
  const { engine, port } = await startEngine(t, {});
  engine.use((request, _response, proceed) => {
    request.context = { user: "ada" };
    proceed();
  });
  const connected = next(engine, "connection");
  await send(port, POLLING_PATH);
  const [socket] = (await connected) as [{ request: { context?: unknown } }];
  assert.deepEqual(socket.request.context, { user: "ada" });
});
