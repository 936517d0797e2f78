import type { Logger } from "../shared/logger.ts";
import type { ClientDelivery } from "./delivery/port.ts";
import type { Fetch } from "./fetch.ts";

/** What a client shows of itself when it joins a namespace: an object, or a function that gives one each time. */
export type Auth = Record<string, unknown> | ((give: (auth: Record<string, unknown>) => void) => void);

/** The ways to carry packets that can be asked for. */
export type TransportName = "websocket" | "polling" | "sse" | "short-polling";

/** Certificates or keys as Node's TLS takes them: one or several, PEM as text or bytes. */
export type TlsMaterial = string | Uint8Array | readonly (string | Uint8Array)[];

/**
 * In Node: how connections are made, for WebSockets and requests alike, as Node's `https.request` takes it. A page decides that itself, and passes
 * these over.
 *
 * @example
 * const socket = io("https://chat.internal", { ca: readFileSync("our-authority.pem") });
 */
export interface NodeConnectionOptions {
  /** Who makes connections: an `Agent` of `node:http` or `node:https`, for a proxy for example. Default: none, a connection for each WebSocket. */
  agent?: object;
  /** The authorities that are trusted, in place of those that Node knows. */
  ca?: TlsMaterial;
  /** Our certificate, for a server that asks for one. */
  cert?: TlsMaterial;
  /** Which ciphers, in OpenSSL's words. Default: Node's. */
  ciphers?: string;
  /** The private key of `cert`. */
  key?: TlsMaterial;
  /** Of `key` or `pfx`. */
  passphrase?: string;
  /** `cert` and `key` in one, PKCS#12: bytes. */
  pfx?: TlsMaterial;
  /** Whether a certificate that can't be verified ends the connection. Default true; false lets anybody in between read and write everything. */
  rejectUnauthorized?: boolean;
}

/** Options of a {@link Manager}. */
export interface ManagerOptions extends NodeConnectionOptions {
  /** Where the server listens. Default `/socket.io/`. */
  path?: string;
  /** More for the query of the handshake. */
  query?: Record<string, string>;
  /** Headers for the requests; in a page not for WebSocket, which can't have any there. */
  extraHeaders?: Record<string, string>;
  /** Whether requests to other origins carry cookies. Default false. */
  withCredentials?: boolean;
  /** Makes the requests. Default: the platform's `fetch`. */
  fetch?: Fetch;
  /**
   * Which transports may be used. Default: all; WebSocket first, and if it fails or is slow, polling beside it.
   * Given a list, the first one opens the connection, and it moves to a better one of the list later. `sse` and
   * `short-polling` need our server. With WebSocket alone there is no way back into a session whose connection was lost.
   */
  transports?: readonly TransportName[];
  /** Whether to move to a better transport later. Default true. */
  upgrade?: boolean;
  /** With a list: whether to begin with WebSocket if it worked the last time. Default false. */
  rememberUpgrade?: boolean;
  /** With a list: whether to try the next one when one can't connect, or is slow (`raceDelay`). Default false. */
  tryAllTransports?: boolean;
  /**
   * Without a list, or with `tryAllTransports`: how long the first transport has to open the connection before the second is tried beside it, and how
   * long the first event of a stream may take, in milliseconds. Default 1,000.
   */
  raceDelay?: number;
  /** How long one try to move to another transport may take, in milliseconds. Default 5,000. */
  probeTimeout?: number;
  /** Whether to remember, for the server's origin, which transport worked; a page does in its local storage. Default true. */
  rememberTransport?: boolean;
  /**
   * How much of what one socket emits may wait for a connection, or with `retries` for its acknowledgement, in bytes, each event counting for 64
   * more; beyond it events are refused. Of the connection: how much may wait to be sent, or in a link for the server's acknowledgement; beyond it the
   * connection ends with `transport error`. 0: no limit. Default 64 MiB.
   */
  maxBufferedBytes?: number;
  /** How many events of one socket may wait for a connection, or with `retries` for their acknowledgement. 0: no limit. Default 10,000. */
  maxBufferedEvents?: number;
  /** How long the server may take over the handshake, in milliseconds; false for as long as it likes. Default 20,000. */
  timeout?: number | false;
  /** Whether to come back after the connection was lost, or could not be made. Default true. */
  reconnection?: boolean;
  /** How many attempts to make in a row. Default: no limit. */
  reconnectionAttempts?: number;
  /**
   * The longest first delay, in milliseconds; it doubles with each attempt. Default 1,000. The delay itself is chosen at
   * random between 0 and this bound, so that a server that comes back is not met by all its clients at once.
   */
  reconnectionDelay?: number;
  /** The bound on the delay, in milliseconds. Default 5,000. */
  reconnectionDelayMax?: number;
  /**
   * The part of a delay that is left to chance, from 0 to 1. Default 1: anything from 0 to the bound; 0 is the bound itself. Unlike Socket.IO's,
   * whose default is 0.5, it never makes a delay longer than the bound.
   */
  randomizationFactor?: number;
  /**
   * What {@link delivery} gives, for events that are not lost when a connection is, nor when the server is restarted: see docs/guide/delivery.md. For all
   * sockets of the connection. Default: none.
   */
  delivery?: ClientDelivery;
  /** Whether to connect at once. Default true. */
  autoConnect?: boolean;
  /** In Node: whether the process may end although the connection is there, or waited for. Requests keep it alive nevertheless. Default false. */
  autoUnref?: boolean;
  /** In a page: whether to end the connection already when the page is about to be left, and not when it is. Default false. */
  closeOnBeforeunload?: boolean;
  /** Where listeners that throw are reported. Default: the console. */
  logger?: Logger;
}

/** Options of a {@link Socket}: one namespace. */
export interface SocketOptions {
  /** What the server gets as `socket.handshake.auth`. */
  auth?: Auth;
  /** The `timeout()` of events that have none, in milliseconds: their acknowledgements take an error first. Default: none. */
  ackTimeout?: number;
  /**
   * How often an event is sent again that was not acknowledged: in time, or on the connection on which it was sent. Events then go one after the
   * other, each when the one before it is acknowledged or given up, and acknowledgements take an error first. An event may arrive more than once.
   * Volatile ones are not part of this. Default 0.
   */
  retries?: number;
  /** Whether to connect at once. Default: as its manager does. */
  autoConnect?: boolean;
}

/** Options of {@link io}. */
export interface ClientOptions extends ManagerOptions, SocketOptions {
  /** Whether to make a connection of its own although there is one to the same server. Default false. */
  forceNew?: boolean;
  /** The same the other way round: false for a connection of its own. Default true. */
  multiplex?: boolean;
}
