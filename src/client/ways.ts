import type { Message } from "../packets/index.ts";
import type { Endpoint } from "./endpoint.ts";
import type { ManagerOptions } from "./options.ts";
import type { LineEvents } from "./session.ts";
import type { SessionFacts } from "./session-facts.ts";
import type { Transport, TransportKind, TransportSink } from "./transport.ts";

/** What becomes of an opening: one of the two, once. */
export interface OpeningSink {
  /** `isLater`: another one had its chance first. */
  onOpened(transport: Transport, facts: SessionFacts, isLater: boolean): void;
  /** All ways failed; with the error of the first. */
  onOpeningFailed(error: Error | undefined): void;
}

/** What an open session sends on: one transport, or in a link one after the other. */
export interface SessionLine {
  /** Bytes accepted and not yet sent; infinite while there is nothing to send them with. */
  readonly bufferedBytes: number;
  /** Whether packets have something to travel on. */
  readonly isAttached: boolean;
  /** Whether what the packets travel on is known to work. */
  readonly isJoined: boolean;
  /** Looks for a better transport; `isHopeful` if nothing says yet that WebSocket would fail. */
  improve(isHopeful: boolean): void;
  /** Why messages can't be sent, if they can't. */
  problemWith(messages: readonly Message[]): Error | undefined;
  /** Sends a message: now, or when there is a transport again. */
  sendMessage(message: Message): void;
  /** Sends another packet, if it can be sent now: a server that asks and does not listen is not answered. */
  sendPacket(packet: string): void;
  /** In a link: tells the server how many messages have come, unless the next request does so anyway. */
  sendAck(): void;
  /** In a link: a packet came. */
  heard(): void;
  /** In a link: the server has said how many messages it has, so that those after them can be sent. */
  synchronized(): void;
  /** The transport was lost. False if there can't be another one. */
  lost(): boolean;
  /** In a link: the transport is silent, and another kind may do better. */
  distrust(): void;
  /** In a link: makes a new transport of the same kind now, whatever is under way. */
  renew(): void;
  /** There is no network. False if the session can't wait for it. */
  offline(): boolean;
  /** The end: what was sent before still leaves, and after it the close packet. */
  close(): void;
  /** The end, now. */
  destroy(): void;
}

/** How sessions get transports. */
export interface Ways {
  /** Begins to open a session, and returns what gives that up. Throws what opening the first transport throws. */
  open(endpoint: Endpoint, options: ManagerOptions, sink: OpeningSink): { cancel(): void };
  /** Takes over the transport that has opened a session. */
  line(
    endpoint: Endpoint,
    options: ManagerOptions,
    facts: SessionFacts,
    transport: Transport,
    sink: TransportSink,
    events: LineEvents,
  ): SessionLine;
  /** A session is on this kind of transport; `isSecondChoice`: another one failed or was slow. */
  worked(kind: TransportKind, isSecondChoice: boolean): void;
}
