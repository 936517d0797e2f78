import type { KeptRequest, Session, SessionCloseReason, TransportName } from "../engine/index.ts";
import { Emitter } from "../shared/emitter.ts";

/** The events of a {@link Connection}. */
export type ConnectionEvents = {
  /** The session goes on over another transport. */
  upgrade: (transport: { readonly name: TransportName }) => void;
  /** The session is over. The description is for people. */
  close: (reason: SessionCloseReason, description: string) => void;
};

/**
 * The session that carries a socket, and the client's sockets in other namespaces: `socket.conn`. Made when it is asked for.
 *
 * @example
 * socket.conn.once("upgrade", ({ name }) => console.log(`${socket.id} is on ${name} now`));
 */
export class Connection extends Emitter<ConnectionEvents> {
  readonly #session: Session;
  readonly #onListenerError: (error: unknown, event: string) => void;

  /** @internal Made by a multiplexer. */
  constructor(session: Session, onListenerError: (error: unknown, event: string) => void) {
    super();
    this.#session = session;
    this.#onListenerError = onListenerError;
  }

  /** The session's id. Whoever knows it can take the client's place: unlike a socket's id, it must not be shown to others. */
  get id(): string {
    return this.#session.id;
  }

  /** The transport that carries the session right now. */
  get transport(): { readonly name: TransportName } {
    return { name: this.#session.transportName };
  }

  /** What is kept of the request that began the session; `raw` is the request itself, with the option `keepRequest`. */
  get request(): KeptRequest {
    return this.#session.request;
  }

  /** The client's address: the peer's, or what proxies that are trusted say (`trustProxy`). */
  get remoteAddress(): string {
    return this.#session.request.address;
  }

  /** Whether messages can still come and go. */
  get readyState(): "open" | "closed" {
    return this.#session.isOpen ? "open" : "closed";
  }

  /** Bytes that wait for the client. */
  get bufferedBytes(): number {
    return this.#session.bufferedBytes;
  }

  /** Ends the session, with all its sockets; what was sent before still leaves. */
  close(): this {
    this.#session.close();
    return this;
  }

  /** @internal */
  onTransportChange(name: TransportName): void {
    this.dispatch("upgrade", [{ name }]);
  }

  /** @internal */
  onClose(reason: SessionCloseReason, description: string): void {
    this.dispatch("close", [reason, description]);
  }

  protected override listenerFailed(error: unknown, name: string): void {
    this.#onListenerError(error, name);
  }
}
