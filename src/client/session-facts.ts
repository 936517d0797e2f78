import { LINK_VERSION, type OpenPayload } from "../packets/index.ts";
import type { Hold } from "./hold.ts";
import { LinkState } from "./link-state.ts";
import type { TransportKind } from "./transport.ts";

/** What the open packet says of a session, and what its requests must say of it. */
export class SessionFacts {
  readonly hold: Hold;
  /** Whether event streams were tried and did not come through. */
  isSseBad = false;
  /** Undefined until the session is open. */
  sid: string | undefined;
  upgrades: readonly string[] = [];
  /** How long the server may be silent before something is wrong. */
  suspectMs = 0;
  /** How long the server may be silent before the session is over. */
  silenceLimitMs = 0;
  /** The largest body of a POST in bytes; 0 for any. */
  maxPayload = 0;
  /** Undefined in a plain session. */
  link: LinkState | undefined;
  readonly #asksForLink: boolean;

  /** Of a session that is not open yet, and whether it asks for a link. `hold` is what polling begins with. */
  constructor(asksForLink: boolean, hold: Hold) {
    this.#asksForLink = asksForLink;
    this.hold = hold;
  }

  /** Takes what the open packet says. */
  open({ sid, upgrades, pingInterval, pingTimeout, maxPayload, link }: OpenPayload): void {
    this.sid = sid;
    this.upgrades = upgrades;
    this.suspectMs = pingInterval + pingTimeout / 2;
    this.silenceLimitMs = pingInterval + pingTimeout;
    this.maxPayload = maxPayload;
    if (this.#asksForLink && link === LINK_VERSION) this.link = new LinkState();
  }

  /** The query of a request. `move` is the one that the transport stands for, where the session is a link. */
  query(transport: TransportKind, move = 0): Record<string, string> {
    const query: Record<string, string> = { EIO: "4", transport };
    if (this.sid !== undefined) query.sid = this.sid;
    else {
      // Socket.IO's acknowledgements may be errors: docs/design/sockets.md.
      query.errors = "1";
      query.drain = "1";
      if (this.#asksForLink) query.link = `${LINK_VERSION}`;
    }
    if (this.link !== undefined) query.move = `${move}`;
    return query;
  }
}
