import { besideAnother } from "../lib/bystander.ts";
import { type Choice, choose } from "../lib/choose.ts";
import { type CaseResult, makeReport, type Report } from "../lib/report.ts";
import { type Attempt, inParallel, runCase } from "../lib/run-case.ts";
import { type Address, parseHttpAddress } from "../lib/wire/stream.ts";
import { Visit } from "../engine/visit.ts";
import type { Case } from "./case.ts";
import { cases } from "./cases/index.ts";
import { Client } from "./client.ts";
import { Scene } from "./scene.ts";
import type { Settings } from "./settings.ts";

export interface SocketSuiteOptions extends Settings, Choice {
  /** Cases side by side. Default: 16. */
  concurrency?: number | undefined;
  /** Multiplies the time limit of every case, for slow machines. Default: 1. */
  timeScale?: number | undefined;
  /** Hears each result as it comes. */
  onResult?: ((result: CaseResult) => void) | undefined;
}

/**
 * Tests the Socket.IO server at an `http://` URL, which names its path. The server must do what the README asks of it.
 * Never rejects because of what the server does.
 *
 * @example
 * const report = await runSocketSuite("http://127.0.0.1:3000/socket.io/", { groups: ["rooms"] });
 * console.log(report.totals.fail);
 */
export async function runSocketSuite(url: string, options: SocketSuiteOptions = {}): Promise<Report> {
  const started = performance.now();
  const address = parseHttpAddress(url);
  const chosen = choose(cases, options);
  const results = new Map<string, CaseResult>();
  const jobs = (alone: boolean): (() => Promise<void>)[] =>
    chosen
      .filter((one) => (one.alone ?? false) === alone)
      .map((one) => async () => {
        const result = await runCase(one, attempt(one, address, options), options.timeScale);
        results.set(one.id, result);
        options.onResult?.(result);
      });
  await inParallel(options.concurrency ?? 16, jobs(false));
  await inParallel(1, jobs(true));
  const inOrder = chosen.map(({ id }) => results.get(id)!);
  return makeReport(url, inOrder, performance.now() - started);
}

/** One case with another session beside it, which must still echo when the case is over. */
function attempt(one: Case, address: Address, options: SocketSuiteOptions): Attempt {
  const visit = new Visit(address, {}, options.timeScale ?? 1);
  return {
    run: () =>
      besideAnother(
        () => enterBystander(visit),
        () => one.run(new Scene(visit, one.transport, options)),
      ),
    giveUp: (afterMs) => visit.giveUp(afterMs),
    destroy: () => visit.destroy(),
  };
}

async function enterBystander(visit: Visit): Promise<(message: string) => Promise<void>> {
  const client = await Client.open(visit, "websocket");
  await client.connect();
  return (message) => client.echo("/", message);
}
