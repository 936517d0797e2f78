/** A server that is drained, and the one that takes its place: stock clients and ours, over real connections. */
import assert from "node:assert/strict";
import { createServer, type IncomingMessage, request } from "node:http";
import { connect } from "node:net";
import { describe, test, type TestContext } from "node:test";
import type { ClientOptions } from "../../src/client/node.ts";
import { delivery } from "../../src/client/delivery/index.ts";
import { memoryLog } from "../../src/log/memory-log.ts";
import { randomId, systemRandom } from "../../src/shared/random.ts";
import type { Log, LogFactory } from "../../src/sockets/log.ts";
import type { Server } from "../../src/sockets/server.ts";
import { type RunningServer, startServer, undoAfter } from "../support/fixture.ts";
import { listen } from "../support/listen.ts";
import { nodeClient } from "../support/node-client.ts";
import { stockClient } from "../support/stock-client.ts";
import { until } from "../support/until.ts";

/** Leads new sessions to one server, until it is told of another; those that there are stay where they are. */
async function startBalancer(
  t: TestContext,
  first: number,
): Promise<{ url: string; lead: (port: number) => void }> {
  let target = first;
  // Ids of sessions begin with the port of their server.
  const portOf = ({ url = "" }: IncomingMessage): number => Number(/[?&]sid=(\d+)-/.exec(url)?.[1] ?? target);
  const balancer = createServer((incoming, answer) => {
    const { url: path, method, headers } = incoming;
    const outgoing = request({
      host: "127.0.0.1",
      port: portOf(incoming),
      path,
      method,
      headers,
      agent: false,
    });
    outgoing.on("response", (response) => {
      answer.writeHead(response.statusCode!, response.headers);
      response.pipe(answer);
    });
    outgoing.on("error", () => answer.destroy());
    answer.on("close", () => outgoing.destroy());
    incoming.pipe(outgoing);
  });
  balancer.on("upgrade", (incoming, stream, head) => {
    const outgoing = connect(portOf(incoming), "127.0.0.1");
    const { method, url, rawHeaders } = incoming;
    const lines = Array.from({ length: rawHeaders.length / 2 }, (_, index) =>
      rawHeaders.slice(index * 2, index * 2 + 2).join(": "),
    );
    outgoing.write([`${method} ${url} HTTP/1.1`, ...lines, "", ""].join("\r\n"));
    outgoing.write(head);
    for (const [from, to] of [
      [stream, outgoing],
      [outgoing, stream],
    ] as const) {
      from.on("error", () => to.destroy());
      from.on("close", () => to.destroy());
      from.pipe(to);
    }
    undoAfter(t, () => outgoing.destroy());
  });
  const port = await listen(balancer);
  undoAfter(t, () => {
    balancer.close();
    balancer.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${port}`, lead: (next) => void (target = next) };
}

/** A server whose sessions the balancer knows. */
async function startNamed(t: TestContext): Promise<RunningServer> {
  const server = await startServer(t);
  server.io.engine.generateId = () => `${server.port}-${randomId(systemRandom)}`;
  return server;
}

/** What the clients of both kinds have in common here. */
interface AnyClient {
  readonly connected: boolean;
  on(name: string, listener: (...args: never[]) => void): unknown;
  emit(name: string, ...args: unknown[]): unknown;
}

const OURS: readonly ClientOptions[] = [
  {},
  { transports: ["websocket"] },
  { transports: ["polling"] },
  { transports: ["sse"] },
];
const STOCK = [["websocket"], ["polling"]] as const;

function connectAll(t: TestContext, url: string, each: number, ours: ClientOptions, stock: object) {
  const clients: AnyClient[] = [];
  for (let count = 0; count < each; count++) {
    for (const options of OURS) clients.push(nodeClient(t, url, { forceNew: true, ...options, ...ours }));
    for (const transports of STOCK) {
      const timing = { reconnectionDelay: 20, reconnectionDelayMax: 100 };
      clients.push(stockClient(t, url, { transports: [...transports], ...timing, ...stock }));
    }
  }
  return clients;
}

function endsOf(io: Server): string[] {
  const ends: string[] = [];
  io.on("connection", (socket) => {
    socket.on("disconnect", (reason) => void ends.push(reason));
  });
  return ends;
}

describe("a server that is drained beside another one", () => {
  test("hands all clients over, and nothing that ours emit is lost or doubled", async (t) => {
    const [before, after] = [await startNamed(t), await startNamed(t)];
    const { url, lead } = await startBalancer(t, before.port);
    const ends = endsOf(before.io);
    const counted = new Map<string, number[]>();
    for (const { io } of [before, after]) {
      io.on("connection", (socket) => {
        socket.on("count", (name: string, count: number) => {
          if (!counted.has(name)) counted.set(name, []);
          counted.get(name)!.push(count);
        });
      });
    }
    const clients = connectAll(t, url, 2, {}, {});
    await until(() => clients.every(({ connected }) => connected));
    const ours = clients.filter((_, index) => index % 6 < OURS.length);
    let count = 0;
    let isOver = false;
    const emitAll = (): void => {
      count += 1;
      for (const [index, client] of ours.entries()) client.emit("count", `client ${index}`, count);
      if (!isOver) setImmediate(emitAll);
    };
    emitAll();
    before.io.engine.on("draining", () => lead(after.port));
    await before.io.drain({ overMs: 200 });
    assert.equal(before.http.listening, false);
    assert.deepEqual(new Set(ends), new Set(["server shutting down"]));
    assert.equal(ends.length, clients.length);
    await until(() => clients.every(({ connected }) => connected));
    isOver = true;
    emitAll();
    await until(
      () => counted.size === ours.length && [...counted.values()].every((all) => all.at(-1) === count),
    );
    const expected = Array.from({ length: count }, (_, index) => index + 1);
    for (const all of counted.values()) assert.deepEqual(all, expected);
  });
});

describe("a server that is drained before another one listens on its port", () => {
  test("loses and doubles nothing with delivery, in either direction, where the log outlives it", async (t) => {
    let shared: Log | undefined;
    let closing: (() => Promise<void>) | undefined;
    const log: LogFactory = (name, host) => {
      if (shared !== undefined) return shared;
      const made = memoryLog()(name, host);
      closing = made.close.bind(made);
      // It outlives the server that has made it, as one on a disk would.
      return (shared = Object.assign(made, { close: async () => {} }));
    };
    undoAfter(t, () => closing?.());
    const options = { delivery: { log }, connectionStateRecovery: { log } };
    const handled = new Map<string, number[]>();
    const serve = (io: Server): void => {
      io.on("connection", (socket) => {
        socket.on("count", (name: string, count: number) => {
          if (!handled.has(name)) handled.set(name, []);
          handled.get(name)!.push(count);
        });
      });
    };
    const before = await startServer(t, options);
    serve(before.io);
    const clients = connectAll(t, before.url, 2, { delivery: delivery() }, {});
    const news = clients.map((client) => {
      const heard: number[] = [];
      client.on("news", ((number: number) => void heard.push(number)) as never);
      return heard;
    });
    await until(() => clients.every(({ connected }) => connected));
    const ours = clients.filter((_, index) => index % 6 < OURS.length);
    let count = 0;
    let io: Server = before.io;
    let isOver = false;
    const emitAll = (): void => {
      count += 1;
      io.emit("news", count);
      for (const [index, client] of ours.entries()) client.emit("count", `client ${index}`, count);
      if (!isOver) setTimeout(emitAll, 1);
    };
    emitAll();
    await before.io.drain({ overMs: 100, returnAfterMs: 150 });
    const after = await startServer(t, options, { port: before.port });
    serve(after.io);
    io = after.io;
    await until(() => clients.every(({ connected }) => connected));
    isOver = true;
    await until(() => news.every((heard) => heard.at(-1) === count));
    await until(
      () => handled.size === ours.length && [...handled.values()].every((all) => all.at(-1) === count),
    );
    const all = Array.from({ length: count }, (_, index) => index + 1);
    for (const numbers of handled.values()) assert.deepEqual(numbers, all);
    const heard = news.map((numbers) => JSON.stringify(numbers));
    assert.equal(new Set(heard).size, 1);
  });
});
