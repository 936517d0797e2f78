import type { Runnable } from "../lib/run-case.ts";
import type { ClientVisit } from "./client-visit.ts";
import type { Door } from "./door.ts";
import type { DeflateWish } from "./wire/extension.ts";
import type { Peer } from "./wire/peer.ts";

interface CaseBase extends Runnable {
  /** Moves megabytes: only a few such cases run side by side. */
  heavy?: boolean;
}

/** Tests what either side does on an open connection. The suite opens it. */
export interface SessionCase extends CaseBase {
  kind: "session";
  /** Negotiate permessage-deflate like this; the case is not applicable if that doesn't come about. */
  wish?: DeflateWish;
  /** Declining this wish is every endpoint's right, so `--require deflate` does not demand it. */
  optional?: boolean;
  /** The size of its largest message: over the server's own limit the case is not applicable. */
  largestBytes?: number;
  run(peer: Peer, settings: Settings): Promise<void>;
}

/** Tests how a server answers a request. The case opens the connections. */
export interface ServerHandshakeCase extends CaseBase {
  kind: "server-handshake";
  run(door: Door): Promise<void>;
}

/** Tests what a client makes of an answer. The client has sent its request. */
export interface ClientHandshakeCase extends CaseBase {
  kind: "client-handshake";
  run(visit: ClientVisit): Promise<void>;
}

export type Case = SessionCase | ServerHandshakeCase | ClientHandshakeCase;

/** What the caller has told us about the endpoint under test. */
export interface Settings {
  /** The longest message it is configured to take, in bytes, if that was said. */
  maxPayloadBytes?: number | undefined;
}

type Extra = Partial<Omit<SessionCase, "kind" | "id" | "section" | "sentence" | "run">>;

export function session(
  id: string,
  section: string,
  sentence: string,
  run: SessionCase["run"],
  extra: Extra = {},
): SessionCase {
  return { kind: "session", id, section: `RFC ${section}`, sentence, run, ...extra };
}

export function serverHandshake(
  id: string,
  section: string,
  sentence: string,
  run: ServerHandshakeCase["run"],
): ServerHandshakeCase {
  return { kind: "server-handshake", id, section: `RFC ${section}`, sentence, run };
}

export function clientHandshake(
  id: string,
  section: string,
  sentence: string,
  run: ClientHandshakeCase["run"],
): ClientHandshakeCase {
  return { kind: "client-handshake", id, section: `RFC ${section}`, sentence, run };
}
