import type { EventListener, EventMap, EventNames } from "./events.ts";

/** A listener as it is stored: what it takes is checked by the typed methods that add it. */
export type AnyListener = (...args: unknown[]) => unknown;

interface Registration {
  readonly listener: AnyListener;
  readonly once: boolean;
  /** Whether a `once` has been called: a dispatch that began before must not call it again. */
  spent: boolean;
}

const NONE: readonly Registration[] = [];

/**
 * A typed event source with the subscription half of Node's `EventEmitter` (`on`, `once`, `off` …).
 *
 * It has no public `emit`: in this house `emit` is what users call to send to the other side, so each
 * class decides what its own `emit` means and calls listeners with `dispatch`.
 * Differs from Node's in one way: an `error` event nobody listens to does not throw.
 */
export abstract class Emitter<Events extends EventMap> {
  /** Lists are replaced, never changed, so a listener may be added or removed while they are walked. */
  #registrations: Map<string, readonly Registration[]> | undefined;

  /** Adds a listener; the same function may be added twice and is then called twice. */
  on<Name extends EventNames<Events>>(name: Name, listener: EventListener<Events, Name>): this {
    return this.#add(name, listener, false, false);
  }

  /** Adds a listener that is removed before its first call. */
  once<Name extends EventNames<Events>>(name: Name, listener: EventListener<Events, Name>): this {
    return this.#add(name, listener, true, false);
  }

  /** Removes the most recently added registration of a listener; without one, all of that name. */
  off<Name extends EventNames<Events>>(name: Name, listener?: EventListener<Events, Name>): this {
    if (listener === undefined) return this.removeAllListeners(name);
    const list = this.#registrations?.get(name);
    if (list === undefined) return this;
    const index = list.findLastIndex((entry) => entry.listener === listener);
    if (index >= 0) this.#replace(name, list.toSpliced(index, 1));
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
    return this.#add(name, listener, false, true);
  }

  /** Removes every listener of a name, or of all names. */
  removeAllListeners(name?: EventNames<Events>): this {
    if (name === undefined) this.#registrations = undefined;
    else this.#registrations?.delete(name);
    return this;
  }

  /** The listeners of a name, in the order in which they are called. */
  listeners<Name extends EventNames<Events>>(name: Name): EventListener<Events, Name>[] {
    return this.#list(name).map((entry) => entry.listener as EventListener<Events, Name>);
  }

  /** How many listeners a name has. */
  listenerCount(name: EventNames<Events>): number {
    return this.#list(name).length;
  }

  /**
   * Calls the listeners of a name in order. What one throws, or rejects with, goes to {@link listenerFailed}:
   * the next one is still called. Returns whether there was any.
   */
  protected dispatch(name: string, args: readonly unknown[]): boolean {
    const list = this.#list(name);
    for (const entry of list) {
      if (entry.once && !this.#spend(name, entry)) continue;
      const { listener } = entry;
      try {
        const result = listener(...args);
        if (isThenable(result)) result.then(undefined, (error: unknown) => this.listenerFailed(error, name));
      } catch (error) {
        this.listenerFailed(error, name);
      }
    }
    return list.length > 0;
  }

  /** Reports what a listener threw or rejected with. Must not throw. */
  protected abstract listenerFailed(error: unknown, name: string): void;

  #list(name: string): readonly Registration[] {
    return this.#registrations?.get(name) ?? NONE;
  }

  /** Removes a registration that is for one call only; false if that call has been made. */
  #spend(name: string, entry: Registration): boolean {
    if (entry.spent) return false;
    entry.spent = true;
    const list = this.#list(name);
    const index = list.indexOf(entry);
    if (index >= 0) this.#replace(name, list.toSpliced(index, 1));
    return true;
  }

  #add(name: string, listener: AnyListener, once: boolean, first: boolean): this {
    if (typeof listener !== "function") {
      throw new TypeError(
        `The listener for "${name}" must be a function, not ${listener === null ? "null" : typeof listener}.`,
      );
    }
    const list = this.#list(name);
    const entry: Registration = { listener, once, spent: false };
    this.#replace(name, first ? [entry, ...list] : [...list, entry]);
    return this;
  }

  #replace(name: string, list: readonly Registration[]): void {
    this.#registrations ??= new Map();
    if (list.length === 0) this.#registrations.delete(name);
    else this.#registrations.set(name, list);
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === "function";
}
