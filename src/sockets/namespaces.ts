import type { EventMap } from "../shared/events.ts";
import { EmptyNamespaces } from "./empty-namespaces.ts";
import { Namespace, type NamespaceContext } from "./namespace.ts";
import type { NamespaceRules } from "./namespace-rules.ts";
import { type NamespaceMatcher, ParentNamespace } from "./parent-namespace.ts";
import type { Refusal } from "./refusal.ts";
import type { Socket } from "./socket.ts";

/** What namespaces need of their server. */
export interface NamespacesOwner<Member> extends Omit<NamespaceContext, "onEvent" | "onEmpty"> {
  readonly maxDynamicNamespaces: number;
  /** Whether namespaces that a pattern has made for a client are forgotten when the last one has left. */
  readonly cleanupEmptyChildNamespaces: boolean;
  /** Something happened in the main namespace. */
  onMainEvent(name: string, args: readonly unknown[]): void;
  /** A namespace was made; the main one is not told of. */
  onNamespace(namespace: Member): void;
}

/** The namespaces of a server: those that the application has made, and those that are made for clients as a pattern or function allows. */
export class Namespaces<
  ListenEvents extends EventMap,
  EmitEvents extends EventMap,
  ServerSideEvents extends EventMap,
  SocketData,
> {
  readonly #owner: NamespacesOwner<Namespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData>>;
  readonly #byName = new Map<string, Namespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData>>();
  readonly #parents: ParentNamespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData>[] = [];
  /** How many of them have been made for clients. */
  #dynamicCount = 0;
  readonly #empty: EmptyNamespaces;

  constructor(owner: NamespacesOwner<Namespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData>>) {
    this.#owner = owner;
    this.#empty = new EmptyNamespaces(owner.clock);
  }

  /** Lets go of all adapters. */
  async close(): Promise<void> {
    this.#empty.close();
    await Promise.all([...this.#byName.values()].map((namespace) => this.#close(namespace)));
  }

  /** The one of this name, made if it is not there. */
  of(name: string): Namespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData> {
    const path = name.startsWith("/") ? name : `/${name}`;
    const known = this.#byName.get(path);
    if (known !== undefined) return known;
    if (path.includes(",")) throw new TypeError(`The namespace "${path}" must not contain a comma.`);
    const parent = this.#parents.find(({ pattern }) => pattern?.test(path));
    return this.#make(path, parent, () => {});
  }

  /** A parent for all whose names match. */
  parent(
    pattern: RegExp | NamespaceMatcher,
  ): ParentNamespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData> {
    const parent = new ParentNamespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData>(
      pattern,
      (error, event) => this.#report(error, event, ""),
    );
    this.#parents.push(parent);
    return parent;
  }

  /** Finds the one that a client asks for, or makes it if a parent allows: calls back once, at once or later. */
  find(
    name: string,
    auth: Record<string, unknown> | undefined,
    found: (host: Namespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData> | Refusal) => void,
  ): void {
    const known = this.#byName.get(name);
    if (known !== undefined) found(known);
    else this.#ask(0, name, auth ?? {}, found);
  }

  /** Asks the parents one after the other. */
  #ask(
    index: number,
    name: string,
    auth: Record<string, unknown>,
    found: (host: Namespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData> | Refusal) => void,
  ): void {
    const parent = this.#parents[index];
    if (parent === undefined) {
      found({ message: "Invalid namespace" });
      return;
    }
    let isOver = false;
    const decide = (isThere: boolean): void => {
      if (isOver) return;
      isOver = true;
      if (isThere) {
        const host = this.#byName.get(name) ?? this.#makeDynamic(name, parent);
        found(host);
        // The client may have left meanwhile.
        if (host instanceof Namespace) host.tellIfEmpty();
      } else this.#ask(index + 1, name, auth, found);
    };
    const fail = (error: unknown): void => {
      this.#report(error, "namespace", name);
      decide(false);
    };
    try {
      const result = parent.matches(name, auth, (error, isThere) => decide(error === null && isThere));
      if (result instanceof Promise) result.catch(fail);
    } catch (error) {
      fail(error);
    }
  }

  #makeDynamic(
    name: string,
    parent: ParentNamespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData>,
  ): Namespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData> | Refusal {
    if (this.#dynamicCount >= this.#owner.maxDynamicNamespaces && !this.#empty.forgetOldest()) {
      return { message: "Too many namespaces" };
    }
    const onEmpty = (): void => {
      if (!this.#owner.cleanupEmptyChildNamespaces || this.#byName.get(name) !== namespace) return;
      this.#empty.add(namespace, namespace.delivery?.vacantForMs ?? 0, forget);
    };
    const forget = (): void => {
      this.#byName.delete(name);
      this.#dynamicCount -= 1;
      parent.children.delete(namespace);
      void this.#close(namespace);
    };
    let namespace: Namespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData>;
    try {
      namespace = this.#make(name, parent, onEmpty);
    } catch (error) {
      this.#report(error, "adapter", name);
      return { message: "The server could not make this namespace." };
    }
    this.#dynamicCount += 1;
    return namespace;
  }

  async #close(namespace: Namespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData>): Promise<void> {
    try {
      await namespace.close();
    } catch (error) {
      this.#report(error, "adapter", namespace.name);
    }
  }

  #make(
    name: string,
    parent: ParentNamespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData> | undefined,
    onEmpty: () => void,
  ): Namespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData> {
    const { adapter, delivery, clock, random, maxRoomsPerSocket, onHandlerError, onMainEvent } = this.#owner;
    const context: NamespaceContext = {
      adapter,
      delivery,
      clock,
      random,
      maxRoomsPerSocket,
      onHandlerError,
      onEvent: name === "/" ? onMainEvent : () => {},
      onEmpty,
    };
    const make = (
      rules?: NamespaceRules<ListenEvents, Socket<ListenEvents, EmitEvents, ServerSideEvents, SocketData>>,
    ): Namespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData> =>
      new Namespace<ListenEvents, EmitEvents, ServerSideEvents, SocketData>(name, context, rules);
    const namespace = parent === undefined ? make() : parent.adopt(make);
    this.#byName.set(name, namespace);
    if (name !== "/") this.#owner.onNamespace(namespace);
    return namespace;
  }

  #report(error: unknown, event: string, namespace: string): void {
    this.#owner.onHandlerError(error, { event, namespace, socketId: undefined });
  }
}
