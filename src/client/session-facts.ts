import { LINK_VERSION, parseOpenPayload } from "../packets/index.ts";
import type { Hold } from "./hold.ts";
import type { LinkState } from "./link-state.ts";
import type { TransportKind } from "./transport.ts";

/** What the open packet says of a session, and what its requests must say of it. */
export class SessionFacts {
  readonly hold: Hold;
  /** Whether event streams were tried and did not come through. */
  isSseBad = false;
  readonly #makeLink: (() => LinkState) | undefined;
  #sid: string | undefined;
  #upgrades: readonly string[] = [];
  #pingIntervalMs = 0;
  #pingTimeoutMs = 0;
  #maxPayload = 0;
  #link: LinkState | undefined;

  /** Of a session that is not open yet: one that asks for a link if it is given what makes its state. `hold` is what polling begins with. */
  constructor(makeLink: (() => LinkState) | undefined, hold: Hold) {
    this.#makeLink = makeLink;
    this.hold = hold;
  }

  /** Undefined until the session is open. */
  get sid(): string | undefined {
    return this.#sid;
  }

  get upgrades(): readonly string[] {
    return this.#upgrades;
  }

  /** How long the server may be silent before something is wrong. */
  get suspectMs(): number {
    return this.#pingIntervalMs + this.#pingTimeoutMs / 2;
  }

  /** How long the server may be silent before the session is over. */
  get silenceLimitMs(): number {
    return this.#pingIntervalMs + this.#pingTimeoutMs;
  }

  /** The largest body of a POST in bytes; 0 for any. */
  get maxPayload(): number {
    return this.#maxPayload;
  }

  /** Undefined in a plain session. */
  get link(): LinkState | undefined {
    return this.#link;
  }

  /** Reads the data of the open packet. Throws `PacketError` if it makes no sense. */
  open(json: string): void {
    const { sid, upgrades, pingInterval, pingTimeout, maxPayload, link } = parseOpenPayload(json);
    this.#sid = sid;
    this.#upgrades = upgrades;
    this.#pingIntervalMs = pingInterval;
    this.#pingTimeoutMs = pingTimeout;
    this.#maxPayload = maxPayload;
    if (link === LINK_VERSION) this.#link = this.#makeLink?.();
  }

  /** The query of a request. `move` is the one that the transport stands for, where the session is a link. */
  query(transport: TransportKind, move: number): Record<string, string> {
    const query: Record<string, string> = { EIO: "4", transport };
    if (this.#sid !== undefined) query.sid = this.#sid;
    else {
      // Socket.IO's acknowledgements may be errors: docs/design/sockets.md.
      query.errors = "1";
      if (this.#makeLink !== undefined) query.link = String(LINK_VERSION);
    }
    if (this.#link !== undefined) query.move = String(move);
    return query;
  }
}
