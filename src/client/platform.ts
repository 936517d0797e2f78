import type { Base64 } from "../packets/index.ts";
import type { Clock } from "../shared/clock.ts";
import type { Random } from "../shared/random.ts";
import type { Fetch } from "./fetch.ts";

/** What happens on a WebSocket. */
export interface WebSocketSink {
  onOpen(): void;
  receiveText(text: string): void;
  receiveBinary(data: Uint8Array): void;
  /** Said once, last; with an error if it could not be opened or broke. */
  onClose(error: Error | undefined): void;
}

/** The part of a WebSocket that we use. */
export interface PlatformWebSocket {
  readonly bufferedAmount: number;
  send(data: string | Uint8Array): void;
  close(): void;
}

/**
 * What becomes of the network and of the page. `hide`: the page is left, and may or may not come back; `show`: it did.
 * `visible`: it is looked at again.
 */
export type WorldEvent = "offline" | "online" | "hide" | "show" | "visible";

/** What the world around the client offers: a page, or Node. */
export interface Platform {
  /** The page's address; undefined where there is none. */
  readonly pageUrl: string | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly base64: Base64;
  readonly fetch: Fetch;
  openWebSocket(
    url: string,
    headers: Readonly<Record<string, string>>,
    sink: WebSocketSink,
  ): PlatformWebSocket;
  /** The time of day, in milliseconds. Unlike the clock's, it goes on while the machine sleeps, and may be put back. */
  wallNow(): number;
  /** Tells the events of the world, until the function that it returns is called. */
  watch(listener: (event: WorldEvent) => void): () => void;
  /** Keeps a value as long as the platform can; undefined forgets it. Never throws. */
  remember(key: string, value: string | undefined): void;
  /** What was kept; undefined if nothing was, or if it is gone. Never throws. */
  recall(key: string): string | undefined;
}
