import type { Clock, Timer } from "../shared/clock.ts";

/** A namespace that was made for clients, as far as it matters here. */
export interface EmptyNamespace {
  readonly isEmpty: boolean;
  /** Has it looked at again: see {@link EmptyNamespaces.add}. */
  tellIfEmpty(): void;
}

interface Kept {
  readonly timer: Timer;
  readonly forget: () => void;
}

/** Namespaces that all have left, but to which somebody may still come back: with one timer each. */
export class EmptyNamespaces {
  readonly #clock: Clock;
  /** The one that was left first comes first. */
  readonly #kept = new Map<EmptyNamespace, Kept>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A namespace is empty: `forget` is called if nobody can come back any more; else it will be looked at again when the time is over. */
  add(namespace: EmptyNamespace, vacantForMs: number, forget: () => void): void {
    this.#remove(namespace);
    if (vacantForMs <= 0) {
      forget();
      return;
    }
    const timer = this.#clock.setTimeout(() => {
      this.#kept.delete(namespace);
      namespace.tellIfEmpty();
    }, vacantForMs);
    this.#kept.set(namespace, { timer, forget });
  }

  /** Others need the place: forgets the one that has been empty for longest. Returns whether there was one. */
  forgetOldest(): boolean {
    for (const [namespace, { forget }] of this.#kept) {
      this.#remove(namespace);
      // Somebody may have come since.
      if (!namespace.isEmpty) continue;
      forget();
      return true;
    }
    return false;
  }

  close(): void {
    for (const { timer } of this.#kept.values()) timer.cancel();
    this.#kept.clear();
  }

  #remove(namespace: EmptyNamespace): void {
    this.#kept.get(namespace)?.timer.cancel();
    this.#kept.delete(namespace);
  }
}
