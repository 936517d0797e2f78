import type { Base64 } from "../packets/index.ts";
import type { Clock } from "../shared/clock.ts";
import type { Random } from "../shared/random.ts";
import type { Fetch } from "./fetch.ts";

/** What happens on a WebSocket. */
export interface WebSocketSink {
  onOpen(): void;
  receiveText(text: string): void;
  receiveBinary(data: Uint8Array): void;
  /** Said once, last; with an error if it could not be opened or broke. `end` is how a page is told of it. */
  onClose(error: Error | undefined, end: WebSocketEnd): void;
}

/** How a WebSocket ended, as a page's `close` event says it. */
export interface WebSocketEnd {
  readonly code: number;
  readonly reason: string;
  /** Whether there was a close handshake. */
  readonly wasClean: boolean;
}

/** The part of a WebSocket that sessions use; a page's own has it. */
export interface SessionWebSocket {
  readonly bufferedAmount: number;
  /** Only once it is open. Afterwards, what can't be sent is dropped without a word. */
  send(data: string | Uint8Array): void;
  close(): void;
}

/** The part of a WebSocket that others use. */
export interface PlatformWebSocket extends SessionWebSocket {
  /** Whether what is sent now leaves; what is not, is dropped without a word. */
  readonly isOpen: boolean;
  /** What the server has chosen of {@link WebSocketWishes.protocols}, "" for nothing. */
  readonly protocol: string;
  readonly extensions: string;
  /** The close handshake. */
  close(code?: number, reason?: string): void;
  /** The end, as soon as the platform lets it be. */
  destroy(): void;
}

/** What a WebSocket may be asked for. */
export interface WebSocketWishes {
  /** The subprotocols that are offered. Default: none. */
  readonly protocols?: readonly string[];
  /** Whether compression is offered, where that can be chosen: a page always offers it. Default false. */
  readonly compression?: boolean;
}

/**
 * What becomes of the network and of the page, by the names that a page has for it. `pagehide`: the page is left, and may or may not come
 * back; `pageshow`: it did. `visibilitychange`: it is looked at again. `beforeunload`: the page may be about to be left, if the user does
 * not think better of it.
 */
export type WorldEvent = "offline" | "online" | "pagehide" | "pageshow" | "visibilitychange" | "beforeunload";

/** What the world around the client offers to a manager and its sessions: a page, or Node. */
export interface SessionPlatform {
  /** The page's address; undefined where there is none. */
  readonly pageUrl: string | undefined;
  readonly clock: Clock;
  readonly random: Pick<Random, "fraction">;
  openWebSocket(
    url: string,
    headers: Readonly<Record<string, string>>,
    sink: WebSocketSink,
  ): SessionWebSocket;
  /** The time of day, in milliseconds. Unlike the clock's, it goes on while the machine sleeps, and may be put back. */
  wallNow(): number;
  /** The same world, for what must not keep the process alive; undefined where nothing does. */
  readonly detached?: SessionPlatform;
  /** Tells the events of the world, until the function that it returns is called; `beforeunload` only if it is asked for, as it costs. */
  watch(listener: (event: WorldEvent) => void, withLeave?: boolean): () => void;
}

/** What it offers to those who want more of a WebSocket. */
export interface Platform extends Omit<SessionPlatform, "detached"> {
  openWebSocket(
    url: string,
    headers: Readonly<Record<string, string>>,
    sink: WebSocketSink,
    wishes?: WebSocketWishes,
  ): PlatformWebSocket;
}

/** What more the transports need that live on requests, and the choice between transports. */
export interface RequestPlatform extends SessionPlatform {
  readonly base64: Base64;
  readonly fetch: Fetch;
  readonly detached?: RequestPlatform;
  /** Keeps a value as long as the platform can. Never throws. */
  remember(key: string, value: string): void;
  /** What was kept; undefined if nothing was, or if it is gone. Never throws. */
  recall(key: string): string | undefined;
}
