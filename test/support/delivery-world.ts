import { PacketError } from "../../src/packets/index.ts";
import { Deadlines } from "../../src/shared/deadlines.ts";
import type { DefaultEvents } from "../../src/shared/events.ts";
import type { NoEvents } from "../../src/sockets/broadcast-events.ts";
import { type DeliveryOptions, deliverySettings } from "../../src/sockets/delivery/options.ts";
import { DEFAULT_LIMITS, type Limits } from "../../src/sockets/limits.ts";
import { LocalAdapter } from "../../src/sockets/local-adapter.ts";
import type { Log, LogFactory } from "../../src/sockets/log.ts";
import { Multiplexer, type MultiplexerOptions } from "../../src/sockets/multiplexer.ts";
import type { Socket } from "../../src/sockets/socket.ts";
import type { Namespace } from "../../src/sockets/namespace.ts";
import { type HandlerOptions, turnRules, turnSettings } from "../../src/sockets/turns/options.ts";
import { Namespaces } from "../../src/sockets/namespaces.ts";
import { memoryLog } from "../../src/log/memory-log.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { AsyncLog } from "./async-log.ts";
import { END, PING, WireSession } from "./wire-session.ts";
import { SeededRandom } from "../../src/testing/seeded-random.ts";

const NO_TURNS = {
  maxWaitingEvents: undefined,
  maxWaitingEventBytes: undefined,
  handlerTimeout: undefined,
};

export interface DeliveryWorldOptions extends DeliveryOptions {
  /** Whether Socket.IO's clients are told of offsets in their own way. */
  readonly stock?: boolean;
  readonly limits?: Partial<Limits>;
  /** Whether there is a log. Default true. */
  readonly hasLog?: boolean;
  /** There if the events of a socket are handled in order. */
  readonly turns?: HandlerOptions;
}

/** Namespaces with delivery, without engine and network; time stands still. */
export class DeliveryWorld {
  readonly clock = new FakeClock();
  readonly failures: unknown[] = [];
  readonly namespaces: Namespaces<DefaultEvents, DefaultEvents, NoEvents, Record<string, unknown>>;
  /** The logs that were made, by namespace: the newest. */
  readonly logs = new Map<string, Log>();
  readonly #multiplexing: MultiplexerOptions;

  constructor(
    { stock = false, limits = {}, hasLog = true, turns, ...options }: DeliveryWorldOptions = {},
    seed = 1,
  ) {
    const settings = deliverySettings(options, memoryLog);
    const random = new SeededRandom(seed);
    const order = turns && turnSettings({ ...NO_TURNS, ...turns, handlers: "in-order" });
    const log: LogFactory = (name, host) => {
      // Time in the log is the clock's: it stands still, too.
      const made = settings.log(name, { ...host, wallTimeMs: () => this.clock.now() });
      this.logs.set(name, made);
      return made;
    };
    this.namespaces = new Namespaces({
      adapter: () => new LocalAdapter(),
      delivery: hasLog ? { ...settings, log } : undefined,
      random,
      clock: this.clock,
      ...{ ...DEFAULT_LIMITS, ...limits },
      cleanupEmptyChildNamespaces: true,
      onHandlerError: (error) => void this.failures.push(error),
      onMainEvent: () => {},
      onNamespace: () => {},
    });
    this.namespaces.of("/");
    this.#multiplexing = {
      deadlines: new Deadlines(this.clock, 2 ** 31 - 1),
      clock: this.clock,
      limits: DEFAULT_LIMITS,
      isStockRecovery: stock,
      turns: order && turnRules(order, this.clock),
      findNamespace: this.namespaces.find.bind(this.namespaces),
      onListenerError: (error) => void this.failures.push(error),
    };
  }

  get main(): Namespace<DefaultEvents, DefaultEvents, NoEvents, Record<string, unknown>> {
    return this.namespaces.of("/");
  }

  /** The log of the main namespace, if it is one that takes its time. */
  get asyncLog(): AsyncLog {
    return this.logs.get("/") as AsyncLog;
  }

  /** A session with this query in its address. */
  open(query = "delivery=1"): WireClient {
    const session = new WireSession(query);
    // It is told everything by the session.
    void new Multiplexer(session, this.#multiplexing);
    return new WireClient(session);
  }

  /** Commits and answers all there is, and what comes of it. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 8; turn += 1) await Promise.resolve();
    for (const log of this.logs.values()) {
      if (!(log instanceof AsyncLog)) continue;
      while (!log.isQuiet) {
        log.commit();
        log.answer();
        for (let turn = 0; turn < 8; turn += 1) await Promise.resolve();
      }
    }
  }
}

/** A client that does nothing by itself but answer pings. */
export class WireClient {
  readonly session: WireSession;
  /** Sent while the server read nothing. */
  readonly #unread: string[] = [];

  constructor(session: WireSession) {
    this.session = session;
    session.onResume = () => {
      while (!session.isPaused && this.#unread.length > 0) this.send(this.#unread.shift()!);
    };
  }

  /** How many packets the server has not read. */
  get unread(): number {
    return this.#unread.length;
  }

  /** Sends a packet; what breaks the rules ends the session, as in the engine. */
  send(packet: string): void {
    if (!this.session.isOpen) return;
    if (this.session.isPaused) {
      this.#unread.push(packet);
      return;
    }
    try {
      this.session.handler!.receiveText(packet);
    } catch (error) {
      if (!(error instanceof PacketError)) throw error;
      this.session.close("parse error");
    }
  }

  /** All that has come since the last call: texts, "END" when the session is over. */
  take(): string[] {
    const taken: string[] = [];
    for (let next = this.session.take(); next !== undefined; next = this.session.take()) {
      if (next === PING) this.session.handler!.onPong?.();
      else if (next === END) taken.push("END");
      else taken.push(typeof next === "string" ? next : `bytes ${[...next].join()}`);
    }
    return taken;
  }

  /** What CONNECT's answer says, which must be all that has come. */
  answer(namespace = "/"): { sid: string; pid?: string; $seat?: WireSeat } {
    const taken = this.take();
    const prefix = namespace === "/" ? "0" : `0${namespace},`;
    if (taken.length !== 1 || !taken[0]!.startsWith(`${prefix}{`))
      throw new Error(`Not an answer: ${taken.join(" ")}`);
    return JSON.parse(taken[0]!.slice(prefix.length)) as { sid: string; $seat?: WireSeat };
  }

  /** The connection is lost, and the server knows. */
  drop(): void {
    this.session.close("transport close");
  }

  ping(): void {
    this.session.ping();
  }
}

export interface WireSeat {
  readonly key: string;
  readonly epoch: string;
  readonly offset: number;
  readonly sequence?: number;
  readonly window?: number;
  readonly recovered?: boolean;
}

/** A log that commits at once, and one that takes its time. */
export const LOGS: Readonly<Record<string, () => LogFactory>> = {
  "a log in memory": () => memoryLog(),
  "a log that takes its time": () => (_name, host) => new AsyncLog(host),
};

/** A client that is in a namespace. */
export interface Joined {
  readonly client: WireClient;
  readonly sid: string;
  readonly seat: WireSeat;
  readonly socket: Socket;
}

/** The socket of an id, in the main namespace. */
export function socketOf(world: DeliveryWorld, sid: string): Socket {
  return world.main.sockets.get(sid) as unknown as Socket;
}

/** Joins; with a query that does not ask for delivery there is no seat. */
export async function join(
  world: DeliveryWorld,
  { namespace = "/", query }: { readonly namespace?: string; readonly query?: string } = {},
): Promise<Joined> {
  const client = world.open(query);
  client.send(namespace === "/" ? "0" : `0${namespace},`);
  await world.settle();
  const { sid, $seat } = client.answer(namespace);
  return { client, sid, seat: $seat!, socket: socketOf(world, sid) };
}

/** Comes back, having seen everything up to `offset`: what CONNECT's answer says, and what comes then. */
export async function comeBack(
  world: DeliveryWorld,
  { key, epoch }: Pick<WireSeat, "key" | "epoch">,
  offset: number,
): Promise<Joined & { readonly missed: string[] }> {
  const client = world.open();
  client.send(`0${JSON.stringify({ $seat: { key, epoch, offset } })}`);
  await world.settle();
  const [answer, ...missed] = client.take();
  const { sid, $seat } = JSON.parse(answer!.slice(1)) as { sid: string; $seat: WireSeat };
  return { client, sid, seat: $seat, missed, socket: socketOf(world, sid) };
}
