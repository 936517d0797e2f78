import type { BroadcastTarget, MemberDescription, Room } from "./adapter.ts";

/** Told once how a question to many ended: with an error, or null, and the answers that came, in the order in which they did. */
export type BroadcastEnd = (error: Error | null, responses: unknown[]) => unknown;

/** A socket of any node, and the way to it. */
export interface FoundMember {
  readonly description: MemberDescription;
  readonly channel: BroadcastChannel;
}

/** What can be done to many: that of a namespace, or of all namespaces that a parent has made. */
export interface BroadcastChannel {
  /** Sends an event. Throws for a reserved name, and for what can't be encoded. */
  broadcast(target: BroadcastTarget, name: string, args: readonly unknown[]): void;
  /** The same, asking for acknowledgements; without a limit it waits until all have answered or left. */
  ask(
    target: BroadcastTarget,
    name: string,
    args: readonly unknown[],
    timeoutMs: number | undefined,
    end: BroadcastEnd,
  ): void;
  fetchMembers(target: BroadcastTarget): Promise<readonly FoundMember[]>;
  joinMembers(target: BroadcastTarget, rooms: readonly Room[]): Promise<number>;
  leaveMembers(target: BroadcastTarget, rooms: readonly Room[]): Promise<number>;
  disconnectMembers(target: BroadcastTarget, close: boolean): Promise<number>;
}

const NO_ROOMS: ReadonlySet<Room> = new Set();

/** Everyone in the namespace. */
export const EVERYONE: BroadcastTarget = {
  rooms: NO_ROOMS,
  except: NO_ROOMS,
  volatile: false,
  compress: true,
  local: false,
  whenSlow: undefined,
};
