import type { EventArguments, EventMap, EventNames } from "../shared/events.ts";
import type { BroadcastTarget, Room } from "./adapter.ts";

/** Sends an event to whom a target means. */
export type Broadcast = (target: BroadcastTarget, name: string, args: readonly unknown[]) => void;

const NO_ROOMS: ReadonlySet<Room> = new Set();

/** Everyone in the namespace. */
export const EVERYONE: BroadcastTarget = { rooms: NO_ROOMS, except: NO_ROOMS, volatile: false, local: false };

/**
 * Chooses who gets an event. Each step returns a new one, so that a choice may be kept and used again.
 *
 * @example
 * io.to("room").except(socket.id).emit("news", "hello");
 */
export class BroadcastOperator<Events extends EventMap> {
  readonly #broadcast: Broadcast;
  readonly #target: BroadcastTarget;

  constructor(broadcast: Broadcast, target: BroadcastTarget) {
    this.#broadcast = broadcast;
    this.#target = target;
  }

  /** Adds rooms: their members get the event, each once. A socket's id is a room of its own. */
  to(room: Room | readonly Room[]): BroadcastOperator<Events> {
    return this.#with({ rooms: union(this.#target.rooms, room) });
  }

  /** Same as {@link to}. */
  in(room: Room | readonly Room[]): BroadcastOperator<Events> {
    return this.to(room);
  }

  /** Leaves out the members of rooms. */
  except(room: Room | readonly Room[]): BroadcastOperator<Events> {
    return this.#with({ except: union(this.#target.except, room) });
  }

  /** Leaves out sockets that can't take the event right now. */
  get volatile(): BroadcastOperator<Events> {
    return this.#with({ volatile: true });
  }

  /** Means only the sockets on this node. */
  get local(): BroadcastOperator<Events> {
    return this.#with({ local: true });
  }

  /**
   * Sends an event to all that were chosen; always true, as in Socket.IO.
   * Throws a `TypeError` if the last argument is a function: a broadcast asks for no acknowledgement.
   */
  emit<Name extends EventNames<Events>>(name: Name, ...args: EventArguments<Events, Name>): boolean {
    this.#broadcast(this.#target, name, args);
    return true;
  }

  #with(change: Partial<BroadcastTarget>): BroadcastOperator<Events> {
    return new BroadcastOperator(this.#broadcast, { ...this.#target, ...change });
  }
}

function union(rooms: ReadonlySet<Room>, more: Room | readonly Room[]): ReadonlySet<Room> {
  return new Set([...rooms, ...(typeof more === "string" ? [more] : more)]);
}
