import assert from "node:assert/strict";
import { test } from "node:test";
import type { Socket } from "../../../src/sockets/socket.ts";
import { Deferred } from "../../support/deferred.ts";
import { startServer } from "../../support/fixture.ts";
import { nodeClient } from "../../support/node-client.ts";
import { stockClient } from "../../support/stock-client.ts";
import { until } from "../../support/until.ts";

/** What all clients have in common that is used here. */
interface Client {
  emit(name: string, ...args: unknown[]): unknown;
  emitWithAck(name: string, ...args: unknown[]): Promise<unknown>;
  on(name: string, listener: (...args: never[]) => unknown): unknown;
}

const COUNT = 400;
/** All of it is less than may wait while an acknowledgement is due, and more than may wait else. */
const PADDING = "x".repeat(5000);

for (const [what, connect] of Object.entries({
  "a stock client on a WebSocket": (t, url) => stockClient(t, url),
  "a stock client that polls": (t, url) => stockClient(t, url, { transports: ["polling"] }),
  "a stock client that moves to a WebSocket": (t, url) =>
    stockClient(t, url, { transports: ["polling", "websocket"] }),
  "our client": (t, url) => nodeClient(t, url),
  "our client, on polling": (t, url) => nodeClient(t, url, { transports: ["polling"] }),
  "our client, on an event stream": (t, url) => nodeClient(t, url, { transports: ["sse"] }),
} satisfies Record<string, (t: Parameters<typeof stockClient>[0], url: string) => Client>)) {
  test(`${what} is made to wait, and all that it sends is handled in order`, async (t) => {
    const { io, url } = await startServer(t, {
      handlers: "in-order",
      transports: ["polling", "websocket", "sse"],
    });
    const first = new Deferred();
    const begun: number[] = [];
    let working = 0;
    io.on("connection", (socket: Socket) => {
      socket.on("n", async (number: number) => {
        working += 1;
        assert.equal(working, 1);
        begun.push(number);
        if (number === 0) await first.promise;
        else if (number % 50 === 1)
          assert.equal(await socket.timeout(2000).emitWithAck("twice", number), 2 * number);
        else if (number % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
        working -= 1;
      });
      socket.on("end", (done: () => void) => done());
    });
    const client: Client = connect(t, url);
    client.on("twice", (number: number, answer: (value: number) => void) => answer(2 * number));
    for (let number = 0; number < COUNT; number++) client.emit("n", number, PADDING);
    const ended = client.emitWithAck("end");
    await until(() => begun.length === 1);
    first.resolve();
    await ended;
    assert.deepEqual(
      begun,
      Array.from({ length: COUNT }, (_, number) => number),
    );
  });
}
