import type { EventListener, EventMap, EventNames } from "./events.ts";

/** A listener as it is stored: what it takes is checked by the typed methods that add it. */
export type AnyListener = (...args: unknown[]) => unknown;

/** A listener of a name. */
export interface Registration {
  readonly name: string;
  readonly listener: AnyListener;
  /** A `once` that has been called is `spent`: a dispatch that began before must not call it again. */
  calls: "each" | "once" | "spent";
}

/** The list is replaced, never changed, so that listeners may be added and removed while it is walked. */
export type Registrations = readonly Registration[] | Registration;

const NONE: readonly Registration[] = [];

/**
 * A typed event source with the subscription half of Node's `EventEmitter` (`on`, `once`, `off` …).
 *
 * It has no public `emit`: in this house `emit` is what users call to send to the other side, so each
 * class decides what its own `emit` means and calls listeners with `dispatch`.
 * Differs from Node's in one way: an `error` event nobody listens to does not throw.
 */
export abstract class BasicEmitter<Events extends EventMap> {
  /**
   * All of them, in order. One list is smaller than a map of lists, and for the few events that an object has, faster. A single one,
   * which is all that most objects have, is kept without a list.
   */
  protected registrations: Registrations = NONE;

  /** Adds a listener; the same function may be added twice and is then called twice. */
  on<Name extends EventNames<Events>>(name: Name, listener: EventListener<Events, Name>): this {
    return this.#add(name, listener, "each");
  }

  /** Adds a listener that is removed before its first call. */
  once<Name extends EventNames<Events>>(name: Name, listener: EventListener<Events, Name>): this {
    return this.#add(name, listener, "once");
  }

  /** Removes the most recently added registration of a listener; without one, all of that name. */
  off<Name extends EventNames<Events>>(name: Name, listener?: EventListener<Events, Name>): this {
    if (listener === undefined) return this.removeAllListeners(name);
    this.#remove(this.#list.findLastIndex((entry) => entry.name === name && entry.listener === listener));
    return this;
  }

  /** Same as {@link on}: the name that Node's `EventEmitter` also has. */
  addListener<Name extends EventNames<Events>>(name: Name, listener: EventListener<Events, Name>): this {
    return this.on(name, listener);
  }

  /** Same as {@link off}: the name that Node's `EventEmitter` also has. */
  removeListener<Name extends EventNames<Events>>(name: Name, listener: EventListener<Events, Name>): this {
    return this.off(name, listener);
  }

  /** Adds a listener in front of the others. */
  prependListener<Name extends EventNames<Events>>(name: Name, listener: EventListener<Events, Name>): this {
    return this.#add(name, listener, "each", true);
  }

  /** Removes every listener of a name, or of all names. */
  removeAllListeners(name?: EventNames<Events>): this {
    this.#keep(name === undefined ? NONE : this.#list.filter((entry) => entry.name !== name));
    return this;
  }

  /** The listeners of a name, in the order in which they are called. */
  listeners<Name extends EventNames<Events>>(name: Name): EventListener<Events, Name>[] {
    return this.#list
      .filter((entry) => entry.name === name)
      .map((entry) => entry.listener as EventListener<Events, Name>);
  }

  /** How many listeners a name has. */
  listenerCount(name: EventNames<Events>): number {
    return this.listeners(name).length;
  }

  /** Whether a name has listeners: the name that socket.io-client also has. */
  hasListeners(name: EventNames<Events>): boolean {
    return this.listenerCount(name) > 0;
  }

  /** The names that have listeners. */
  eventNames(): EventNames<Events>[] {
    return [...new Set(this.#list.map((entry) => entry.name as EventNames<Events>))];
  }

  /**
   * Calls the listeners of a name in order. What one throws, or rejects with, goes to {@link listenerFailed}:
   * the next one is still called. Returns whether there was any. `context` is for {@link listenerFailed}.
   */
  protected dispatch(name: string, args: readonly unknown[], context?: unknown): boolean {
    const all = this.registrations;
    if (!isList(all)) return this.#call(all, name, args, context);
    let wasHeard = false;
    for (const entry of all) if (this.#call(entry, name, args, context)) wasHeard = true;
    return wasHeard;
  }

  /** Reports what a listener threw or rejected with; `context` is what the dispatch was given. Must not throw. */
  protected abstract listenerFailed(error: unknown, name: string, context?: unknown): void;

  /** Whether this dispatch is to call a listener; one that is for one call only is removed. */
  protected isDue(entry: Registration, name: string): boolean {
    if (entry.name !== name || entry.calls === "spent") return false;
    if (entry.calls === "once") {
      entry.calls = "spent";
      this.#remove(this.#list.indexOf(entry));
    }
    return true;
  }

  /** What a listener has returned may be a promise that rejects; returned is that promise, with its failure reported. */
  protected watch(result: unknown, name: string, context?: unknown): PromiseLike<unknown> | undefined {
    return typeof (result as PromiseLike<unknown> | null)?.then === "function"
      ? (result as PromiseLike<unknown>).then(undefined, (error: unknown) =>
          this.listenerFailed(error, name, context),
        )
      : undefined;
  }

  #call(entry: Registration, name: string, args: readonly unknown[], context: unknown): boolean {
    if (!this.isDue(entry, name)) return false;
    const { listener } = entry;
    try {
      const result = listener(...args);
      if (result !== undefined) this.watch(result, name, context);
    } catch (error) {
      this.listenerFailed(error, name, context);
    }
    return true;
  }

  #add(name: string, listener: AnyListener, calls: "each" | "once", first = false): this {
    if (typeof listener !== "function") {
      throw new TypeError(`The listener for "${name}" must be a function, not ${String(listener)}.`);
    }
    const entry: Registration = { name, listener, calls };
    // Unlike a list with a spread in it, one that is concatenated has no room left over.
    this.#keep(first ? [entry].concat(this.#list) : this.#list.concat(entry));
    return this;
  }

  #remove(index: number): void {
    if (index >= 0) this.#keep(this.#list.toSpliced(index, 1));
  }

  get #list(): readonly Registration[] {
    return isList(this.registrations) ? this.registrations : [this.registrations];
  }

  #keep(list: readonly Registration[]): void {
    this.registrations = list.length === 1 ? list[0]! : list;
  }
}

/** Whether it is not a single one. */
export function isList(registrations: Registrations): registrations is readonly Registration[] {
  return Array.isArray(registrations);
}
