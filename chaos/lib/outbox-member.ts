import { fileURLToPath } from "node:url";
import { type Chance, ChaosProxy, ServerProcess } from "switchboard/testing";
import { TYPESCRIPT } from "../../scripts/lib/typescript.mjs";
import type { Board } from "./board.ts";

/** A client of an outbox scene. */
export interface OutboxMemberPlan {
  readonly client: number;
  /** Where its outbox is. */
  readonly folder: string;
  readonly saysPerSecond: number;
  readonly bug: string | undefined;
  /** When it is killed is left to this. */
  readonly chance: Chance;
}

/** How long a process lives before it is killed, and how long there is none then, in milliseconds. */
const LIVES = { least: 300, more: 2000 };
const GONE_MOST = 300;

/** A client with an outbox, behind a network of its own: a process that is killed, and begins anew, again and again. */
export class OutboxMember {
  readonly proxy: ChaosProxy;
  /** What is safe from the end of its process. */
  readonly stored: Set<number> = new Set();
  readonly errors: string[] = [];
  gaps = 0;
  kills = 0;
  readonly #plan: OutboxMemberPlan;
  readonly #board: Board;
  #process: ServerProcess | undefined;

  private constructor(plan: OutboxMemberPlan, board: Board, proxy: ChaosProxy) {
    this.#plan = plan;
    this.#board = board;
    this.proxy = proxy;
  }

  static async start(plan: OutboxMemberPlan, board: Board, serverPort: number): Promise<OutboxMember> {
    const member = new OutboxMember(plan, board, await ChaosProxy.start(serverPort));
    await member.#begin(plan.saysPerSecond);
    return member;
  }

  /** Is killed again and again, by `kill -9`; after the last time, at `endMs`, it says nothing new. */
  async suffer(endMs: number): Promise<void> {
    const { chance, saysPerSecond } = this.#plan;
    for (;;) {
      const livesMs = LIVES.least + chance.fraction() * LIVES.more;
      await sleep(Math.min(livesMs, endMs - performance.now()));
      await this.#process?.kill();
      this.kills += 1;
      await sleep(chance.fraction() * GONE_MOST);
      const isOver = performance.now() >= endMs;
      await this.#begin(isOver ? 0 : saysPerSecond);
      if (isOver) return;
    }
  }

  /** Whether the server has taken all that was stored. */
  get isComplete(): boolean {
    for (const number of this.stored) if (!this.#board.wasTaken(this.#plan.client, number)) return false;
    return true;
  }

  async close(): Promise<void> {
    await Promise.all([this.#process?.kill(), this.proxy.close()]);
  }

  async #begin(saysPerSecond: number): Promise<void> {
    const { client, folder, bug } = this.#plan;
    const plant = new URL("plant.ts", import.meta.url).href;
    const file = fileURLToPath(new URL("outbox-client.ts", import.meta.url));
    const first = this.#board.said(client) + 1;
    const options = bug === undefined ? [] : [`--bug=${bug}`];
    const args = [...options, folder, this.proxy.url, client, first, saysPerSecond].map(String);
    this.#process = await ServerProcess.start(
      { args: [...TYPESCRIPT, "--import", plant, file, ...args], ready: /^ready (\d+)$/ },
      { onLine: (line) => this.#receive(line) },
    );
  }

  #receive(line: string): void {
    const [kind, rest = ""] = line.split(" ", 2);
    if (kind === "say") this.#say(Number(rest));
    else if (kind === "stored") this.stored.add(Number(rest));
    else if (kind === "gap") this.gaps += 1;
    else if (kind !== "ready") this.errors.push(line);
  }

  #say(number: number): void {
    if (this.#board.say(this.#plan.client) !== number) this.errors.push(`${number} is not the next`);
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms));
}
