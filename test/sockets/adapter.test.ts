/** A server on adapters that are not LocalAdapter: such that answer later, such that fail, and such that know other nodes. */
import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import type {
  AdapterFactory,
  AdapterHost,
  BroadcastQuestion,
  BroadcastTarget,
  TakeAnswer,
} from "../../src/sockets/adapter.ts";
import { LocalAdapter } from "../../src/sockets/local-adapter.ts";
import type { Server } from "../../src/sockets/server.ts";
import type { DefaultEvents } from "../../src/shared/events.ts";
import type { SocketPacket } from "../../src/packets/index.ts";
import { EngineClient } from "../support/engine-client.ts";
import { startServer } from "../support/fixture.ts";
import { joinPair } from "../support/joined.ts";
import { until } from "../support/until.ts";
import { nextOf } from "../support/stock-client.ts";

const LATER_METHODS = [
  "join",
  "leave",
  "leaveAll",
  "broadcast",
  "fetchMembers",
  "joinMembers",
  "leaveMembers",
  "disconnectMembers",
  "sendToNodes",
  "askNodes",
  "nodeCount",
  "close",
] as const;

/** Does everything at once, as the port says, and answers in another turn of the event loop; or then fails. */
function lateAdapter(fail?: () => unknown): LocalAdapter {
  const adapter = new LocalAdapter();
  for (const name of LATER_METHODS) {
    const method = adapter[name].bind(adapter) as (...args: unknown[]) => Promise<unknown>;
    Object.assign(adapter, {
      [name]: async (...args: unknown[]) => {
        const done = method(...args);
        await new Promise(setImmediate);
        if (fail !== undefined && name !== "close") throw fail();
        return done;
      },
    });
  }
  const ask = adapter.broadcastWithAck.bind(adapter);
  adapter.broadcastWithAck = (
    packet: SocketPacket,
    target: BroadcastTarget,
    take: TakeAnswer,
  ): BroadcastQuestion => {
    const question = ask(packet, target, take);
    const asked = new Promise(setImmediate).then(() => {
      if (fail !== undefined) throw fail();
      return question.asked;
    });
    return { ...question, asked };
  };
  return adapter;
}

/** The same server, for whatever nodes send each other. */
function anyEvents(io: Server): Server<DefaultEvents, DefaultEvents, DefaultEvents> {
  return io as unknown as Server<DefaultEvents, DefaultEvents, DefaultEvents>;
}

async function start(t: TestContext, adapter: AdapterFactory) {
  return anyEvents((await startServer(t, { adapter })).io);
}

test("an adapter may answer later", async (t) => {
  const server = await startServer(t, { adapter: () => lateAdapter() });
  const { port } = server;
  const io = anyEvents(server.io);
  io.of(/^\/room/).on("connection", (socket) => void socket.join("a"));
  const { socket, client } = await joinPair(t, server);
  await Promise.all([socket.join("a"), socket.join("b"), socket.leave("b")]);
  assert.deepEqual([...socket.rooms], [socket.id, "a"]);
  io.to("a").emit("news");
  assert.equal(await client.next(), '42["news"]');
  const asking = io.emitWithAck("n?");
  const id = /^42(\d+)/.exec(await client.next())![1]!;
  await client.send(`43${id}[7]`);
  assert.deepEqual(await asking, [7]);
  assert.equal((await io.in("a").fetchSockets())[0]!.id, socket.id);
  assert.equal(await io.socketsJoin("c"), 1);
  assert.equal(await io.in("c").socketsLeave("c"), 1);
  await client.joinNamespace("/room-1");
  assert.equal(await io.of("/room-1").to("a").disconnectSockets(), 1);
  assert.equal(await client.next(), "41/room-1,");
  assert.deepEqual(await io.serverSideEmitWithAck("n?"), []);
  const other = await EngineClient.join(t, port);
  io.emit("news");
  assert.equal(await other.next(), '42["news"]');
});

test("an adapter that fails is reported each time, and the server goes on", async (t) => {
  const failure = new Error("the broker is down");
  const server = await startServer(t, { adapter: () => lateAdapter(() => failure) });
  const io = anyEvents(server.io);
  const reports: unknown[] = [];
  io.on(
    "handler_error",
    (error, { event, socketId }) => void reports.push([error === failure, event, socketId]),
  );
  const { socket, client } = await joinPair(t, server);
  // None of these promises is looked at.
  void socket.join("a");
  void socket.leave("a");
  void io.socketsJoin("b");
  void io.socketsLeave("b");
  io.emit("news");
  io.serverSideEmit("hello");
  await assert.rejects(io.emitWithAck("n?"), failure);
  await assert.rejects(io.fetchSockets(), failure);
  await assert.rejects(io.serverSideEmitWithAck("n?"), failure);
  await assert.rejects(io.disconnectSockets(), failure);
  assert.equal(await client.next(), '42["news"]');
  for (const event of reports as unknown[][]) assert.deepEqual(event.slice(0, 2), [true, "adapter"]);
  assert.equal(reports.filter((report) => (report as unknown[])[2] === socket.id).length, 4);
  assert.ok(reports.length >= 9, `${reports.length}`);
});

test("an adapter that throws is reported as one that rejects, and keeps nobody in", async (t) => {
  const failure = new Error("the broker is down");
  const fail = (): never => {
    throw failure;
  };
  const { io, port } = await startServer(t, {
    adapter: () => Object.assign(new LocalAdapter(), { join: fail, leaveAll: fail, close: fail }),
  });
  const reports: unknown[] = [];
  io.on("handler_error", (error, { event }) => void reports.push([error === failure, event]));
  const parent = io.of(/^\/room/);
  const left: string[] = [];
  parent.on("connection", (socket) => {
    void socket.join("a").catch(() => {});
    socket.on("disconnect", (reason) => void left.push(reason));
  });
  const client = await EngineClient.open(t, port);
  await client.joinNamespace("/room");
  await client.send("41/room,");
  await until(() => left.length > 0);
  assert.deepEqual([left, parent.children.size], [["client namespace disconnect"], 0]);
  await io.close();
  assert.deepEqual(
    reports,
    Array.from({ length: 5 }, () => [true, "adapter"]),
  );
});

test("a namespace whose adapter can't be made is refused, and does not count", async (t) => {
  let isDown = false;
  const { io, port } = await startServer(t, {
    maxDynamicNamespaces: 1,
    adapter: () => {
      if (isDown) throw new Error("the broker is down");
      return new LocalAdapter();
    },
  });
  const reports: unknown[] = [];
  io.on("handler_error", (_error, context) => void reports.push(context));
  io.of(/^\/room/);
  const client = await EngineClient.open(t, port);
  isDown = true;
  await client.send("40/room,");
  assert.equal(await client.next(), '44/room,{"message":"The server could not make this namespace."}');
  assert.deepEqual(reports, [{ event: "adapter", namespace: "/room", socketId: undefined }]);
  isDown = false;
  await client.joinNamespace("/room");
});

/** Nodes that are all in this process. */
class NeighbourAdapter extends LocalAdapter {
  readonly #nodes: AdapterHost[];
  readonly #host: AdapterHost;

  constructor(host: AdapterHost, nodes: AdapterHost[]) {
    super();
    this.#nodes = nodes;
    this.#host = host;
    nodes.push(host);
  }

  get #others(): AdapterHost[] {
    return this.#nodes.filter((host) => host !== this.#host);
  }

  override async sendToNodes(args: readonly unknown[] = []): Promise<void> {
    for (const host of this.#others) host.receiveFromNode(args);
  }

  override askNodes(args: readonly unknown[] = []): Promise<unknown[]> {
    const ask = (host: AdapterHost): Promise<unknown> =>
      new Promise((resolve) => host.receiveFromNode(args, resolve));
    return Promise.all(this.#others.map(ask));
  }
}

describe("serverSideEmit", () => {
  test("reaches the listeners of the other nodes, which may answer", async (t) => {
    const nodes: Record<string, AdapterHost[]> = { "/": [], "/admin": [] };
    const adapter = (name: string, host: AdapterHost): NeighbourAdapter =>
      new NeighbourAdapter(host, nodes[name]!);
    const [one, two] = [await start(t, adapter), await start(t, adapter)];
    const told: unknown[] = [];
    one.sockets.on("hello", () => assert.fail("that is this node"));
    two.sockets.on("hello", (name: string) => void told.push(`namespace ${name}`));
    (two as unknown as { on: typeof two.addListener }).on(
      "hello" as never,
      ((name: string) => {
        told.push(`server ${name}`);
      }) as never,
    );
    two.sockets.on("load", (factor: number, ack: (percent: number) => void) => {
      ack(factor * 10);
      ack(0);
    });
    one.sockets.serverSideEmit("hello", "Ada");
    assert.deepEqual(told, ["namespace Ada", "server Ada"]);
    assert.deepEqual(await one.sockets.serverSideEmitWithAck("load", 5), [50]);
    const answered = new Promise((resolve) => {
      one.sockets.serverSideEmit("load", 6, (...args: unknown[]) => resolve(args));
    });
    assert.deepEqual(await answered, [null, [60]]);
    one.of("/admin");
    two.of("/admin").on("hello", () => void told.push("admin"));
    one.of("/admin").serverSideEmit("hello");
    assert.deepEqual(told.at(-1), "admin");
  });

  test("does not send what is the server's own, nor take it", async (t) => {
    const hosts: AdapterHost[] = [];
    const io = await start(t, (_name, host) => {
      hosts.push(host);
      return new LocalAdapter();
    });
    for (const name of ["connect", "connection", "new_namespace", "handler_error"]) {
      io.on(name as "connect", () => assert.fail("nobody came"));
      assert.throws(() => io.serverSideEmit(name), TypeError);
      await assert.rejects(io.serverSideEmitWithAck(name), TypeError);
      hosts[0]!.receiveFromNode([name]);
    }
    hosts[0]!.receiveFromNode([1]);
  });

  test("reports what an adapter tells later, and callbacks that throw", async (t) => {
    const hosts: AdapterHost[] = [];
    const io = await start(t, (_name, host) => {
      hosts.push(host);
      return new LocalAdapter();
    });
    const failure = new Error("lost the broker");
    const first = nextOf(io, "handler_error");
    hosts[0]!.onError(failure);
    assert.deepEqual(await first, [failure, { event: "adapter", namespace: "/", socketId: undefined }]);
    const second = nextOf(io, "handler_error");
    io.serverSideEmit("n?", () => {
      throw failure;
    });
    assert.deepEqual(await second, [
      failure,
      { event: "acknowledgement", namespace: "/", socketId: undefined },
    ]);
  });
});
