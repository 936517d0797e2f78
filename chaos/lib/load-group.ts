import {
  ChaosProxy,
  DeliveryChecker,
  type DeliveryReader,
  type DeliverySource,
  type DeliveryStream,
  type DeliveryVerdict,
  FaultPlayer,
  type FaultSchedule,
  LatencyHistogram,
  type LatencyCounts,
} from "switchboard/testing";
import { Board, type BoardMemory } from "./board.ts";
import { LatestChecker, type LatestReader } from "./latest-checker.ts";
import type { ClientKind, LabClient, Who } from "./target.ts";

/** So many connect at a time. */
const CONNECT_AT_A_TIME = 25;
/** How often it is looked who has something to say, in milliseconds. */
const TICK_MS = 10;
/** How often it is looked whether all has come. */
const LOOK_MS = 50;

/** What a group is made with. */
export interface LoadPlan {
  readonly kind: ClientKind;
  /** Those of this group. */
  readonly members: readonly Who[];
  readonly roomSize: number;
  readonly saysPerSecond: number;
  readonly schedule: FaultSchedule;
  /** Whether of what is said to a room older values may be left out. */
  readonly isLatestOnly?: boolean;
  /** Whether each client has a network of its own. Only then can faults come to clients; it costs a port for each. */
  readonly ownNetworks: boolean;
  /** What all clients have said, shared by all groups of a scene: members of a room may be in other groups. */
  readonly board: BoardMemory;
}

/** What a group has seen. */
export interface LoadReport {
  readonly verdict: DeliveryVerdict;
  /** From when the network was good again, or the server back, until a client was connected. */
  readonly returns: LatencyCounts;
  readonly acknowledged: number;
  /** How many values were left out, as newer ones came. */
  readonly leftOut: number;
  /** When each client was back with the server that took the place of another, in milliseconds since the old one was told to end. Those that are not back have none. */
  readonly backMs: readonly number[];
  /** How long clients were away from then on. */
  readonly absences: LatencyCounts;
}

/** How far a group is. */
export interface LoadProgress {
  readonly received: number;
  readonly live: number;
}

/** When to stop waiting for what is under way. */
export interface SettleLimits {
  /** Nothing came for so long, although all are connected: nothing more will. */
  readonly quietMs: number;
  /** At most. */
  readonly limitMs: number;
}

interface Member {
  readonly who: Who;
  readonly proxy: ChaosProxy;
  readonly reader: DeliveryReader;
  readonly heard: DeliveryStream;
  /** If older values may be left out. */
  readonly latest: LatestReader | undefined;
  client: LabClient | undefined;
  isLive: boolean;
  wasLive: boolean;
  /** A line is there since it was live. */
  isReturning: boolean;
  /** When the network was good again, or the server back, and the client was not there yet. */
  backMs: number | undefined;
  /** Since when it is away, and since when it is back, after the server was replaced. */
  awayMs: number | undefined;
  returnedMs: number | undefined;
  nextSayMs: number;
}

/** Some clients of a scene, each behind a network of its own, and a checker of what they get. */
export class LoadGroup {
  readonly #plan: LoadPlan;
  readonly #board: Board;
  readonly #checker = new DeliveryChecker();
  readonly #latest: LatestChecker | undefined;
  readonly #returns = new LatencyHistogram();
  readonly #streams: DeliveryStream[];
  readonly #members = new Map<number, Member>();
  readonly #player: FaultPlayer;
  #ticker: ReturnType<typeof setInterval> | undefined;
  #acknowledged = 0;
  #liveCount = 0;
  /** When the server was told to end, as another takes its place. */
  #replacedMs: number | undefined;
  readonly #absences = new LatencyHistogram();
  #received = 0;
  #shared: ChaosProxy | undefined;
  #onAllLive: (() => void) | undefined;

  constructor(plan: LoadPlan) {
    this.#plan = plan;
    const board = new Board(plan.board);
    this.#board = board;
    if (plan.isLatestOnly === true) this.#latest = new LatestChecker(board);
    this.#streams = Array.from({ length: board.clients }, (_, client) =>
      this.#checker.stream(`${client} to its room`, this.#sourceOf(client)),
    );
    this.#player = new FaultPlayer(plan.schedule, {
      proxy: (target) => this.#members.get(target)?.proxy,
      onFault: (fault, isOver) => {
        const member = this.#members.get(Number(fault.target));
        if (fault.kind !== "cut" || member === undefined) return;
        member.isReturning = false;
        if (isOver) this.#expect(member);
      },
    });
  }

  /** How many are connected. */
  get liveCount(): number {
    return this.#liveCount;
  }

  get progress(): LoadProgress {
    return { received: this.#received, live: this.liveCount };
  }

  /** Connects all to the server on that port, some at a time. */
  async open(serverPort: number): Promise<void> {
    const { kind, members, ownNetworks } = this.#plan;
    await kind.load?.();
    if (!ownNetworks) this.#shared = await ChaosProxy.start(serverPort);
    for (let at = 0; at < members.length; at += CONNECT_AT_A_TIME) {
      await Promise.all(members.slice(at, at + CONNECT_AT_A_TIME).map((who) => this.#open(who, serverPort)));
      await this.#allLive();
    }
  }

  /** Faults begin, and clients speak. */
  start(): void {
    const pauseMs = 1000 / this.#plan.saysPerSecond;
    const nowMs = performance.now();
    for (const [index, member] of [...this.#members.values()].entries()) {
      member.nextSayMs = nowMs + (pauseMs * index) / this.#members.size;
    }
    this.#player.start();
    this.#ticker = setInterval(() => this.#tick(pauseMs), TICK_MS);
  }

  /** The clients are silent, and every network is good again. */
  calm(): void {
    clearInterval(this.#ticker);
    this.#player.stop();
    for (const member of this.#members.values()) {
      member.client?.calm?.();
      this.#expect(member);
    }
  }

  /** New lines go to a server on another port, which is there now. */
  retarget(port: number): void {
    for (const member of this.#members.values()) {
      member.proxy.retarget(port);
      this.#expect(member);
    }
  }

  /** The server is about to be told to end: from now on it counts when each client is back with the one that takes its place. */
  expectReturns(): void {
    this.#replacedMs = performance.now();
  }

  /** Cuts all lines at once. */
  cut(): void {
    for (const { proxy } of this.#members.values()) proxy.cut();
  }

  /** Waits until everything has come, or nothing more will. Nobody may speak any more, in any group. */
  async settle({ quietMs, limitMs }: SettleLimits): Promise<void> {
    const startMs = performance.now();
    let lastMs = startMs;
    let before = "";
    for (;;) {
      const nowMs = performance.now();
      const { said, published } = this.#board.totals;
      const now = `${published} ${this.#received} ${this.#acknowledged} ${this.liveCount}`;
      if (now !== before) lastMs = nowMs;
      before = now;
      const isAllHere = this.liveCount === this.#members.size;
      // A client that takes its time to come back may still have something to say.
      if (isAllHere && nowMs - lastMs >= quietMs) return;
      const isAllTaken = said === published && this.#acknowledged >= this.#saidHere;
      if (isAllHere && isAllTaken && this.#checker.isComplete && (this.#latest?.isComplete ?? true)) return;
      if (nowMs - startMs >= limitMs) return;
      await new Promise((resolve) => void setTimeout(resolve, LOOK_MS));
    }
  }

  report(): LoadReport {
    for (const { reader, latest, isLive } of this.#members.values()) {
      reader.isAway = !isLive;
      if (latest !== undefined) latest.isAway = !isLive;
    }
    const verdict = this.#checker.verdict();
    return {
      verdict: this.#latest?.addTo(verdict) ?? verdict,
      leftOut: this.#latest?.leftOut ?? 0,
      returns: this.#returns.counts,
      acknowledged: this.#acknowledged,
      backMs: [...this.#members.values()].flatMap(({ returnedMs }) => returnedMs ?? []),
      absences: this.#absences.counts,
    };
  }

  async close(): Promise<void> {
    clearInterval(this.#ticker);
    this.#player.stop();
    for (const { client } of this.#members.values()) client?.close();
    await Promise.all([...this.#members.values()].map(({ proxy }) => proxy.close()));
    await this.#shared?.close();
  }

  /** What the members of this group have said. */
  get #saidHere(): number {
    let said = 0;
    for (const client of this.#members.keys()) said += this.#board.said(client);
    return said;
  }

  #sourceOf(client: number): DeliverySource {
    const board = this.#board;
    return {
      sent: () => board.said(client),
      published: () => board.published(client),
      wasSent: (number) => board.wasTaken(client, number),
    };
  }

  async #open(who: Who, serverPort: number): Promise<void> {
    const { kind, roomSize } = this.#plan;
    const reader = this.#checker.reader(`client ${who.client}`);
    const heard = this.#checker.stream(`answers to ${who.client}`, this.#sourceOf(who.client));
    reader.join(heard, 1);
    const first = who.room * roomSize;
    const end = Math.min(first + roomSize, this.#board.clients);
    const latest = this.#latest?.reader(`client ${who.client}`, first, end - first);
    if (latest === undefined) {
      for (let client = first; client < end; client += 1) reader.join(this.#streams[client]!, 1);
    }
    const onLine = (): void => this.#return(member);
    const member: Member = {
      who,
      proxy: this.#shared ?? (await ChaosProxy.start(serverPort, { onLine })),
      reader,
      heard,
      latest,
      client: undefined,
      isLive: false,
      wasLive: false,
      isReturning: false,
      backMs: undefined,
      awayMs: undefined,
      returnedMs: undefined,
      nextSayMs: 0,
    };
    this.#members.set(who.client, member);
    member.client = kind.connect(member.proxy.url, who, {
      onLive: (isLive) => this.#live(member, isLive),
      onSaid: (client, number) => {
        this.#received += 1;
        if (latest !== undefined) return latest.receive(client, number);
        // Who is in another room, or nobody at all, is a stream that the reader has not joined.
        reader.receive(this.#streams[client] ?? this.#checker.stream("nobody"), number);
      },
      onHeard: (number) => {
        this.#received += 1;
        reader.receive(heard, number);
      },
      onAck: () => void (this.#acknowledged += 1),
      onGap: () => reader.gap(),
    });
  }

  /** It has reached the server's address again: from now on it can catch up. */
  #return(member: Member): void {
    if (member.isLive || member.isReturning || !member.wasLive) return;
    member.isReturning = true;
    member.reader.back();
  }

  #live(member: Member, isLive: boolean): void {
    if (member.isLive === isLive) return;
    // With a network for all, nobody knows whose a line is.
    if (isLive) this.#return(member);
    member.isLive = isLive;
    member.isReturning = false;
    this.#liveCount += isLive ? 1 : -1;
    if (this.#replacedMs !== undefined) this.#countReturn(member, this.#replacedMs);
    if (!isLive) return;
    member.wasLive = true;
    if (member.backMs !== undefined) this.#returns.add(performance.now() - member.backMs);
    member.backMs = undefined;
    if (this.liveCount === this.#members.size) this.#onAllLive?.();
  }

  #countReturn(member: Member, replacedMs: number): void {
    const nowMs = performance.now();
    if (member.isLive && member.awayMs !== undefined) this.#absences.add(nowMs - member.awayMs);
    member.awayMs = member.isLive ? undefined : nowMs;
    member.returnedMs = member.isLive ? nowMs - replacedMs : undefined;
  }

  /** Nothing stands between the client and the server any more. */
  #expect(member: Member): void {
    member.backMs = member.isLive ? undefined : performance.now();
  }

  #allLive(): Promise<void> {
    if (this.liveCount === this.#members.size) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onAllLive = resolve;
    });
  }

  #tick(pauseMs: number): void {
    const nowMs = performance.now();
    for (const member of this.#members.values()) {
      if (member.nextSayMs > nowMs) continue;
      member.nextSayMs += pauseMs;
      // It counts as said before anybody can get it, in whatever thread.
      const number = this.#board.say(member.who.client);
      if (number !== undefined) member.client?.say(number);
    }
  }
}

/** Rooms are filled one after the other. */
export function roomOf(client: number, roomSize: number): number {
  return Math.floor(client / roomSize);
}
