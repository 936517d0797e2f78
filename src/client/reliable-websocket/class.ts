import type { Platform } from "../platform.ts";
import type { ReliableWebSocketOptions, ReliableWebSocketUrl } from "./options.ts";
import { ReliableWebSocketCore } from "./reliable-websocket.ts";

/** The class `ReliableWebSocket` of a platform. */
export interface ReliableWebSocketClass {
  /**
   * Connects to a WebSocket server, any one, and again whenever the connection is lost. The face is that of a page's `WebSocket`, but for
   * these: `open` comes for each connection, `close` once, when it is over for good, and between them `reconnecting`; `send` may be called at any
   * time. What it throws is a page's: a `SyntaxError` (a `DOMException`) for an address or a subprotocol that can't be; and a
   * `RangeError` for an option that can't be. An address that a function gives is looked at later, and told by an `error` event.
   *
   * @example
   * const prices = new ReliableWebSocket("wss://prices.example/stream", [], {
   *   heartbeat: { message: "ping", isAnswer: (message) => message === "pong" },
   * });
   * prices.onopen = () => prices.send(JSON.stringify({ watch: ["EURUSD"] }));
   * prices.onmessage = ({ data }) => show(JSON.parse(data));
   */
  new (
    url: ReliableWebSocketUrl,
    protocols?: string | readonly string[],
    options?: ReliableWebSocketOptions,
  ): ReliableWebSocketCore;
  readonly prototype: ReliableWebSocketCore;
  readonly CONNECTING: 0;
  readonly OPEN: 1;
  readonly CLOSING: 2;
  readonly CLOSED: 3;
}

/** Makes the class for a platform. */
export function reliableWebSocketOn(platform: Platform): ReliableWebSocketClass {
  return class ReliableWebSocket extends ReliableWebSocketCore {
    constructor(
      url: ReliableWebSocketUrl,
      protocols?: string | readonly string[],
      options?: ReliableWebSocketOptions,
    ) {
      super(platform, url, protocols, options);
    }
  };
}
