import {
  type DeliveryVerdict,
  FaultPlayer,
  type FaultSchedule,
  LatencyHistogram,
  type LatencyCounts,
  mergeVerdicts,
} from "switchboard/testing";
import type { DrainOptions } from "switchboard";
import type { Profile } from "../profiles.ts";
import { serverOf } from "../servers.ts";
import { Board } from "./board.ts";
import { assertFiles } from "./file-limit.ts";
import { type Handover, LabServer } from "./lab-server.ts";
import { type LoadReport, roomOf } from "./load-group.ts";
import { LoadThread } from "./load-thread.ts";
import { lastingPort } from "./ports.ts";

/** After the last word, as long as something still comes, but not longer than the limit. */
const SETTLE = { quietMs: 5000, limitMs: 30_000 } as const;
/** What connecting all and everything around may take beside the scene itself and its settling. */
const MARGIN_MS = 90_000;
/** From so many clients on it is looked whether this process may have enough files open: each has one, and where there is a network its line two more, and a network of its own another. */
const MANY = 1000;
/** The answer to CONNECT does not wait until the seat is on disk: one that was given just before a `kill -9` is lost, and told as a gap. */
const SEATED_MS = 500;
/** How often it is told how far the scene is. */
const PROGRESS_MS = 5000;

/** What is to be run. */
export interface ScenePlan {
  readonly profile: Profile;
  readonly serverName: string;
  readonly clientName: string;
  readonly clients: number;
  readonly seconds: number;
  readonly threads: number;
  readonly schedule: FaultSchedule;
  /** The bug that the server is to have. */
  readonly bug?: string;
  /** How a server is emptied that is told to end. Default: it is closed at once. */
  readonly drain?: DrainOptions;
  /** Told every few seconds how far the scene is. */
  readonly onProgress?: (progress: SceneProgress) => void;
}

/** How far a scene is. */
export interface SceneProgress {
  readonly seconds: number;
  readonly said: number;
  readonly taken: number;
  readonly received: number;
  readonly live: number;
}

/** What a scene came to. */
export interface SceneResult {
  /** What all clients have said. */
  readonly said: number;
  readonly acknowledged: number;
  /** How many values were left out, as newer ones came; undefined: none may be. */
  readonly leftOut?: number;
  /** What came to clients. */
  readonly toClients: DeliveryVerdict;
  /** What came to the server. */
  readonly toServer: DeliveryVerdict;
  /** How often a socket came while another with its id was still there. */
  readonly twice: number;
  /** From when the network was good again, or the server back, until a client was connected. */
  readonly returns: LatencyCounts;
  /** If clients were processes with an outbox. */
  readonly outbox?: OutboxResult;
  /** If the server was replaced. */
  readonly replacement?: Replacement;
}

/** How outboxes have come through the end of their processes. */
export interface OutboxResult {
  /** How many processes were killed. */
  readonly kills: number;
  /** How many events were safe. */
  readonly stored: number;
  /** What stores and clients had to complain of. */
  readonly errors: readonly string[];
}

/** How clients have come through the replacement of a server. */
export interface Replacement extends Handover {
  readonly clients: number;
  /** When each was back with the new one, in milliseconds since the old one was told to end; in order. Those that are not back have none. */
  readonly backMs: readonly number[];
  /** How long each was away. */
  readonly absences: LatencyCounts;
}

/** Runs a scene: a server as a program, clients in threads. Ends by itself, and leaves nothing; rejects if it takes too long. */
export async function runScene(plan: ScenePlan): Promise<SceneResult> {
  const scene = new Scene(plan);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    const limitMs = plan.seconds * 1000 + SETTLE.limitMs + MARGIN_MS;
    timer = setTimeout(() => reject(new Error(`The scene did not end within ${limitMs} ms.`)), limitMs);
  });
  try {
    return await Promise.race([scene.play(), late]);
  } finally {
    clearTimeout(timer);
    await scene.close();
  }
}

class Scene {
  readonly #plan: ScenePlan;
  readonly #board: Board;
  readonly #server: LabServer;
  #threads: LoadThread[] = [];
  #restarting: Promise<void> = Promise.resolve();
  #player: FaultPlayer | undefined;
  #reporter: ReturnType<typeof setInterval> | undefined;

  constructor(plan: ScenePlan) {
    this.#plan = plan;
    const { clients, seconds, profile, serverName: kind, bug, drain } = plan;
    this.#board = Board.create(clients, Math.ceil(seconds * profile.saysPerSecond) + 100);
    this.#server = new LabServer({ kind, bug, drain }, this.#board);
  }

  async play(): Promise<SceneResult> {
    const { schedule, seconds, profile } = this.#plan;
    const { clients } = this.#plan;
    if (clients >= MANY) assertFiles(clients * (profile.ownNetworks ? 4 : this.#isDirect ? 1 : 3));
    // They load what they need while the server does.
    this.#threads = this.#groups().map((members) => this.#thread(members));
    await this.#server.start(this.#isDirect ? await lastingPort() : undefined);
    await this.#all((thread) => thread.open(this.#server.port));
    if (profile.isKilled === true) await sleep(SEATED_MS);
    this.#player = new FaultPlayer(schedule, {
      proxy: () => undefined,
      restart: ({ signal, forMs }) => {
        this.#restarting = this.#restarting.then(() => this.#restart(signal, forMs));
        // Waited for below.
        this.#restarting.catch(() => {});
      },
    });
    await this.#all((thread) => thread.start());
    this.#player.start();
    const startMs = performance.now();
    this.#reporter = setInterval(() => void this.#report(startMs), PROGRESS_MS);
    const ended = sleep(seconds * 1000);
    const handover = profile.replace === undefined ? undefined : await this.#replace(profile.replace);
    await ended;
    this.#player.stop();
    await this.#restarting;
    await this.#all((thread) => thread.calm());
    await this.#all((thread) => thread.settle({ ...SETTLE, quietMs: profile.quietMs ?? SETTLE.quietMs }));
    const reports = await this.#all((thread) => thread.report());
    return {
      said: this.#board.totals.said,
      acknowledged: reports.reduce((sum, { acknowledged }) => sum + acknowledged, 0),
      ...(this.#isLatestOnly && { leftOut: reports.reduce((sum, { leftOut }) => sum + leftOut, 0) }),
      toClients: mergeVerdicts(reports.map(({ verdict }) => verdict)),
      toServer: this.#server.verdict(),
      twice: this.#server.twice,
      returns: merge(reports.map(({ returns }) => returns)),
      ...(handover !== undefined && { replacement: { clients, ...replacementOf(reports), ...handover } }),
    };
  }

  async close(): Promise<void> {
    this.#player?.stop();
    clearInterval(this.#reporter);
    await Promise.all([this.#server.close(), ...this.#threads.map((thread) => thread.terminate())]);
  }

  get #isLatestOnly(): boolean {
    return serverOf(this.#plan.serverName).isLatestOnly === true;
  }

  /** Where servers take the place of each other on one port, nothing else is needed to find them. */
  get #isDirect(): boolean {
    const { ownNetworks, replace } = this.#plan.profile;
    return !ownNetworks && replace !== undefined && this.#server.isAlone;
  }

  #groups(): number[][] {
    const { clients, threads } = this.#plan;
    const groups = Array.from({ length: Math.min(threads, clients) }, (): number[] => []);
    for (let client = 0; client < clients; client += 1) groups[client % groups.length]!.push(client);
    return groups;
  }

  #thread(members: readonly number[]): LoadThread {
    const { profile, clientName, schedule } = this.#plan;
    const { roomSize, saysPerSecond, ownNetworks } = profile;
    return new LoadThread({
      clientName,
      members: members.map((client) => ({ client, room: roomOf(client, roomSize) })),
      roomSize,
      saysPerSecond,
      ownNetworks,
      isLatestOnly: this.#isLatestOnly,
      isDirect: this.#isDirect,
      schedule,
      board: this.#board.memory,
    });
  }

  #all<Result>(ask: (thread: LoadThread) => Promise<Result>): Promise<Result[]> {
    return Promise.all(this.#threads.map(ask));
  }

  async #restart(signal: "SIGTERM" | "SIGKILL", forMs: number): Promise<void> {
    await this.#server.restart(signal, forMs);
    await this.#all((thread) => thread.retarget(this.#server.port));
  }

  async #replace({ atMs, signal }: NonNullable<Profile["replace"]>): Promise<Handover> {
    await sleep(atMs);
    return this.#server.replace(signal, {
      onLeaving: () => this.#all((thread) => thread.expectReturns()),
      onReady: (port) => this.#all((thread) => thread.retarget(port)),
    });
  }

  async #progress(): Promise<{ readonly received: number; readonly live: number }> {
    const all = await this.#all((thread) => thread.progress());
    const sum = (key: "received" | "live"): number => all.reduce((total, one) => total + one[key], 0);
    return { received: sum("received"), live: sum("live") };
  }

  async #report(startMs: number): Promise<void> {
    try {
      const { said, published: taken } = this.#board.totals;
      const seconds = Math.round((performance.now() - startMs) / 1000);
      this.#plan.onProgress?.({ seconds, said, taken, ...(await this.#progress()) });
    } catch {
      // Whoever waits for the scene hears why.
    }
  }
}

function replacementOf(reports: readonly LoadReport[]): Pick<Replacement, "backMs" | "absences"> {
  return {
    backMs: reports.flatMap(({ backMs }) => backMs).toSorted((one, other) => one - other),
    absences: merge(reports.map(({ absences }) => absences)),
  };
}

function merge(all: readonly LatencyCounts[]): LatencyCounts {
  const histogram = new LatencyHistogram();
  for (const counts of all) histogram.merge(counts);
  return histogram.counts;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms));
}
