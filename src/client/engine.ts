import type { EnginePacketType } from "../packets/index.ts";
import { BasicEmitter } from "../shared/basic-emitter.ts";
import type { Logger } from "../shared/logger.ts";
import type { CloseDetails, EngineCloseReason } from "./session.ts";
import type { TransportKind } from "./transport.ts";

/** What carries a connection at a time. */
export interface EngineTransport {
  /** Undefined before the first connection. */
  readonly name: TransportKind | undefined;
}

/** A packet of Engine.IO. */
export interface EnginePacket {
  readonly type: EnginePacketType;
  /** What follows the packet's digit; bytes are a message of their own. */
  readonly data: string | Uint8Array;
}

/** The events of {@link Engine}. */
export type EngineEvents = {
  /** A connection is there. */
  open: () => void;
  /** A connection has ended. */
  close: (reason: EngineCloseReason, details?: CloseDetails) => void;
  /** A packet came. */
  packet: (packet: EnginePacket) => void;
  /** A message is sent. */
  packetCreate: (packet: EnginePacket) => void;
  /** The connection has moved to a better transport. */
  upgrade: (transport: EngineTransport) => void;
  /** The connection has another transport, a better one or not; also a new connection. */
  transport: (transport: EngineTransport) => void;
};

/**
 * What carries a manager's connections; the same object for all of them.
 *
 * @example
 * socket.io.engine.on("upgrade", ({ name }) => console.log(`now over ${name}`));
 */
export class Engine extends BasicEmitter<EngineEvents> {
  readonly #logger: Logger;
  readonly #close: () => void;
  #id: string | undefined;
  #transport: EngineTransport = { name: undefined };

  /** @internal */
  constructor(logger: Logger, close: () => void) {
    super();
    this.#logger = logger;
    this.#close = close;
  }

  /** The id of the newest session. */
  get id(): string | undefined {
    return this.#id;
  }

  get transport(): EngineTransport {
    return this.#transport;
  }

  /** Ends the connection, as if it had been lost: the manager makes another one. */
  close(): this {
    this.#close();
    return this;
  }

  /** @internal Tells an event. */
  tell(name: keyof EngineEvents, ...args: readonly unknown[]): void {
    this.dispatch(name, args);
  }

  /** @internal A packet comes or goes. */
  tellPacket(name: "packet" | "packetCreate", type: EnginePacketType, data: string | Uint8Array): void {
    // Nearly nobody listens to each packet.
    if (this.hasListeners(name)) this.dispatch(name, [{ type, data }]);
  }

  /** @internal */
  update(id: string | undefined, name: TransportKind): void {
    const before = this.#transport.name;
    // The better ones come later in the alphabet, too.
    const isUpgrade = id === this.#id && before !== undefined && name > before;
    this.#id = id;
    this.#transport = { name };
    if (isUpgrade) this.dispatch("upgrade", [this.#transport]);
    this.dispatch("transport", [this.#transport]);
  }

  protected override listenerFailed(error: unknown, name: string): void {
    this.#logger.error({ err: error }, `A listener for "${name}" failed.`);
  }
}
