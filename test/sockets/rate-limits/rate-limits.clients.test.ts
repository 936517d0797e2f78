/** The limits from end to end: our server with our client and the stock one. Packets: `rate-limits.test.ts`. */
import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { delivery } from "../../../src/client/delivery/index.ts";
import type { TransportName } from "../../../src/client/node.ts";
import type { EventError } from "../../../src/shared/event-error.ts";
import { systemClock } from "../../../src/shared/clock.ts";
import type { ServerOptions } from "../../../src/sockets/options.ts";
import { FakeClock } from "../../../src/testing/fake-clock.ts";
import { startServer } from "../../support/fixture.ts";
import { nodeClient } from "../../support/node-client.ts";
import { nextOf, stockClient } from "../../support/stock-client.ts";

const TRANSPORTS: readonly TransportName[][] = [["websocket"], ["polling"], ["sse"]];
const REFUSED = { name: "EventError", code: "rate_limited", data: { retryAfterMs: 500 } };

/** A server that answers what it hears, and takes `say` five times at once and twice a second. */
async function answeringServer(t: TestContext, options?: ServerOptions) {
  const clock = new FakeClock();
  const rateLimits = { events: { say: { perSecond: 2, burst: 5 } } };
  const server = await startServer(t, { clock, rateLimits, ...options });
  const heard: unknown[] = [];
  server.io.on("connection", (socket) => {
    for (const name of ["say", "other"]) {
      socket.on(name, (value: unknown, ack?: (value: unknown) => void) => {
        heard.push(value);
        ack?.(value);
      });
    }
  });
  return { ...server, clock, heard };
}

describe("a client that sends too many events", () => {
  for (const transports of TRANSPORTS) {
    test(`is told by ours, over ${transports.join()}`, async (t) => {
      const rateLimits = { events: { say: { perSecond: 0.001, burst: 5 } } };
      const { url, heard } = await answeringServer(t, { clock: systemClock, rateLimits });
      const client = nodeClient(t, url, { transports, rememberTransport: false });
      const answers = await Promise.allSettled([1, 2, 3, 4, 5, 6].map((n) => client.emitWithAck("say", n)));
      const { reason } = answers.pop() as PromiseRejectedResult;
      assert.ok(answers.every(({ status }) => status === "fulfilled"));
      const { retryAfterMs } = (reason as EventError).data as { retryAfterMs: number };
      assert.ok(retryAfterMs > 900_000 && retryAfterMs <= 1_000_000, String(retryAfterMs));
      assert.equal(await client.emitWithAck("other", 7), 7);
      assert.deepEqual(heard, [1, 2, 3, 4, 5, 7]);
    });
  }

  test("and tries again when ours says that it may, succeeds", async (t) => {
    const { url, clock, heard } = await answeringServer(t);
    const client = nodeClient(t, url);
    for (let n = 1; n <= 5; n += 1) await client.emitWithAck("say", n);
    await assert.rejects(client.emitWithAck("say", 6), REFUSED);
    clock.advance(REFUSED.data.retryAfterMs);
    assert.equal(await client.emitWithAck("say", 7), 7);
    await assert.rejects(client.emitWithAck("say", 8), REFUSED);
    assert.deepEqual(heard, [1, 2, 3, 4, 5, 7]);
  });

  test("sees nothing in the stock one: its acknowledgement does not come", async (t) => {
    const { url, clock, heard } = await answeringServer(t);
    const client = stockClient(t, url);
    let refused = 0;
    for (let n = 1; n <= 5; n += 1) assert.equal(await client.emitWithAck("say", n), n);
    client.emit("say", 6, () => void (refused += 1));
    client.onAny(() => assert.fail("something came"));
    assert.equal(await client.emitWithAck("other", 7), 7);
    clock.advance(500);
    assert.equal(await client.emitWithAck("say", 8), 8);
    assert.deepEqual([heard, refused, client.connected], [[1, 2, 3, 4, 5, 7, 8], 0, true]);
  });

  test("that joins too often gets a connect_error that says when to try again", async (t) => {
    const { io, url } = await answeringServer(t, { rateLimits: { connection: { perSecond: 4, burst: 1 } } });
    io.of("/n");
    const stock = stockClient(t, url, { forceNew: false });
    const ours = nodeClient(t, url);
    await Promise.all([nextOf(stock, "connect"), nextOf(ours, "connect")]);
    const others = [stock.io.socket("/n"), ours.io.socket("/n")];
    for (const other of others) {
      const [error] = (await nextOf(other, "connect_error")) as [Error & { data: unknown }];
      assert.equal(error.message, "Too many events: it may join in 250 ms.");
      assert.deepEqual(error.data, { code: "rate_limited", retryAfterMs: 250 });
    }
    assert.ok(stock.connected && ours.connected);
  });

  test("and does not stop is disconnected, and may come back", async (t) => {
    const rateLimits = { connection: { perSecond: 1, burst: 2 }, disconnectAfter: 50 };
    const { io, url } = await answeringServer(t, { rateLimits });
    for (const connect of [stockClient, nodeClient as unknown as typeof stockClient]) {
      const arriving = nextOf(io, "connection");
      const client = connect(t, url, { reconnectionDelay: 1 });
      await nextOf(client, "connect");
      const [socket] = (await arriving) as [object];
      const ends = Promise.all([nextOf(socket, "disconnect"), nextOf(client, "disconnect")]);
      for (let n = 0; n <= 60; n += 1) client.emit("other", n);
      const [[atServer], [atClient]] = await ends;
      assert.deepEqual([atServer, atClient], ["rate limit exceeded", "transport close"]);
      await nextOf(client, "connect");
      assert.equal(await client.emitWithAck("other", 1), 1);
      client.disconnect();
    }
  });
});

test("an event of the outbox that is refused is done: it is told, and not sent again", async (t) => {
  const { io, url, clock, heard } = await answeringServer(t, { delivery: true });
  const client = nodeClient(t, url, { delivery: delivery() });
  const answers = await Promise.allSettled([1, 2, 3, 4, 5, 6].map((n) => client.emitWithAck("say", n)));
  const refused = answers.at(-1) as PromiseRejectedResult;
  assert.equal((refused.reason as EventError).code, "rate_limited");
  clock.advance(20);
  const back = nextOf(client, "connect");
  io.sockets.sockets.values().next().value!.conn.close();
  await back;
  assert.equal(client.recovered, true);
  assert.equal(await client.emitWithAck("say", 7), 7);
  assert.deepEqual(heard, [1, 2, 3, 4, 5, 7]);
});
