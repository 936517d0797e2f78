import type { Clock } from "../shared/clock.ts";
import type { Random } from "../shared/random.ts";

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

/** What the world around the client offers: a page, or Node. */
export interface Platform {
  /** The page's address; undefined where there is none. */
  readonly pageUrl: string | undefined;
  readonly clock: Clock;
  readonly random: Random;
  openWebSocket(
    url: string,
    headers: Readonly<Record<string, string>>,
    sink: WebSocketSink,
  ): PlatformWebSocket;
}
