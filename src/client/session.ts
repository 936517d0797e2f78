import {
  type EnginePacketType,
  type Message,
  type OpenPayload,
  PacketError,
  parseOpenPayload,
} from "../packets/index.ts";
import type { ManagerOptions } from "./options.ts";
import type { SessionPlatform } from "./platform.ts";
import type { TransportKind } from "./transport.ts";

/** The longest that a timer can wait; a longer one would fire at once. */
export const MAX_TIMER_MS: number = 2 ** 31 - 1;

/** Why a session ended; the last is our own doing. */
export type EngineCloseReason =
  | "transport close"
  | "transport error"
  | "ping timeout"
  | "parse error"
  | "forced close";

/** How a connection ended, beside the reason: an error, or what the platform says of the WebSocket's close. */
export type CloseDetails = Error | { readonly description: string; readonly context?: unknown };

/** What the layer above is told about a session. */
export interface SessionHandler extends LineEvents {
  /** The handshake is done, on this kind of transport. */
  onOpen(kind: TransportKind): void;
  /** A packet came; said before anything else is made of it. Throws `PacketError` for a message that makes no sense. */
  receivePacket(type: EnginePacketType, data: string | Uint8Array): void;
  /** Said once, last; also if the session never opened. */
  onClose(reason: EngineCloseReason, details: CloseDetails | undefined): void;
}

/** What a session tells of its transports. */
export interface LineEvents {
  /** The session goes on with another kind of transport. */
  onTransport(kind: TransportKind): void;
  /** An event of a link, by the name and with the arguments that the manager has for it. */
  onLinkEvent(name: "interrupted" | "resumed" | "reconnect_scheduled", ...args: readonly number[]): void;
}

/** An Engine.IO v4 session as the client sees it. */
export interface Session {
  /** Undefined until it is open. */
  readonly id: string | undefined;
  /** Bytes accepted and not yet sent; infinite while there is nothing to send them with. */
  readonly bufferedBytes: number;
  /** Sends a text and the binary messages that follow it. Only when open. */
  send(text: string, attachments: readonly Uint8Array[]): void;
  /** Ends it; what was sent before still leaves. */
  close(reason?: EngineCloseReason): void;
  /** There is no network: a plain session is over, a link waits for the network, or for its next attempt. */
  offline(): void;
  /**
   * Something has happened that connections often don't survive: a session that is too old is over, a link without a
   * transport tries again now, and one that has not heard the server for `toleratedMs` renews its transport.
   */
  check(toleratedMs?: number): void;
  /** A link without a transport tries again now. */
  retry(): void;
}

/** Opens a session; throws what opening the first transport throws. */
export type OpenSession = (options: ManagerOptions, handler: SessionHandler) => Session;

/** How a manager gets sessions, with the choice of all transports or WebSocket alone; `origin` is the server's. */
export type SessionsTo<World extends SessionPlatform = SessionPlatform> = (
  platform: World,
  origin: string,
  options: ManagerOptions,
) => OpenSession;

/** What is known of an end that nobody calls an error. */
export function closedByServer(context: unknown): CloseDetails {
  return { description: "Closed by the server.", context };
}

/** Reads the first packet of a session. Throws `PacketError` if it is another one than it must be. */
export function readOpenPacket(packet: Message): OpenPayload {
  if (typeof packet !== "string" || !packet.startsWith("0")) throw new PacketError("No open packet.");
  return parseOpenPayload(packet.slice(1));
}
