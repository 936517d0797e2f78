import type { Duplex } from "node:stream";

type ConnectionEvent = "connection" | "secureConnection";

/** An HTTP server, as far as its connections go. */
export interface ConnectionSource {
  readonly listening: boolean;
  on(name: ConnectionEvent, listener: (stream: Duplex) => void): unknown;
  off(name: ConnectionEvent, listener: (stream: Duplex) => void): unknown;
}

const watched = new WeakMap<object, UnusedConnections>();

/**
 * Remembers the connections of an HTTP server that no request has come on yet. Browsers open some ahead of need, and Node, once it has
 * stopped listening, waits for them as for requests that run, without end. Returns what ends this: where the server listens no more, the
 * last one that leaves closes them.
 */
export function watchUnused(http: ConnectionSource): () => void {
  // The connections of HTTP/2 are told to end: see listen.ts.
  if ("updateSettings" in http && !("setSecureContext" in http)) return () => {};
  let unused = watched.get(http);
  if (unused === undefined) watched.set(http, (unused = new UnusedConnections(http)));
  return unused.watch();
}

/** A request, or an upgrade, has come on a connection of an HTTP server. */
export function noteUse(http: object, stream: Duplex): void {
  watched.get(http)?.delete(stream);
}

class UnusedConnections {
  readonly #http: ConnectionSource;
  /** Over TLS, requests come on what is there after its handshake. */
  readonly #event: ConnectionEvent;
  readonly #streams = new Set<Duplex>();
  /** One for all connections. */
  readonly #onClose: (this: Duplex) => void;
  #watchers = 0;

  constructor(http: ConnectionSource) {
    this.#http = http;
    const streams = this.#streams;
    this.#onClose = function () {
      streams.delete(this);
    };
    this.#event = "setSecureContext" in http ? "secureConnection" : "connection";
    http.on(this.#event, this.#add);
  }

  watch(): () => void {
    this.#watchers += 1;
    return () => this.#leave();
  }

  delete(stream: Duplex): void {
    if (this.#streams.delete(stream)) stream.off("close", this.#onClose);
  }

  #leave(): void {
    this.#watchers -= 1;
    if (this.#watchers > 0) return;
    watched.delete(this.#http);
    this.#http.off(this.#event, this.#add);
    for (const stream of this.#streams) {
      this.delete(stream);
      if (!this.#http.listening) stream.destroy();
    }
  }

  readonly #add = (stream: Duplex): void => {
    if ("alpnProtocol" in stream && stream.alpnProtocol === "h2") return;
    this.#streams.add(stream);
    stream.on("close", this.#onClose);
  };
}
