import { besideAnother } from "../lib/bystander.ts";
import { type Choice, choose } from "../lib/choose.ts";
import { type CaseResult, makeReport, type Report } from "../lib/report.ts";
import { type Attempt, inParallel, runCase } from "../lib/run-case.ts";
import { Unexpected } from "../lib/verdict.ts";
import { type Address, parseHttpAddress } from "../lib/wire/stream.ts";
import type { Case } from "./case.ts";
import { cases } from "./cases/index.ts";
import { Disturbed } from "./disturbed.ts";
import type { Settings } from "./settings.ts";
import { Visit } from "./visit.ts";

export interface EngineSuiteOptions extends Settings, Choice {
  /** Cases side by side. Default: 16. */
  concurrency?: number | undefined;
  /** Multiplies the time limit of every case, and how late a deadline may show, for slow machines. Default: 1. */
  timeScale?: number | undefined;
  /** Hears each result as it comes. */
  onResult?: ((result: CaseResult) => void) | undefined;
}

/** How often a case is tried beside others, and then alone, when the heartbeat may have come across it. */
const TRIES = { beside: 1, alone: 4 };

/**
 * Tests the Engine.IO server at an `http://` URL, which names its path. It must echo every message as it came. Its
 * intervals and its limit are taken from what it says at the handshake; with intervals of some hundred milliseconds
 * the heartbeat is tested too. Never rejects because of what the server does.
 *
 * @example
 * const report = await runEngineSuite("http://127.0.0.1:3000/engine.io/", { groups: ["upgrade"] });
 * console.log(report.totals.fail);
 */
export async function runEngineSuite(url: string, options: EngineSuiteOptions = {}): Promise<Report> {
  const started = performance.now();
  const address = parseHttpAddress(url);
  const chosen = choose(cases, options);
  const results = new Map<string, CaseResult>();
  const disturbed: Case[] = [];
  const run = async (one: Case, alone: boolean): Promise<void> => {
    const tried = attempt(one, address, options, alone ? TRIES.alone : TRIES.beside);
    const result = await runCase(one, tried, options.timeScale);
    if (tried.disturbed && !alone) return void disturbed.push(one);
    results.set(one.id, result);
    options.onResult?.(result);
  };
  const jobs = (timed: boolean): (() => Promise<void>)[] =>
    chosen.filter((one) => (one.timed ?? false) === timed).map((one) => () => run(one, false));
  await inParallel(options.concurrency ?? 16, jobs(true));
  await inParallel(options.concurrency ?? 16, jobs(false));
  for (const one of disturbed) await run(one, true);
  const inOrder = chosen.map(({ id }) => results.get(id)!);
  return makeReport(url, inOrder, performance.now() - started);
}

interface Tried extends Attempt {
  /** The heartbeat may have come across every try, so that the verdict says little. */
  readonly disturbed: boolean;
}

/** One case with another session beside it, tried until the heartbeat has no part in a failure. */
function attempt(one: Case, address: Address, options: EngineSuiteOptions, mostTries: number): Tried {
  const begin = (): Visit => new Visit(address, options, options.timeScale ?? 1);
  let visit = begin();
  let over = false;
  let disturbed = false;
  return {
    get disturbed() {
      return disturbed;
    },
    async run() {
      for (let tries = 1; ; tries++) {
        try {
          const current = visit;
          return await besideAnother(
            () => enterBystander(current),
            () => one.run(current),
          );
        } catch (error) {
          const byHeartbeat =
            error instanceof Disturbed || (error instanceof Unexpected && visit.mayBePinged);
          if (!byHeartbeat || over) throw error;
          disturbed = tries === mostTries;
          if (disturbed) throw asUnexpected(error);
          visit.destroy();
          visit = begin();
        }
      }
    },
    giveUp(afterMs) {
      disturbed = visit.mayBePinged;
      return visit.giveUp(afterMs);
    },
    destroy() {
      over = true;
      visit.destroy();
    },
  };
}

function asUnexpected(error: Error): Unexpected {
  if (error instanceof Unexpected) return error;
  return new Unexpected("a course without a heartbeat in it", error.message);
}

async function enterBystander(visit: Visit): Promise<(message: string) => Promise<void>> {
  const { socket } = await visit.openSocket();
  await socket.echo("before the case");
  return (message) => socket.echo(message);
}
