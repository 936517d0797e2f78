import { createServer } from "node:http";
import type { TestContext } from "node:test";
import { Manager } from "../../src/client/node.ts";
import { Manager as StockManager } from "socket.io-client";
import type { Server } from "../../src/sockets/server.ts";
import type { Socket } from "../../src/sockets/socket.ts";
import { failOnPurpose } from "./fake-room-world.ts";
import { startServer, undoAfter } from "./fixture.ts";
import {
  DYNAMIC_PATTERN,
  FIXED_NAMESPACES,
  type JoinWish,
  type RoomClient,
  type RoomWorld,
  serveRooms,
} from "./room-world.ts";
import { until } from "./until.ts";

/** What is due by then never comes; the check that follows says what it was. */
const PATIENCE_MS = 10_000;

type Listener = (...args: unknown[]) => void;

/** Our client's socket, and the stock client's. */
interface AnySocket {
  auth: unknown;
  readonly connected: boolean;
  readonly active: boolean;
  readonly id?: string | undefined;
  on(name: string, listener: Listener): unknown;
  onAny(listener: (name: string, ...args: unknown[]) => void): unknown;
  emit(name: string, ...args: unknown[]): unknown;
  connect(): unknown;
  disconnect(): unknown;
}

interface AnyManager {
  socket(namespace: string): AnySocket;
}

/** Which client it is, and over which transports it connects. */
export type ClientKind = readonly [client: "ours" | "stock", ...transports: ("websocket" | "polling")[]];

class RealRoomClient implements RoomClient {
  readonly log: string[] = [];
  readonly #index: number;
  readonly #io: Server;
  readonly #manager: AnyManager;
  readonly #sockets = new Map<string, AnySocket>();
  readonly #questions = new Map<string, Listener>();

  constructor(index: number, io: Server, manager: AnyManager) {
    this.#index = index;
    this.#io = io;
    this.#manager = manager;
  }

  async join(namespace: string, wish: JoinWish): Promise<Socket | undefined> {
    const socket = this.#socket(namespace);
    socket.auth = { ...wish };
    const lines = this.log.length;
    socket.connect();
    await inTime(() => this.log.length > lines);
    return socket.connected ? this.#io.of(namespace).sockets.get(socket.id!) : undefined;
  }

  async leave(namespace: string): Promise<void> {
    const socket = this.#socket(namespace);
    const id = socket.id!;
    const { sockets } = this.#io.of(namespace);
    socket.disconnect();
    await inTime(() => !sockets.has(id));
  }

  async drop(): Promise<void> {
    for (const [namespace, socket] of this.#sockets) if (socket.connected) await this.leave(namespace);
  }

  ask(namespace: string, name: string, number: number): void {
    this.#socket(namespace).emit(name, number, () => this.log.push(`${namespace} ack ${number}`));
  }

  async answer(namespace: string, question: number): Promise<void> {
    this.#questions.get(`${namespace} ${question}`)!(String(this.#index));
    await this.sync();
  }

  /** What was sent before, in both directions, has come when this resolves. */
  async sync(): Promise<void> {
    for (const socket of this.#sockets.values()) {
      if (!socket.connected) continue;
      let isThere = false;
      socket.emit("sync", () => (isThere = true));
      return inTime(() => isThere || !socket.connected);
    }
  }

  #socket(namespace: string): AnySocket {
    const known = this.#sockets.get(namespace);
    if (known !== undefined) return known;
    const socket = this.#manager.socket(namespace);
    const note = (what: string): void => void this.log.push(`${namespace} ${what}`);
    socket.on("connect", () => note("connect"));
    socket.on("connect_error", () => note("refused"));
    socket.on("disconnect", (reason) => {
      if (reason === "io server disconnect") note("disconnect");
      else if (reason !== "io client disconnect") note(String(reason));
    });
    socket.onAny((name, ...args) => {
      if (name === "ask") this.#questions.set(`${namespace} ${String(args[0])}`, args.pop() as Listener);
      note([name, ...args].join(" "));
    });
    this.#sockets.set(namespace, socket);
    return socket;
  }
}

/** A server on a port of its own, with clients of several kinds. */
export async function realRoomWorld(t: TestContext, kinds: readonly ClientKind[]): Promise<RoomWorld> {
  const http = createServer();
  const { io, url } = await startServer(t, {}, { http });
  // What clients keep open for another request would hold the server up.
  undoAfter(t, () => http.closeAllConnections());
  const parent = io.of(DYNAMIC_PATTERN);
  const neverLater = (): never => {
    throw new Error("Nobody decides later here.");
  };
  for (const target of [...FIXED_NAMESPACES.map((name) => io.of(name)), parent]) {
    serveRooms(target, neverLater, failOnPurpose);
  }
  const clients = kinds.map(([kind, ...transports], index) => {
    const options = { autoConnect: false, reconnection: false, transports };
    const manager = kind === "ours" ? new Manager(url, options) : new StockManager(url, options);
    const client = new RealRoomClient(index, io, manager as unknown as AnyManager);
    undoAfter(t, () => client.drop());
    return client;
  });
  return {
    clients,
    parent,
    namespace: (name) => io.of(name),
    controls: undefined,
    settle: async (lineCounts) => {
      for (const [index, client] of clients.entries()) {
        await inTime(() => client.log.length >= lineCounts[index]!);
        await client.sync();
      }
    },
  };
}

function inTime(isSo: () => boolean): Promise<void> {
  const lateMs = performance.now() + PATIENCE_MS;
  return until(() => isSo() || performance.now() > lateMs);
}
