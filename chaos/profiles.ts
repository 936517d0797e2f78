import type { FaultChoice, FaultTrack } from "switchboard/testing";

/** A scene's kind: who is there, and what goes wrong. */
export interface Profile {
  readonly name: string;
  /** In a few words. */
  readonly about: string;
  readonly seconds: number;
  readonly clients: number;
  readonly roomSize: number;
  /** What each client says in a second. */
  readonly saysPerSecond: number;
  /** Whether each client has a network of its own; needed for faults of clients. */
  readonly ownNetworks: boolean;
  /** Whether a server ends, and what it had only in memory with it. */
  readonly losesMemory: boolean;
  /** Whether a server is ended by `kill -9`. */
  readonly isKilled?: boolean;
  /** What goes wrong, for so many clients. */
  readonly tracks: (clients: number) => readonly FaultTrack[];
  /** After the last word nothing more is waited for when all are connected and nothing has come for so long, in milliseconds. Default 5,000. */
  readonly quietMs?: number;
  /** Clients are processes with an outbox in a folder, which are killed and begin anew; only what they send is checked. */
  readonly killsClients?: boolean;
  /** The server is replaced by a new one; then it is told how many clients are back. */
  readonly replace?: { readonly atMs: number; readonly signal: "SIGTERM" | "SIGKILL" };
}

const CHAT = { clients: 200, roomSize: 10, saysPerSecond: 2, ownNetworks: true, losesMemory: false };
const REDEPLOY = {
  clients: 1000,
  roomSize: 10,
  saysPerSecond: 0.2,
  seconds: 35,
  ownNetworks: false,
  losesMemory: true,
  tracks: () => [],
};

/** What a network does, none of it for so long that a session is given up for it. */
const NETWORK: readonly FaultChoice[] = [
  { kind: "cut", forMs: [50, 3000], weight: 3 },
  { kind: "black-hole", forMs: [200, 5000], weight: 3 },
  { kind: "delay", delayMs: [20, 300], jitterMs: [0, 200], forMs: [1000, 4000] },
  { kind: "throttle", bytesPerSecond: [5000, 20_000], forMs: [1000, 4000] },
  { kind: "half-close", forMs: 500 },
  { kind: "refuse", forMs: [500, 3000] },
];

/** Faults of each client's network. */
function network(targets: number): FaultTrack {
  return { targets, everyMs: [3000, 8000], choices: NETWORK };
}

/** The server ends and is back a second later, again and again. */
function restarts(
  everyMs: readonly [number, number],
  signals: readonly ("SIGTERM" | "SIGKILL")[],
  forMs: readonly [number, number] = [200, 2000],
): FaultTrack {
  return { targets: "server", everyMs, choices: [{ kind: "restart", signal: signals, forMs }] };
}

const SMALL = { clients: 40, roomSize: 20, saysPerSecond: 10, ownNetworks: true, seconds: 4, quietMs: 1500 };

/** All in one room: much is delivered for each word. */
const CROWD = { clients: 80, roomSize: 80, saysPerSecond: 6, ownNetworks: true, seconds: 15 };

/** What is safe must come, whoever is killed. */
const OUTBOX = {
  clients: 8,
  roomSize: 1,
  saysPerSecond: 50,
  ownNetworks: true,
  seconds: 10,
  killsClients: true,
};

const LIST: readonly Profile[] = [
  {
    name: "jitter",
    about: "each client is cut every 15 s, for 2 s",
    ...CHAT,
    seconds: 60,
    tracks: (targets) => [
      { targets, everyMs: [14_000, 16_000], choices: [{ kind: "cut", how: ["reset"], forMs: 2000 }] },
    ],
  },
  {
    name: "faults",
    about: "all that a network can do to each client, every 3 to 8 s",
    ...CHAT,
    seconds: 60,
    tracks: (clients) => [network(clients)],
  },
  {
    name: "restart",
    about: "the server is told to end every 8 to 12 s, and is back 1 s later",
    ...CHAT,
    losesMemory: true,
    seconds: 40,
    tracks: () => [restarts([8000, 12_000], ["SIGTERM"])],
  },
  {
    name: "kill",
    about: "the same by `kill -9`",
    ...CHAT,
    losesMemory: true,
    isKilled: true,
    seconds: 40,
    tracks: () => [restarts([8000, 12_000], ["SIGKILL"])],
  },
  {
    name: "random",
    about: "faults, restart and kill together, the server every 20 to 40 s",
    ...CHAT,
    losesMemory: true,
    isKilled: true,
    seconds: 120,
    tracks: (clients) => [network(clients), restarts([20_000, 40_000], ["SIGTERM", "SIGKILL"])],
  },
  {
    name: "redeploy",
    about: "a new server takes over, the old one is told to end",
    ...REDEPLOY,
    replace: { atMs: 5000, signal: "SIGTERM" },
  },
  {
    name: "redeploy-kill",
    about: "a new server takes over, the old one ends at once",
    ...REDEPLOY,
    isKilled: true,
    replace: { atMs: 5000, signal: "SIGKILL" },
  },
  {
    name: "crowd",
    about: "all in one room, and all that a network can do to them; for the long run",
    ...CROWD,
    losesMemory: false,
    tracks: (clients) => [network(clients)],
  },
  {
    name: "crowd-restart",
    about: "the same, and the server is told to end every 4 to 6 s",
    ...CROWD,
    losesMemory: true,
    tracks: (clients) => [network(clients), restarts([4000, 6000], ["SIGTERM"], [200, 1000])],
  },
  {
    name: "crowd-kill",
    about: "the same by `kill -9`",
    ...CROWD,
    losesMemory: true,
    isKilled: true,
    tracks: (clients) => [network(clients), restarts([4000, 6000], ["SIGKILL"], [200, 1000])],
  },
  {
    name: "outbox",
    about: "clients with an outbox in a file; their processes are killed, their networks fail",
    ...OUTBOX,
    losesMemory: false,
    tracks: (clients) => [network(clients)],
  },
  {
    name: "outbox-kill",
    about: "the same, and the server is killed every 3 to 5 s",
    ...OUTBOX,
    losesMemory: true,
    isKilled: true,
    tracks: (clients) => [network(clients), restarts([3000, 5000], ["SIGKILL"], [100, 500])],
  },
  {
    name: "small",
    about: "few clients that say much and are cut all the time, for tests",
    ...SMALL,
    losesMemory: false,
    tracks: (targets) => [
      {
        targets,
        everyMs: [700, 2000],
        choices: [
          { kind: "cut", forMs: [20, 400], weight: 4 },
          { kind: "black-hole", forMs: [100, 600] },
          { kind: "half-close", forMs: 200 },
          { kind: "delay", delayMs: [5, 100], jitterMs: [0, 50], forMs: [200, 600] },
        ],
      },
    ],
  },
  {
    name: "small-cuts",
    about: "the same with cuts alone",
    ...SMALL,
    losesMemory: false,
    tracks: (targets) => [{ targets, everyMs: [1000, 3000], choices: [{ kind: "cut", forMs: [20, 400] }] }],
  },
  {
    name: "small-kill",
    about: "few clients and a server that is killed once, for tests",
    ...SMALL,
    losesMemory: true,
    isKilled: true,
    tracks: () => [restarts([1500, 1500], ["SIGKILL"], [200, 500])],
  },
];

/** The profiles by name. */
export const PROFILES: ReadonlyMap<string, Profile> = new Map(LIST.map((profile) => [profile.name, profile]));

/** The profile of that name; throws for a name that is none. */
export function profileOf(name: string): Profile {
  const profile = PROFILES.get(name);
  if (profile !== undefined) return profile;
  throw new Error(`There is no profile "${name}"; there are ${[...PROFILES.keys()].join(", ")}.`);
}
