import type { Session, SessionCloseReason, SessionHandler, SessionRequest } from "../../src/engine/index.ts";
import type { PreparedMessage } from "../../src/engine/index.ts";
import { decodeSocketPacket, encodeSocketPacket, type SocketPacketType } from "../../src/packets/index.ts";
import { Deadlines } from "../../src/shared/deadlines.ts";
import { EventError } from "../../src/shared/event-error.ts";
import type { DefaultEvents } from "../../src/shared/events.ts";
import type { AdapterFactory } from "../../src/sockets/adapter.ts";
import type { NoEvents } from "../../src/sockets/broadcast-events.ts";
import { Multiplexer, type MultiplexerOptions } from "../../src/sockets/multiplexer.ts";
import { DEFAULT_LIMITS } from "../../src/sockets/limits.ts";
import { Namespaces } from "../../src/sockets/namespaces.ts";
import type { Socket } from "../../src/sockets/socket.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import {
  DYNAMIC_PATTERN,
  FIXED_NAMESPACES,
  type JoinWish,
  type RoomClient,
  type RoomWorld,
  serveRooms,
  type WorldControls,
} from "./room-world.ts";
import type { SeededRandom } from "../../src/testing/seeded-random.ts";

const FULL_BYTES = 1024 * 1024;
const NEVER_MS = 2 ** 31 - 1;

/** A session without a network: what is sent is there at once. */
class FakeSession implements Session {
  readonly id = "session";
  readonly transportName = "websocket";
  readonly request: SessionRequest;
  readonly #onText: (text: string) => void;
  handler: SessionHandler | undefined;
  isOpen = true;
  bufferedBytes = 0;

  constructor(url: string, onText: (text: string) => void) {
    this.request = { url, headers: {}, address: "", secure: false, issuedAtMs: 0 };
    this.#onText = onText;
  }

  handle(handler: SessionHandler): void {
    this.handler = handler;
  }

  send(text: string): void {
    if (this.isOpen) this.#onText(text);
  }

  sendBinary(): void {
    throw new Error("Schedules send no binary.");
  }

  sendPrepared({ text }: PreparedMessage): void {
    this.send(text);
  }

  pauseReading(): void {
    throw new Error("Schedules do not pause.");
  }

  resumeReading(): void {}

  close(reason: SessionCloseReason = "forced close"): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.handler?.onClose(reason, true, "");
  }
}

class FakeRoomClient implements RoomClient {
  readonly log: string[] = [];
  readonly knowsErrors: boolean;
  readonly #index: number;
  readonly #options: MultiplexerOptions;
  readonly #find: (namespace: string, id: string) => Socket | undefined;
  /** The ids of questions, by namespace and number. */
  readonly #questions = new Map<string, number>();
  #isWritable = true;
  #session: FakeSession | undefined;
  #joinedAs: string | undefined;

  constructor(
    index: number,
    options: MultiplexerOptions,
    find: (namespace: string, id: string) => Socket | undefined,
  ) {
    this.#index = index;
    this.knowsErrors = index % 2 === 0;
    this.#options = options;
    this.#find = find;
  }

  set isWritable(isWritable: boolean) {
    this.#isWritable = isWritable;
    if (this.#session !== undefined) this.#session.bufferedBytes = isWritable ? 0 : FULL_BYTES;
  }

  join(namespace: string, wish: JoinWish): Promise<Socket | undefined> {
    if (this.#session?.isOpen !== true) {
      this.#session = new FakeSession(this.knowsErrors ? "/?errors=1" : "/", (text) => this.#receive(text));
      this.isWritable = this.#isWritable;
      // It is told everything by the session.
      void new Multiplexer(this.#session, this.#options);
    }
    this.#joinedAs = undefined;
    this.#send("connect", namespace, { ...wish, client: this.#index });
    return Promise.resolve(this.joined(namespace));
  }

  /** The socket that has just joined. */
  joined(namespace: string): Socket | undefined {
    return this.#joinedAs === undefined ? undefined : this.#find(namespace, this.#joinedAs);
  }

  async leave(namespace: string): Promise<void> {
    this.#send("disconnect", namespace);
  }

  async drop(): Promise<void> {
    this.#session?.close("transport close");
  }

  ask(namespace: string, name: "echo" | "fail", number: number): void {
    this.#send("event", namespace, [name, number], number);
  }

  async answer(namespace: string, question: number, kind: "answer" | "error"): Promise<void> {
    const id = this.#questions.get(`${namespace} ${question}`);
    if (kind === "answer") this.#send("ack", namespace, [String(this.#index)], id);
    else this.#send("connect_error", namespace, { code: "no", message: "No." }, id);
  }

  #send(type: SocketPacketType, namespace: string, data?: unknown, id?: number): void {
    this.#session!.handler!.receiveText(encodeSocketPacket({ type, namespace, id, data }).text);
  }

  #receive(text: string): void {
    const { type, namespace, id, data } = decodeSocketPacket(text);
    this.log.push(`${namespace} ${this.#told(type, namespace, id, data)}`);
  }

  #told(type: SocketPacketType, namespace: string, id: number | undefined, data: unknown): string {
    if (type === "connect") this.#joinedAs = (data as { sid: string }).sid;
    if (type === "ack") return `ack ${id}`;
    if (type === "connect_error") return id === undefined ? "refused" : `failed ${id}`;
    if (type !== "event") return type;
    const [name, ...args] = data as [string, ...unknown[]];
    if (name === "ask") this.#questions.set(`${namespace} ${String(args[0])}`, id!);
    return [name, ...args].join(" ");
  }
}

/** The server's side of sockets without engine and network: all that is done has happened when the call returns, and time stands still. */
export class FakeRoomWorld implements RoomWorld {
  readonly clock = new FakeClock();
  readonly failures: unknown[] = [];
  readonly clients: readonly FakeRoomClient[];
  readonly parent: RoomWorld["parent"];
  readonly controls: WorldControls;
  readonly #namespaces: Namespaces<DefaultEvents, DefaultEvents, NoEvents, unknown>;
  /** Those who wait to be let in. */
  readonly #waiting = new Map<Socket, (error?: Error) => void>();

  constructor(clientCount: number, adapter: AdapterFactory, random: SeededRandom) {
    this.#namespaces = new Namespaces({
      adapter,
      delivery: undefined,
      random,
      clock: this.clock,
      maxRoomsPerSocket: DEFAULT_LIMITS.maxRoomsPerSocket,
      maxDynamicNamespaces: DEFAULT_LIMITS.maxDynamicNamespaces,
      cleanupEmptyChildNamespaces: true,
      onHandlerError: (error) => void this.failures.push(error),
      onMainEvent: () => {},
      onNamespace: () => {},
    });
    const options: MultiplexerOptions = {
      deadlines: new Deadlines(this.clock, NEVER_MS),
      clock: this.clock,
      limits: DEFAULT_LIMITS,
      isStockRecovery: false,
      findNamespace: this.#namespaces.find.bind(this.#namespaces),
      onListenerError: (error) => void this.failures.push(error),
    };
    this.clients = Array.from(
      { length: clientCount },
      (_, index) => new FakeRoomClient(index, options, (name, id) => this.namespace(name).sockets.get(id)),
    );
    this.parent = this.#namespaces.parent(DYNAMIC_PATTERN);
    const served = [...FIXED_NAMESPACES.map((name) => this.#namespaces.of(name)), this.parent];
    for (const target of served)
      serveRooms(target, (socket, next) => this.#waiting.set(socket, next), failOnPurpose);
    this.controls = {
      decide: (client, namespace, isLetIn) => this.#decide(client, namespace, isLetIn),
      setWritable: (client, isWritable) => {
        this.clients[client]!.isWritable = isWritable;
      },
      knowsErrors: (client) => this.clients[client]!.knowsErrors,
      passTime: (ms) => this.clock.advance(ms),
    };
  }

  namespace(name: string): ReturnType<RoomWorld["namespace"]> {
    return this.#namespaces.of(name);
  }

  /** Answers are counted some turns of promises later. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 4; turn += 1) await Promise.resolve();
  }

  #decide(client: number, namespace: string, isLetIn: boolean): Socket | undefined {
    for (const [socket, next] of this.#waiting) {
      const { auth } = socket.handshake;
      if (!socket.isThere) this.#waiting.delete(socket);
      else if (socket.nsp.name === namespace && auth.client === client) {
        this.#waiting.delete(socket);
        next(isLetIn ? undefined : new Error("no"));
        return isLetIn ? this.clients[client]!.joined(namespace) : undefined;
      }
    }
    throw new Error(`Nobody waits for ${namespace}.`);
  }
}

/** A handler that fails as applications want it. */
export function failOnPurpose(): never {
  throw new EventError("no", "No.");
}
