import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DeliveryChecker, FaultPlayer, LatencyHistogram, SeededRandom } from "switchboard/testing";
import { bugOf } from "../bugs.ts";
import { Board } from "./board.ts";
import { LabServer } from "./lab-server.ts";
import { OutboxMember } from "./outbox-member.ts";
import type { ScenePlan, SceneResult } from "./scene.ts";

/** At the end it is waited for so long for what is kept, in milliseconds. */
const LIMIT_MS = 30_000;
/** Nothing came for so long: nothing more will. */
const QUIET_MS = 8000;
/** When all has come, it is waited for so long for what comes twice. */
const TWICE_MS = 1000;
const LOOK_MS = 50;
/** So many seconds more than planned processes may speak, as they take their time to begin and to be killed. */
const SLOW_S = 60;

/** Runs a scene whose clients are processes that are killed: what they have stored must come to the server, once and in order. */
export async function runOutboxScene(plan: ScenePlan): Promise<SceneResult> {
  const scene = new OutboxScene(plan);
  try {
    return await scene.play();
  } finally {
    await scene.close();
  }
}

class OutboxScene {
  readonly #plan: ScenePlan;
  readonly #board: Board;
  readonly #server: LabServer;
  readonly #members: OutboxMember[] = [];
  readonly #player: FaultPlayer;
  #restarting: Promise<void> = Promise.resolve();
  #folder: string | undefined;

  constructor(plan: ScenePlan) {
    this.#plan = plan;
    const { clients, seconds, profile, serverName: kind, bug, schedule } = plan;
    this.#board = Board.create(clients, Math.ceil((seconds + SLOW_S) * profile.saysPerSecond));
    // What was said and not stored by a process that was killed may come, and need not. The server may be heard of it before its client is.
    const most = this.#board.memory.capacity - 1;
    const program = { kind, ...(isOfClient(bug) ? {} : { bug }) };
    this.#server = new LabServer(program, this.#board, (client) => ({
      sent: () => most,
      wasSent: (number) => this.#members[client]?.stored.has(number) === true,
    }));
    this.#player = new FaultPlayer(schedule, {
      proxy: (client) => this.#members[client]?.proxy,
      restart: ({ signal, forMs }) => {
        this.#restarting = this.#restarting.then(() => this.#restart(signal, forMs));
        // Waited for below.
        this.#restarting.catch(() => {});
      },
    });
  }

  async play(): Promise<SceneResult> {
    const { clients, seconds } = this.#plan;
    this.#folder = await mkdtemp(join(tmpdir(), "switchboard-outbox-"));
    await this.#server.start();
    for (let client = 0; client < clients; client += 1) await this.#open(client, this.#folder);
    this.#player.start();
    const endMs = performance.now() + seconds * 1000;
    await Promise.all(this.#members.map((member) => member.suffer(endMs)));
    this.#player.stop();
    await this.#restarting;
    await this.#settle();
    return this.#result();
  }

  async close(): Promise<void> {
    this.#player.stop();
    await Promise.all([this.#server.close(), ...this.#members.map((member) => member.close())]);
    if (this.#folder !== undefined) await rm(this.#folder, { recursive: true, force: true });
  }

  get #isComplete(): boolean {
    return this.#members.every(({ isComplete }) => isComplete);
  }

  async #settle(): Promise<void> {
    const { quietMs = QUIET_MS } = this.#plan.profile;
    const endMs = performance.now() + LIMIT_MS;
    let [taken, lastMs] = [0, performance.now()];
    while (!this.#isComplete && performance.now() < Math.min(lastMs + quietMs, endMs)) {
      const { published } = this.#board.totals;
      if (published > taken) [taken, lastMs] = [published, performance.now()];
      await sleep(LOOK_MS);
    }
    await sleep(TWICE_MS);
  }

  async #open(client: number, folder: string): Promise<void> {
    const { profile, schedule, bug } = this.#plan;
    // The same schedule gives the same kills.
    const seed = schedule.reduce((sum, { atMs }) => sum + atMs, client);
    const plan = {
      client,
      folder: join(folder, `${client}`),
      saysPerSecond: profile.saysPerSecond,
      bug: isOfClient(bug) ? bug : undefined,
      chance: new SeededRandom(seed),
    };
    this.#members.push(await OutboxMember.start(plan, this.#board, this.#server.port));
  }

  async #restart(signal: "SIGTERM" | "SIGKILL", forMs: number): Promise<void> {
    await this.#server.restart(signal, forMs);
    for (const { proxy } of this.#members) proxy.retarget(this.#server.port);
  }

  #result(): SceneResult {
    const sum = (key: "gaps" | "kills"): number =>
      this.#members.reduce((total, member) => total + member[key], 0);
    const stored = this.#members.reduce((total, member) => total + member.stored.size, 0);
    const none = new LatencyHistogram().counts;
    return {
      said: this.#board.totals.said,
      acknowledged: 0,
      toClients: { ...new DeliveryChecker().verdict(), gaps: sum("gaps") },
      toServer: this.#server.verdict(),
      twice: this.#server.twice,
      returns: none,
      outbox: {
        kills: sum("kills"),
        stored,
        errors: this.#members.flatMap(({ errors }) => errors),
      },
    };
  }
}

function isOfClient(bug: string | undefined): boolean {
  return bug !== undefined && bugOf(bug).file.startsWith("client/");
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms));
}
