import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { Socket as TcpSocket } from "node:net";
import { describe, test } from "node:test";
import type { TransportName } from "../../src/client/node.ts";
import { startServer, undoAfter } from "../support/fixture.ts";
import { nodeClient } from "../support/node-client.ts";
import type { ServerOptions } from "../../src/sockets/options.ts";
import { SeededRandom } from "../../src/testing/seeded-random.ts";
import { nextOf } from "../support/stock-client.ts";
import { until } from "../support/until.ts";

const LISTS: readonly (readonly [list: readonly TransportName[] | undefined, last: string])[] = [
  [undefined, "websocket"],
  [["polling"], "polling"],
  [["polling", "websocket"], "websocket"],
  [["polling", "sse"], "sse"],
  [["sse"], "sse"],
  [["short-polling"], "polling"],
  [["websocket", "polling"], "websocket"],
];

/** A server that echoes, and all its TCP connections. */
async function echoServer(t: Parameters<typeof startServer>[0], options: ServerOptions = {}) {
  const http = createServer();
  const connections = new Set<TcpSocket>();
  http.on("connection", (connection: TcpSocket) => {
    connections.add(connection);
    connection.on("close", () => connections.delete(connection));
  });
  const server = await startServer(t, options, { http });
  const heard: number[] = [];
  server.io.on("connection", (socket) => {
    socket.on("echo", (number: number, bytes: Buffer, ack: (...args: unknown[]) => void) => {
      heard.push(number);
      socket.emit("said", number);
      ack([number, bytes]);
    });
  });
  const cutAll = (): void => connections.forEach((connection) => connection.destroy());
  undoAfter(t, async () => {
    // The client has said goodbye; what it keeps open for another request would hold the server up.
    await until(() => server.io.of("/").sockets.size === 0);
    cutAll();
  });
  return { server, heard, cutAll };
}

describe("our client with our server", () => {
  for (const [transports, last] of LISTS) {
    const options = {
      rememberTransport: false,
      upgrade: true,
      ...(transports === undefined ? {} : { transports }),
    };
    const name = transports?.join(", ") ?? "any transport";

    test(`${name}: events, binary ones too, come and go, and it ends up on the best`, async (t) => {
      const { server } = await echoServer(t);
      const client = nodeClient(t, server.url, options);
      await nextOf(client, "connect");
      for (let number = 0; number < 5; number++) {
        const bytes = Buffer.alloc(number * 30_000, number);
        assert.deepEqual(await client.emitWithAck("echo", number, bytes), [number, bytes]);
      }
      await until(() => client.io.engine.transport.name === last);
    });

    test(`${name}: a message of the longest length comes through`, async (t) => {
      const { server } = await echoServer(t, { maxHttpBufferSize: 10_000 });
      const client = nodeClient(t, server.url, options);
      await nextOf(client, "connect");
      for (let count = 0; count < 3; count++) {
        const bytes = Buffer.alloc(10_000, count);
        assert.deepEqual(await client.emitWithAck("echo", count, bytes), [count, bytes]);
      }
      await until(() => client.io.engine.transport.name === last);
      const bytes = Buffer.alloc(10_000, 4);
      assert.deepEqual(await client.emitWithAck("echo", 4, bytes), [4, bytes]);
      const ended = nextOf(client, "disconnect");
      client.emit("echo", 5, Buffer.alloc(10_001));
      assert.equal((await ended)[0], "transport error");
    });

    test(`${name}: a line that is cut again and again loses, doubles and reorders nothing`, async (t) => {
      const { server, heard, cutAll } = await echoServer(t);
      const client = nodeClient(t, server.url, options);
      const random = new SeededRandom(1);
      const said: number[] = [];
      const ends: unknown[] = [];
      client.on("said", (number: number) => said.push(number));
      client.on("disconnect", (reason) => ends.push(reason));
      await nextOf(client, "connect");
      const numbers = Array.from({ length: 60 }, (_, number) => number);
      const answers = [];
      for (const number of numbers) {
        answers.push(client.emitWithAck("echo", number, Buffer.of(number)));
        if (number % 20 === 10) cutAll();
        for (let turns = random.integer(0, 3); turns > 0; turns--) await new Promise(setImmediate);
      }
      const all = await Promise.all(answers);
      assert.deepEqual(
        all,
        numbers.map((number) => [number, Buffer.of(number)]),
      );
      await until(() => said.length === numbers.length);
      assert.deepEqual([heard, said, ends], [numbers, numbers, []]);
    });
  }
});
