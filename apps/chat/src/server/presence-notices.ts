import { PRESENCE_INTERVAL_MS } from "./limits.ts";
import type { Room } from "./room.ts";

/** Gathers changes of who is where, so that a hundred people who come back at once are one notice, not a hundred. */
export class PresenceNotices {
  readonly #tell: (changed: ReadonlySet<Room>) => void;
  #changed = new Set<Room>();
  #timer: NodeJS.Timeout | undefined;

  constructor(tell: (changed: ReadonlySet<Room>) => void) {
    this.#tell = tell;
  }

  /** Notes that the people of a room, or their names, are no longer the same. */
  note(room: Room): void {
    this.#changed.add(room);
    this.#timer ??= setTimeout(() => this.#flush(), PRESENCE_INTERVAL_MS).unref();
  }

  /** Forgets what has not been told yet. */
  destroy(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#changed.clear();
  }

  #flush(): void {
    this.#timer = undefined;
    const changed = this.#changed;
    this.#changed = new Set();
    this.#tell(changed);
  }
}
