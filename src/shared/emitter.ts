import { BasicEmitter, isList, type Registration } from "./basic-emitter.ts";
import type { EventMap } from "./events.ts";

export type { AnyListener } from "./basic-emitter.ts";

/** An emitter for events that come by the million. */
export abstract class Emitter<Events extends EventMap> extends BasicEmitter<Events> {
  /** As {@link dispatch}, for two arguments, without an array for them. */
  protected dispatchTwo(name: string, first: unknown, second: unknown): boolean {
    const all = this.registrations;
    if (!isList(all)) return this.#callTwo(all, name, first, second);
    let wasHeard = false;
    for (const entry of all) if (this.#callTwo(entry, name, first, second)) wasHeard = true;
    return wasHeard;
  }

  #callTwo(entry: Registration, name: string, first: unknown, second: unknown): boolean {
    if (!this.isDue(entry, name)) return false;
    const { listener } = entry;
    try {
      const result = listener(first, second);
      if (result !== undefined) this.watch(result, name);
    } catch (error) {
      this.listenerFailed(error, name);
    }
    return true;
  }
}
