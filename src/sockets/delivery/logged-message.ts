import { PreparedMessage } from "../../engine/index.ts";
import { type EncodedSocketPacket, socketPacketText } from "../../packets/index.ts";
import type { WhenSlow } from "../backpressure/when-slow.ts";
import type { LogEntry } from "../log.ts";

/**
 * How a client is told where in the log an event stands: `numbered`, beside the packet, if it has asked for delivery; `trailing`, as one more
 * argument, as Socket.IO's clients know it; not at all.
 */
export type OffsetWire = "none" | "numbered" | "trailing";

/** An entry of the log, as a client is sent it. */
export function loggedPacket(
  namespace: string,
  epoch: string,
  offset: number,
  { type, id, body, attachments }: LogEntry,
  wire: OffsetWire,
): EncodedSocketPacket {
  const position = wire === "numbered" ? offset : undefined;
  const json = wire === "trailing" ? `${body.slice(0, -1)},"${trailingOffset(epoch, offset)}"]` : body;
  return { text: socketPacketText({ type, namespace, id, position }, json, attachments.length), attachments };
}

/** An entry of the log on its way to its receivers: encoded once for each wire that they speak. */
export class LoggedMessage {
  readonly offset: number;
  /** It has one receiver: nobody else would have a use for what {@link on} prepares. */
  readonly isForOne: boolean;
  readonly mayCompress: boolean;
  /** What becomes of it for receivers that do not keep up; undefined: they read it from the log. */
  readonly whenSlow: WhenSlow | undefined;
  readonly #namespace: string;
  readonly #epoch: string;
  readonly #entry: LogEntry;
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
    isForOne = false,
  ) {
    this.offset = offset;
    this.whenSlow = whenSlow;
    this.#namespace = namespace;
    this.#epoch = epoch;
    this.#entry = entry;
    this.mayCompress = mayCompress;
    this.isForOne = isForOne;
  }

  /** The message for a wire. */
  on(wire: OffsetWire): PreparedMessage {
    if (wire === "numbered") return (this.#numbered ??= this.#prepare(wire));
    if (wire === "trailing") return (this.#trailing ??= this.#prepare(wire));
    return (this.#plain ??= this.#prepare(wire));
  }

  /** The same, unprepared. */
  packet(wire: OffsetWire): EncodedSocketPacket {
    return loggedPacket(this.#namespace, this.#epoch, this.offset, this.#entry, wire);
  }

  #prepare(wire: OffsetWire): PreparedMessage {
    const { text, attachments } = this.packet(wire);
    return new PreparedMessage(text, attachments, this.mayCompress);
  }
}

/** An offset as Socket.IO's clients give it back: they know no epoch, so it is in there. */
export function trailingOffset(epoch: string, offset: number): string {
  return `${epoch}:${offset}`;
}
