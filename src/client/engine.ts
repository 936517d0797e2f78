import { Emitter } from "../shared/emitter.ts";
import type { Logger } from "../shared/logger.ts";
import type { TransportKind } from "./transport.ts";

/** What carries a connection at a time. */
export interface EngineTransport {
  /** Undefined before the first connection. */
  readonly name: TransportKind | undefined;
}

/** The events of {@link Engine}. */
export type EngineEvents = {
  /** The connection has moved to a better transport. */
  upgrade: (transport: EngineTransport) => void;
  /** The connection has another transport, a better one or not; also a new connection. */
  transport: (transport: EngineTransport) => void;
};

const RANKS: Readonly<Record<TransportKind, number>> = { polling: 0, sse: 1, websocket: 2 };

/**
 * What carries a manager's connections; the same object for all of them.
 *
 * @example
 * socket.io.engine.on("upgrade", ({ name }) => console.log(`now over ${name}`));
 */
export class Engine extends Emitter<EngineEvents> {
  readonly #logger: Logger;
  #id: string | undefined;
  #transport: EngineTransport = { name: undefined };

  /** @internal */
  constructor(logger: Logger) {
    super();
    this.#logger = logger;
  }

  /** The id of the newest session. */
  get id(): string | undefined {
    return this.#id;
  }

  get transport(): EngineTransport {
    return this.#transport;
  }

  /** @internal */
  update(id: string | undefined, name: TransportKind): void {
    const before = this.#transport.name;
    const isUpgrade = id === this.#id && before !== undefined && RANKS[name] > RANKS[before];
    this.#id = id;
    this.#transport = { name };
    if (isUpgrade) this.dispatch("upgrade", [this.#transport]);
    this.dispatch("transport", [this.#transport]);
  }

  protected override listenerFailed(error: unknown, name: string): void {
    this.#logger.error({ err: error }, `A listener for the engine's "${name}" failed.`);
  }
}
