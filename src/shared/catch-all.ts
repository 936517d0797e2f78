import type { AnyListener } from "./basic-emitter.ts";
import { callSafely } from "./call-safely.ts";

/** Listeners for every event, whatever its name: they get the name, then the arguments. */
export class CatchAll {
  /** Replaced, never changed, so that it may be walked meanwhile. */
  #listeners: readonly AnyListener[] = [];

  get listeners(): AnyListener[] {
    return [...this.#listeners];
  }

  add(listener: AnyListener): void {
    this.#listeners = [...this.#listeners, listener];
  }

  prepend(listener: AnyListener): void {
    this.#listeners = [listener, ...this.#listeners];
  }

  /** Removes a listener, once; without one, all. */
  remove(listener: AnyListener | undefined): void {
    const index = listener === undefined ? -1 : this.#listeners.indexOf(listener);
    if (listener === undefined) this.#listeners = [];
    else if (index >= 0) this.#listeners = this.#listeners.toSpliced(index, 1);
  }

  /** Calls them in order; what one throws, or rejects with, goes to `onError`. */
  call(name: string, args: readonly unknown[], onError: (error: unknown) => void): void {
    for (const listener of this.#listeners) callSafely(listener, [name, ...args], onError);
  }
}
