import type { ServerKind } from "./lib/target.ts";
import { socketIo } from "./servers/socket.io.ts";
import { switchboard, switchboardOnDisk } from "./servers/switchboard.ts";

const RECOVERY = { connectionStateRecovery: { maxDisconnectionDuration: 120_000 } };
/** Longer than a client needs to come back: it sends again what is under way. */
const WORK_MS = 1000;
const LATEST = { isLatestOnly: true };
const EAGER = { pingInterval: 300, pingTimeout: 2000 };

const LIST: readonly ServerKind[] = [
  switchboard("switchboard", {}),
  switchboard("switchboard-delivery", { delivery: true }),
  switchboardOnDisk("switchboard-delivery-disk", {}),
  switchboard("switchboard-recovery", RECOVERY),
  // All that takes long or needs much comes soon in these: pings, pauses for slow readers, small pages.
  switchboard("switchboard-delivery-eager", { ...EAGER, delivery: { pauseAbove: 64 } }, { workMs: WORK_MS }),
  switchboard("switchboard-recovery-eager", { ...EAGER, ...RECOVERY }),
  // Of what is said to a room, a client that does not keep up is told only the newest.
  switchboard("switchboard-latest", {}, LATEST),
  switchboard("switchboard-delivery-latest", { delivery: true }, LATEST),
  socketIo("socket.io", {}),
  socketIo("socket.io-recovery", RECOVERY),
];

/** The kinds of servers by name. */
export const SERVERS: ReadonlyMap<string, ServerKind> = new Map(LIST.map((kind) => [kind.name, kind]));

/** The kind of that name; throws for a name that is none. */
export function serverOf(name: string): ServerKind {
  const kind = SERVERS.get(name);
  if (kind !== undefined) return kind;
  throw new Error(`There is no server "${name}"; there are ${[...SERVERS.keys()].join(", ")}.`);
}
