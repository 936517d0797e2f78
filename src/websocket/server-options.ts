import type { IncomingMessage, OutgoingHttpHeaders, Server as HttpServer } from "node:http";
import type { Server as HttpsServer } from "node:https";
import type { OverflowPolicy } from "./buffer-limit.ts";
import type { AnyHttp2Server } from "./http2.ts";
import type { CommonOptions } from "./options.ts";
import type { TextHeartbeat } from "./text-heartbeat.ts";
import type { WebSocket } from "./websocket.ts";

/** What `verifyClient` is asked about. */
export interface ClientInfo {
  /** The `Origin` header. */
  readonly origin: string | undefined;
  /** Whether it came over TLS. */
  readonly secure: boolean;
  readonly req: IncomingMessage;
}

/** Answers `verifyClient`; a refusal may have a status (401), a sentence and headers. */
export type VerifyCallback = (
  accepted: boolean,
  status?: number,
  message?: string,
  headers?: OutgoingHttpHeaders,
) => void;

/** Options of a {@link WebSocketServer}. Exactly one of `port`, `server` and `noServer` is given. */
export interface WebSocketServerOptions extends CommonOptions {
  /** A port of its own (0: any free one). */
  port?: number;
  /** The address to listen on with `port`. Default: all. */
  host?: string;
  /** With `port`: how many connections may wait to be accepted. */
  backlog?: number;
  /** A server to share: HTTP, HTTPS, or HTTP/2, which then carries WebSockets too (RFC 8441). */
  server?: HttpServer | HttpsServer | AnyHttp2Server;
  /** Neither: upgrades are handed over with {@link WebSocketServer.handleUpgrade}. */
  noServer?: boolean;
  /** Take only handshakes for this path. Default: any. */
  path?: string;
  /** Pages of these origins may connect; others get 403. Clients that are not pages send no origin and are not kept out. */
  allowedOrigins?: readonly (string | RegExp)[];
  /** Decides about a handshake: false refuses with 403, an object with its own status and sentence. */
  allowRequest?: (request: IncomingMessage) => Verdict | Promise<Verdict>;
  /** Decides about a handshake in the way of `ws`: by its result, a promise of it, or with two parameters by the callback. */
  verifyClient?(info: ClientInfo, callback: VerifyCallback): boolean | void | Promise<boolean | void>;
  /** Chooses one of the offered subprotocols, or false for none. Default: the first offered. */
  handleProtocols?: (protocols: Set<string>, request: IncomingMessage) => string | false;
  /** How long a client may take over its handshake, and the application over its verdict, in milliseconds. Default 10,000. */
  handshakeTimeout?: number;
  /**
   * How many connections there may be; further handshakes get 503. Default: no limit. On a port of its own, 1,000 more may be at
   * their handshake, or being refused; who comes then is dropped at once, without an answer.
   */
  maxConnections?: number;
  /** Whether {@link WebSocketServer.clients} is kept. Default true. */
  clientTracking?: boolean;
  /** Text messages that are answered before the application sees them, for pages, which can't ping. */
  textHeartbeats?: readonly TextHeartbeat[];
}

/** What `allowRequest` decides. */
export type Verdict = boolean | { readonly status: number; readonly message: string };

/** How a message is made ready for many. */
export interface PrepareOptions {
  /** As binary or as text. Default: as binary unless it is a string. */
  binary?: boolean;
  /** Whether connections with compression get it compressed. Default true. */
  compress?: boolean;
}

/** Who gets a broadcast, and how. */
export interface BroadcastOptions extends PrepareOptions {
  /** Only those for which this is true. Default: all that are open. */
  filter?: (client: WebSocket) => boolean;
  /** For this message, the most bytes that may wait for a client. Default: the server's. */
  maxBufferedBytes?: number;
  /** For this message, what happens beyond it. Default: the server's. */
  overflow?: OverflowPolicy;
}

/** How a server is shut down. */
export interface ShutdownOptions {
  /** What clients are told. Default 1001, going away. */
  code?: number;
  /** At most 123 bytes. Default "". */
  reason?: string;
  /** How long they may take, in milliseconds. Default 1,000. */
  timeout?: number;
}
