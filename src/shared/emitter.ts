import type { EventListener, EventMap, EventNames } from "./events.ts";

/** A listener as it is stored: what it takes is checked by the typed methods that add it. */
export type AnyListener = (...args: unknown[]) => unknown;

interface Registration {
  readonly name: string;
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
  /**
   * All of them, in order. The list is replaced, never changed, so that listeners may be added and removed while it is walked. One
   * list is smaller than a map of lists, and for the few events that an object has, faster.
   */
  #registrations: readonly Registration[] = NONE;

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
    this.#remove(
      this.#registrations.findLastIndex((entry) => entry.name === name && entry.listener === listener),
    );
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
    this.#registrations =
      name === undefined ? NONE : this.#registrations.filter((entry) => entry.name !== name);
    return this;
  }

  /** The listeners of a name, in the order in which they are called. */
  listeners<Name extends EventNames<Events>>(name: Name): EventListener<Events, Name>[] {
    return this.#registrations
      .filter((entry) => entry.name === name)
      .map((entry) => entry.listener as EventListener<Events, Name>);
  }

  /** How many listeners a name has. */
  listenerCount(name: EventNames<Events>): number {
    let count = 0;
    for (const entry of this.#registrations) if (entry.name === name) count += 1;
    return count;
  }

  /** The names that have listeners. */
  eventNames(): EventNames<Events>[] {
    return [...new Set(this.#registrations.map((entry) => entry.name as EventNames<Events>))];
  }

  /**
   * Calls the listeners of a name in order. What one throws, or rejects with, goes to {@link listenerFailed}:
   * the next one is still called. Returns whether there was any.
   */
  protected dispatch(name: string, args: readonly unknown[]): boolean {
    let wasHeard = false;
    for (const entry of this.#registrations) {
      if (entry.name !== name || (entry.once && !this.#spend(entry))) continue;
      wasHeard = true;
      const { listener } = entry;
      try {
        const result = listener(...args);
        if (result !== undefined) this.#watch(result, name);
      } catch (error) {
        this.listenerFailed(error, name);
      }
    }
    return wasHeard;
  }

  /** The same for two arguments, without an array for them: for events that come by the million. */
  protected dispatchTwo(name: string, first: unknown, second: unknown): boolean {
    let wasHeard = false;
    for (const entry of this.#registrations) {
      if (entry.name !== name || (entry.once && !this.#spend(entry))) continue;
      wasHeard = true;
      const { listener } = entry;
      try {
        const result = listener(first, second);
        if (result !== undefined) this.#watch(result, name);
      } catch (error) {
        this.listenerFailed(error, name);
      }
    }
    return wasHeard;
  }

  /** Reports what a listener threw or rejected with. Must not throw. */
  protected abstract listenerFailed(error: unknown, name: string): void;

  #watch(result: unknown, name: string): void {
    if (isThenable(result)) result.then(undefined, (error: unknown) => this.listenerFailed(error, name));
  }

  /** Removes a registration that is for one call only; false if that call has been made. */
  #spend(entry: Registration): boolean {
    if (entry.spent) return false;
    entry.spent = true;
    this.#remove(this.#registrations.indexOf(entry));
    return true;
  }

  #add(name: string, listener: AnyListener, once: boolean, first: boolean): this {
    if (typeof listener !== "function") {
      throw new TypeError(
        `The listener for "${name}" must be a function, not ${listener === null ? "null" : typeof listener}.`,
      );
    }
    const entry: Registration = { name, listener, once, spent: false };
    // Unlike a list with a spread in it, one that is concatenated has no room left over.
    this.#registrations = first ? [entry].concat(this.#registrations) : this.#registrations.concat(entry);
    return this;
  }

  #remove(index: number): void {
    if (index >= 0) this.#registrations = this.#registrations.toSpliced(index, 1);
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === "function";
}
