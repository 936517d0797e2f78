import type { PreparedMessage } from "../../engine/index.ts";
import type { SocketLink } from "../socket-link.ts";
import type { Lane } from "./when-slow.ts";

/** How much may be held for one socket, in bytes; beyond it, events are sent as all others are. */
const MAX_HELD_BYTES = 1024 * 1024;

/** What is held for a client that is slow and has no log to read it from: of each lane the newest. */
export class HeldEvents {
  readonly #link: SocketLink;
  readonly #isThere: () => boolean;
  readonly #lanes = new Map<string, PreparedMessage[]>();
  #bytes = 0;

  /** @param isThere whether the socket is in its namespace */
  constructor(link: SocketLink, isThere: () => boolean) {
    this.#link = link;
    this.#isThere = isThere;
  }

  /** Whether something is held: what is of a lane must not overtake it. */
  get isEmpty(): boolean {
    return this.#lanes.size === 0;
  }

  /**
   * Holds an event until the client has taken what it was sent before. Where that is too much, the oldest of its lane go for it; false if it is too much even so: then
   * nothing of its lane is held any more.
   */
  hold(message: PreparedMessage, { key, keep }: Lane): boolean {
    const isFirst = this.isEmpty;
    const held = this.#lanes.get(key) ?? [];
    if (held.length >= keep) this.#shift(held);
    const bytes = bytesOf(message);
    while (held.length > 0 && this.#bytes + bytes > MAX_HELD_BYTES) this.#shift(held);
    if (this.#bytes + bytes > MAX_HELD_BYTES) {
      this.#lanes.delete(key);
      return false;
    }
    this.#bytes += bytes;
    held.push(message);
    // A lane keeps its turn, however often it is written to.
    this.#lanes.set(key, held);
    if (isFirst) this.#wait();
    return true;
  }

  #shift(held: PreparedMessage[]): PreparedMessage {
    const message = held.shift()!;
    this.#bytes -= bytesOf(message);
    return message;
  }

  #release(isGone: boolean): void {
    const isOver = isGone || !this.#isThere();
    for (const [key, held] of this.#lanes) {
      while (held.length > 0 && (isOver || this.#link.isWritable)) {
        const message = this.#shift(held);
        if (!isOver) this.#link.sendLogged(message);
      }
      if (held.length > 0) break;
      this.#lanes.delete(key);
    }
    if (!this.isEmpty) this.#wait();
  }

  #wait(): void {
    this.#link.whenDrained((isGone) => this.#release(isGone));
  }
}

function bytesOf({ textBytes, attachments }: PreparedMessage): number {
  return attachments.reduce((sum, { byteLength }) => sum + byteLength, textBytes);
}
