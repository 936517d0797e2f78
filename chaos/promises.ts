import { BREACH_KINDS, type BreachKind } from "switchboard/testing";
import type { Profile } from "./profiles.ts";

/** What must not happen in a scene, in each direction, and what else must be. */
export interface Promises {
  readonly toClients: readonly BreachKind[];
  readonly toServer: readonly BreachKind[];
  /** Whether all must have come to all clients by the end; a gap that was told is no excuse. */
  readonly isLossless?: boolean;
  /** Whether all must have been acknowledged, each once. */
  readonly acknowledges?: boolean;
  /** By then, from the first line after a fault on, 99 % have caught up. */
  readonly caughtUpMs?: number;
  /** After so many seconds this share of clients must be back with the new server. */
  readonly back?: readonly (readonly [seconds: number, share: number])[];
}

/** Socket.IO's documentation promises the order, and at most one delivery. */
const AT_MOST_ONCE: readonly BreachKind[] = ["doubled", "reordered", "invented"];
/** The server has lost all that it knew: what is sent to it again may be done twice. It must still tell of gaps. */
const AT_LEAST_ONCE: readonly BreachKind[] = ["lost", "invented", "silentGaps"];
const CAUGHT_UP_MS = 500;
const BACK = [
  [10, 0.95],
  [30, 1],
] as const;

/** What a server and a client promise together. */
export function promisesOf(server: string, client: string, profile: Profile): Promises {
  const isOurs = server.startsWith("switchboard");
  const name = server.replace(/-(?:eager|latest)$/, "");
  const more = {
    ...(profile.name === "jitter" && { caughtUpMs: CAUGHT_UP_MS }),
    ...(profile.replace !== undefined && { back: BACK }),
  };
  if (profile.killsClients === true) {
    const toServer: readonly BreachKind[] = profile.isKilled === true ? ["lost", "invented"] : BREACH_KINDS;
    return { toClients: [], toServer };
  }
  const all = {
    toClients: BREACH_KINDS,
    toServer: BREACH_KINDS,
    isLossless: true,
    acknowledges: true,
    ...more,
  };
  if (name === "switchboard-delivery-disk" && /^(reference|delivery)/.test(client)) {
    // A handler that was killed before what it did was on disk runs again.
    return profile.isKilled === true ? { ...all, toServer: ["lost", "invented"] } : all;
  }
  if (name === "switchboard-delivery" && /^(reference|delivery)/.test(client)) {
    if (!profile.losesMemory) return all;
    return { toClients: AT_LEAST_ONCE, toServer: ["lost", "invented"], ...more };
  }
  // A link loses nothing as long as its session lives.
  if (isOurs && client === "switchboard" && !profile.losesMemory) return all;
  if (name === "switchboard-recovery" && client === "stock") {
    const isLossless = !profile.losesMemory;
    return { toClients: BREACH_KINDS, toServer: AT_MOST_ONCE, isLossless, ...more };
  }
  return { toClients: AT_MOST_ONCE, toServer: AT_MOST_ONCE };
}
