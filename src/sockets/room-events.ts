import { Emitter } from "../shared/emitter.ts";

/** What an adapter tells of the rooms of its node, after it has happened. A socket's own room is one of them. */
export type RoomEvents = {
  /** A room has its first member; before `join-room`. */
  "create-room": (room: string) => void;
  /** A member has joined a room that it was not in. */
  "join-room": (room: string, id: string) => void;
  /** A member has left a room. */
  "leave-room": (room: string, id: string) => void;
  /** A room has no members any more; after `leave-room`. */
  "delete-room": (room: string) => void;
};

/** Keeps the listeners of an adapter; what they throw goes to `onError`. */
export class RoomEmitter extends Emitter<RoomEvents> {
  readonly #onError: (error: unknown) => void;

  constructor(onError: (error: unknown) => void) {
    super();
    this.#onError = onError;
  }

  tell(name: keyof RoomEvents, room: string, id?: string): void {
    this.dispatch(name, id === undefined ? [room] : [room, id]);
  }

  protected override listenerFailed(error: unknown): void {
    this.#onError(error);
  }
}
