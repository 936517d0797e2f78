import { LINK_VERSION, type OpenPayload } from "../packets/index.ts";
import type { SessionOptions } from "./session-contract.ts";

/** Writes what open packets carry. Only the id differs from one session to the next: the rest is written once. */
export class OpenPayloads {
  readonly #options: Pick<SessionOptions, "pingIntervalMs" | "pingTimeoutMs" | "maxMessageBytes">;
  /** What follows the id: in a link or not, and without upgrades or with one. */
  readonly #tails = new Map<number, string>();

  constructor(options: Pick<SessionOptions, "pingIntervalMs" | "pingTimeoutMs" | "maxMessageBytes">) {
    this.#options = options;
  }

  /** As JSON. */
  of(id: string, upgrades: readonly "websocket"[], isLink: boolean): string {
    const kind = upgrades.length * 2 + (isLink ? 1 : 0);
    let tail = this.#tails.get(kind);
    if (tail === undefined) this.#tails.set(kind, (tail = this.#tail(upgrades, isLink)));
    // An application may make ids of its own, of any characters.
    return `{"sid":${JSON.stringify(id)},${tail}`;
  }

  #tail(upgrades: readonly "websocket"[], isLink: boolean): string {
    const { pingIntervalMs, pingTimeoutMs, maxMessageBytes } = this.#options;
    const rest: Omit<OpenPayload, "sid"> = {
      upgrades,
      pingInterval: pingIntervalMs,
      pingTimeout: pingTimeoutMs,
      maxPayload: maxMessageBytes,
      ...(isLink && { link: LINK_VERSION }),
    };
    return JSON.stringify(rest).slice(1);
  }
}
