import type { WebSocketEnd } from "../platform.ts";

/** A connection is open: the first one, or another one. */
export class ReliableOpenEvent extends Event {
  /** Whether there was one before. */
  readonly reconnected: boolean;

  constructor(reconnected: boolean) {
    super("open");
    this.reconnected = reconnected;
  }
}

/** How a connection ended. As the `close` event: it was the last one. */
export class ReliableCloseEvent extends Event {
  /** 1005 if the server gave no code, 1006 if there was no close handshake. */
  readonly code: number;
  readonly reason: string;
  /** Whether there was a close handshake. */
  readonly wasClean: boolean;
  /** What went wrong, if something did. A page is told little about it; Node says what happened. */
  readonly error: Error | undefined;

  constructor({ code, reason, wasClean }: WebSocketEnd, error?: Error) {
    super("close");
    this.code = code;
    this.reason = reason;
    this.wasClean = wasClean;
    this.error = error;
  }
}

/** There is no connection, and there will be another attempt. */
export class ReconnectingEvent extends Event {
  /** The first is 1; counted since a connection was last stable. */
  readonly attempt: number;
  /** How long until then, in milliseconds. */
  readonly delayMs: number;
  /** How the connection before ended, or why it could not be made. */
  readonly why: ReliableCloseEvent;

  constructor(attempt: number, delayMs: number, why: ReliableCloseEvent) {
    super("reconnecting");
    this.attempt = attempt;
    this.delayMs = delayMs;
    this.why = why;
  }
}

/** Something went wrong. What becomes of the connection is said by the event that follows: `reconnecting`, `close`, or none. */
export class ReliableErrorEvent extends Event {
  readonly error: Error;
  readonly message: string;

  constructor(error: Error) {
    super("error");
    this.error = error;
    this.message = error.message;
  }
}

/** A message was dropped because the queue is full, and `overflow` says so. */
export class DropEvent extends Event {
  readonly data: string | Uint8Array | Blob;

  constructor(data: string | Uint8Array | Blob) {
    super("drop");
    this.data = data;
  }
}

/** A message. Text is a string; binary data is what {@link ReliableWebSocket.binaryType} says. */
export type ReliableMessageEvent = MessageEvent<string | ArrayBuffer | Blob>;

/** The events of a {@link ReliableWebSocket}. */
export interface ReliableWebSocketEventMap {
  /** A connection is open. Each time; `reconnected` says whether it is the first. */
  open: ReliableOpenEvent;
  message: ReliableMessageEvent;
  /** There is no connection; the next attempt comes in `delayMs`. */
  reconnecting: ReconnectingEvent;
  /** Something went wrong. */
  error: ReliableErrorEvent;
  /** A message that waited, or was to wait, is lost: the queue is full. */
  drop: DropEvent;
  /** It is over for good. The last event. */
  close: ReliableCloseEvent;
}
