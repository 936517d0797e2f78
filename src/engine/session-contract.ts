import type { Clock } from "../shared/clock.ts";
import type { Random } from "../shared/random.ts";
import type { PreparedMessage } from "./prepared-message.ts";
import type { Backlogged } from "./total-backlog.ts";
import type { RequestTransport, Transport, TransportCloseReason, TransportName } from "./transport.ts";

/** What is kept of the request that began a session. */
export interface SessionRequest {
  /** The request's path and query. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The client's address: the peer's as the operating system knows it, or what proxies that are trusted say (`trustProxy`). */
  readonly address: string;
  /** Whether it came over TLS. */
  readonly secure: boolean;
  /** When, in milliseconds since 1970. */
  readonly issuedAtMs: number;
  /** What middleware left as `request.context`. */
  readonly context?: unknown;
}

/** Why a session ended. */
export type SessionCloseReason =
  | "transport close"
  | "transport error"
  | "ping timeout"
  | "parse error"
  | "forced close"
  | "server shutting down";

/** What the layer above is told about a session. What it throws is reported to the server's logger, and the session goes on. */
export interface SessionHandler {
  receiveText(text: string): void;
  receiveBinary(data: Uint8Array): void;
  /** The client has answered a ping. */
  onPong?(): void;
  /** A packet is sent: a message, or a ping. */
  onSend?(type: "message" | "ping", data: string | Uint8Array | undefined, compress: boolean): void;
  /** The session goes on over another transport. */
  onTransportChange?(name: TransportName): void;
  /** Said once, last. `clean` means that one of the two sides said goodbye. */
  onClose(reason: SessionCloseReason, clean: boolean, detail: string): void;
}

/** One client, as the layer above sees it: an id, messages both ways, an end. */
export interface Session {
  /** 20 unguessable characters. */
  readonly id: string;
  readonly request: SessionRequest;
  /** The transport that carries the session; of a link that has none right now, the last one. */
  readonly transportName: TransportName;
  /** Bytes accepted for sending and not yet taken by the operating system. */
  readonly bufferedBytes: number;
  readonly isOpen: boolean;
  /** Sets who is told; must be called in the turn in which the session is handed over. */
  handle(handler: SessionHandler): void;
  /** Sends a text and the binary messages that follow it. `compress` false: not compressed on a WebSocket, whatever was agreed on. */
  send(text: string, attachments?: readonly Uint8Array[], compress?: boolean): void;
  /** Sends a binary message by itself. */
  sendBinary(data: Uint8Array, compress?: boolean): void;
  /** Sends a message that many sessions get. */
  sendPrepared(message: PreparedMessage): void;
  /**
   * Stops handing over messages until {@link resumeReading}, also over another transport: what has come of the read or request at hand is kept, at most one of
   * `maxMessageBytes`, or 64 KiB if that is more, and the client is made to wait, by TCP or for the answer to its POST. Sending goes on, and so do pings; pongs are not waited for. That the
   * client has left may be noticed only when reading goes on: whoever pauses sees to it that it does. Nothing happens if it is paused or over.
   *
   * @example
   * session.pauseReading();
   * store(message).finally(() => session.resumeReading());
   */
  pauseReading(): void;
  /** Ends {@link pauseReading}: messages that are there already are handed over before it returns. Nothing happens if it is not paused. */
  resumeReading(): void;
  /** Ends the session. What was sent before still leaves. */
  close(reason?: SessionCloseReason): void;
}

/** How sessions behave. */
export interface SessionOptions {
  /** How long after the last pong the next ping is sent. */
  readonly pingIntervalMs: number;
  /**
   * How long a client may take to answer a ping; in a link, also to come back after its transport was lost.
   */
  readonly pingTimeoutMs: number;
  /** The longest message, and the longest body, taken from a client, in bytes. */
  readonly maxMessageBytes: number;
  /** The most bytes that may wait for one client, or for its acknowledgement; 0 for no limit. */
  readonly maxBufferedBytes: number;
  /** The most bytes that may wait for all clients together; beyond it those are cut off for whom most waits. 0 for no limit. */
  readonly maxTotalBufferedBytes: number;
  /**
   * Beyond `maxBufferedBytes`, the session ends, or what is sent is dropped: a text together with its attachments.
   */
  readonly overflow: "terminate" | "drop";
  /** How long a client may take to move to the WebSocket that it has opened. */
  readonly upgradeTimeoutMs: number;
  /** How long clients may take to say goodbye when the server closes. */
  readonly shutdownTimeoutMs: number;
  /**
   * How long a session that has ended waits for the request that it can be told with, for a body that is still coming in, and for
   * the client to take what it was answered.
   */
  readonly closeGraceMs: number;
  readonly clock: Clock;
  readonly random: Random;
}

/** Who holds a session, and helps it to change its transport. */
export interface SessionOwner {
  readonly options: SessionOptions;
  /** Makes a transport that lives on requests. */
  createTransport(name: "polling" | "sse", isLink: boolean): RequestTransport;
  /** Takes a transport that has been started off a session's hands, and closes it. */
  dismiss(transport: Transport, reason: TransportCloseReason): void;
  /** Starts a transport only to close it. */
  turnAway(transport: Transport): void;
  /** The layer above threw what is no breach of the peer's: the session goes on. */
  onHandlerError(error: unknown): void;
  /** For how long the client was asked to leave, in milliseconds, as the server is draining; undefined if it was not. */
  awayMsOf(session: Session): number | undefined;
  /** So many bytes were sent to a session since this was said last: 64 KiB or more. */
  onMuchSent(session: Backlogged, bytes: number): void;
  /** The session is over. */
  onSessionEnd(session: Session): void;
  /** Its transport is gone as well: its id means nothing any more. */
  onSessionGone(session: Session): void;
}
