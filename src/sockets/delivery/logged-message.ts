import { PreparedMessage } from "../../engine/index.ts";
import { socketPacketText } from "../../packets/index.ts";
import type { WhenSlow } from "../backpressure/when-slow.ts";
import type { LogEntry } from "../log.ts";

/**
 * How a client is told where in the log an event stands: `numbered`, beside the packet, if it has asked for delivery; `trailing`, as one more
 * argument, as Socket.IO's clients know it; not at all.
 */
export type OffsetWire = "none" | "numbered" | "trailing";

/** An entry of the log on its way to many: encoded once for each wire that its receivers speak. */
export class LoggedMessage {
  readonly offset: number;
  /** What becomes of it for receivers that do not keep up; undefined: they read it from the log. */
  readonly whenSlow: WhenSlow | undefined;
  readonly #namespace: string;
  readonly #epoch: string;
  readonly #entry: LogEntry;
  readonly #mayCompress: boolean;
  #plain: PreparedMessage | undefined;
  #numbered: PreparedMessage | undefined;
  #trailing: PreparedMessage | undefined;

  constructor(
    namespace: string,
    epoch: string,
    offset: number,
    entry: LogEntry,
    mayCompress = true,
    whenSlow?: WhenSlow,
  ) {
    this.offset = offset;
    this.whenSlow = whenSlow;
    this.#namespace = namespace;
    this.#epoch = epoch;
    this.#entry = entry;
    this.#mayCompress = mayCompress;
  }

  /** The message for a wire. */
  on(wire: OffsetWire): PreparedMessage {
    if (wire === "numbered") return (this.#numbered ??= this.#prepare(this.#entry.body, this.offset));
    if (wire === "trailing") return (this.#trailing ??= this.#prepare(this.#trailingBody));
    return (this.#plain ??= this.#prepare(this.#entry.body));
  }

  get #trailingBody(): string {
    return `${this.#entry.body.slice(0, -1)},"${trailingOffset(this.#epoch, this.offset)}"]`;
  }

  #prepare(body: string, position?: number): PreparedMessage {
    const { type, id, attachments } = this.#entry;
    const text = socketPacketText(
      { type, namespace: this.#namespace, id, position },
      body,
      attachments.length,
    );
    return new PreparedMessage(text, attachments, this.#mayCompress);
  }
}

/** An offset as Socket.IO's clients give it back: they know no epoch, so it is in there. */
export function trailingOffset(epoch: string, offset: number): string {
  return `${epoch}:${offset}`;
}
