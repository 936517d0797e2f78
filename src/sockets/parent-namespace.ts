import type { EventMap } from "../shared/events.ts";
import type { BroadcastTarget, Room } from "./adapter.ts";
import { BroadcastAckError } from "./broadcast-acks.ts";
import { type BroadcastChannel, type BroadcastEnd, EVERYONE, type FoundMember } from "./broadcast-channel.ts";
import { BroadcastOperator } from "./broadcast-operator.ts";
import type { Namespace, NamespaceEvents } from "./namespace.ts";
import { NamespaceRules } from "./namespace-rules.ts";
import { RuledBroadcasting } from "./ruled-broadcasting.ts";
import type { Socket } from "./socket.ts";

/** Says by `next(null, true)` whether there is a namespace of this name for a client that gives this `auth`; may do so later. */
export type NamespaceMatcher = (
  name: string,
  auth: Readonly<Record<string, unknown>>,
  next: (error: Error | null, isThere: boolean) => void,
) => unknown;

/**
 * What all namespaces that match a pattern, or that a function lets be, begin with: `io.of(/^\/room-\d+$/)`. Each gets the middleware, the schemas and the
 * listeners that are here when it is made; what is sent here reaches all that there are.
 *
 * @example
 * io.of(/^\/room-\d+$/).on("connection", (socket) => socket.nsp.emit("joined", socket.id));
 */
export class ParentNamespace<
  ListenEvents extends EventMap,
  EmitEvents extends EventMap,
  ServerSideEvents extends EventMap,
  SocketData,
> extends RuledBroadcasting<
  NamespaceEvents<ListenEvents, EmitEvents, ServerSideEvents, SocketData>,
  ListenEvents,
  EmitEvents,
  Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>,
  SocketData
> {
  /** The namespaces that there are. */
  readonly children: Set<Namespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData>> = new Set();
  /** @internal */
  readonly matches: NamespaceMatcher;
  /** @internal The pattern, if it is one: then it also says whether a namespace that the application makes is one of these. */
  readonly pattern: RegExp | undefined;
  protected readonly everyone: BroadcastOperator<EmitEvents, SocketData>;
  readonly #onListenerError: (error: unknown, event: string) => void;

  /** @internal Made by a server. */
  constructor(pattern: RegExp | NamespaceMatcher, onListenerError: (error: unknown, event: string) => void) {
    super(new NamespaceRules());
    if (typeof pattern === "function") this.matches = pattern;
    else {
      // With these flags, a pattern would go on where its last match ended.
      const whole = new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, ""));
      this.pattern = whole;
      this.matches = (name, _auth, next) => next(null, whole.test(name));
    }
    this.#onListenerError = onListenerError;
    this.everyone = new BroadcastOperator(new ManyChannels(this.children), EVERYONE);
  }

  /** @internal A namespace of this kind, made by `make` with the rules that are here now. */
  adopt(
    make: (
      rules: NamespaceRules<ListenEvents, Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>>,
    ) => Namespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData>,
  ): Namespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData> {
    const child = make(this.rules.copy());
    for (const name of this.eventNames()) {
      for (const listener of this.listeners(name)) child.on(name, listener);
    }
    this.children.add(child);
    return child;
  }

  protected override listenerFailed(error: unknown, name: string): void {
    this.#onListenerError(error, name);
  }
}

/** The channels of several namespaces as one. */
class ManyChannels implements BroadcastChannel {
  readonly #members: Iterable<{ readonly channel: BroadcastChannel }>;

  constructor(members: Iterable<{ readonly channel: BroadcastChannel }>) {
    this.#members = members;
  }

  broadcast(target: BroadcastTarget, name: string, args: readonly unknown[]): void {
    for (const { channel } of this.#members) channel.broadcast(target, name, args);
  }

  ask(
    target: BroadcastTarget,
    name: string,
    args: readonly unknown[],
    timeoutMs: number | undefined,
    end: BroadcastEnd,
  ): void {
    const channels = [...this.#members];
    const all: unknown[] = [];
    const errors: Error[] = [];
    let code: "timeout" | "disconnected" | undefined;
    let open = channels.length;
    const finish = (): unknown => {
      if (code === undefined) return end(null, all);
      const message = "Not all clients of all namespaces acknowledged.";
      return end(new BroadcastAckError(code, message, all, errors), all);
    };
    const endOne: BroadcastEnd = (error, responses) => {
      // Those of one namespace stay together.
      all.push(...responses);
      if (error !== null) {
        const isAckError = error instanceof BroadcastAckError;
        errors.push(...(isAckError ? error.errors : [error]));
        if (isAckError && error.code === "timeout") code = "timeout";
        else code ??= "disconnected";
      }
      open -= 1;
      return open === 0 ? finish() : undefined;
    };
    if (open === 0) queueMicrotask(finish);
    for (const { channel } of channels) channel.ask(target, name, args, timeoutMs, endOne);
  }

  async fetchMembers(target: BroadcastTarget): Promise<readonly FoundMember[]> {
    const found = await Promise.all([...this.#members].map(({ channel }) => channel.fetchMembers(target)));
    return found.flat();
  }

  joinMembers(target: BroadcastTarget, rooms: readonly Room[]): Promise<number> {
    return this.#sum((channel) => channel.joinMembers(target, rooms));
  }

  leaveMembers(target: BroadcastTarget, rooms: readonly Room[]): Promise<number> {
    return this.#sum((channel) => channel.leaveMembers(target, rooms));
  }

  disconnectMembers(target: BroadcastTarget, close: boolean): Promise<number> {
    return this.#sum((channel) => channel.disconnectMembers(target, close));
  }

  #sum(change: (channel: BroadcastChannel) => Promise<number>): Promise<number> {
    const counting = Promise.all([...this.#members].map(({ channel }) => change(channel)));
    const sum = counting.then((counts) => counts.reduce((total, count) => total + count, 0));
    // Each has reported its own failure.
    sum.catch(() => {});
    return sum;
  }
}
