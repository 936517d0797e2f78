import type { Namespace } from "../../src/sockets/namespace.ts";
import type { ParentNamespace } from "../../src/sockets/parent-namespace.ts";
import type { Socket } from "../../src/sockets/socket.ts";
import type { DefaultEvents } from "../../src/shared/events.ts";
import type { NoEvents } from "../../src/sockets/broadcast-events.ts";

/** Namespaces that are always there, and two that a pattern makes for clients. */
export const FIXED_NAMESPACES = ["/", "/hall"];
export const DYNAMIC_NAMESPACES = ["/dynamic-1", "/dynamic-2"];
export const DYNAMIC_PATTERN = /^\/dynamic-\d$/;

/** What a client says of itself when it joins: how it is to be decided about, and rooms that the middleware has it join. */
export interface JoinWish {
  readonly early: readonly string[];
  readonly decision: "yes" | "no" | "later";
}

/**
 * A client. Its log is what it is told, in order: `<namespace> <what>`, where that is `connect`, `refused`, `disconnect` (by the server), an event with its
 * arguments, or `ack <number>` and `failed <number>` for what it has asked.
 */
export interface RoomClient {
  readonly log: readonly string[];
  /** Joins; resolves with the server's socket, unless it is not, or not yet, let in. */
  join(namespace: string, wish: JoinWish): Promise<Socket | undefined>;
  /** Leaves a namespace; resolves when the server knows. */
  leave(namespace: string): Promise<void>;
  /** Ends its session, with all its sockets. */
  drop(): Promise<void>;
  /** Asks the server, which answers with the same number; or fails, if the name is `fail`. */
  ask(namespace: string, name: "echo" | "fail", number: number): void;
  /** Answers a question of the server, with its own index or an error. */
  answer(namespace: string, question: number, kind: "answer" | "error"): Promise<void>;
}

/** A server and its clients: what a schedule is played on. */
export interface RoomWorld {
  readonly clients: readonly RoomClient[];
  readonly parent: ParentNamespace<DefaultEvents, DefaultEvents, NoEvents, unknown>;
  namespace(name: string): Namespace;
  /** What can only be done where time and networks are ours: there is nothing of this in a world of real sockets. */
  readonly controls: WorldControls | undefined;
  /** What was sent has arrived: so many lines for each client, if all is well. */
  settle(lineCounts: readonly number[]): Promise<void>;
}

export interface WorldControls {
  /** Decides about the client that has waited longest to be let into the namespace; resolves with its socket. */
  decide(client: number, namespace: string, isLetIn: boolean): Socket | undefined;
  setWritable(client: number, isWritable: boolean): void;
  /** Whether the client knows errors of events. */
  knowsErrors(client: number): boolean;
  passTime(ms: number): void;
}

/** Serves a namespace, or all that a pattern makes, as schedules want it. */
export function serveRooms(
  target: Pick<Namespace, "use" | "on"> | RoomWorld["parent"],
  decideLater: (socket: Socket, next: (error?: Error) => void) => void,
  fail: () => never,
): void {
  target.use((socket, next) => {
    const { early = [], decision } = socket.handshake.auth as Partial<JoinWish>;
    if (early.length > 0) {
      void socket.join(early);
      socket.emit("early");
    }
    if (decision === "later") decideLater(socket, next);
    else next(decision === "no" ? new Error("no") : undefined);
  });
  target.on("connection", (socket) => {
    socket.on("echo", (number: number, ack: (same: number) => void) => ack(number));
    socket.on("fail", fail);
    socket.on("sync", (ack: () => void) => ack());
  });
}
