import { type Choice, choose } from "../lib/choose.ts";
import type { Case, SessionCase, Settings } from "./case.ts";
import { cases } from "./cases/index.ts";
import { Door } from "./door.ts";
import { type CaseResult, makeReport, type Report } from "../lib/report.ts";
import { type Attempt, inParallel, runCase } from "../lib/run-case.ts";
import { NotApplicable, Unexpected } from "../lib/verdict.ts";
import { type Address, parseAddress } from "../lib/wire/stream.ts";

export interface SuiteOptions extends Settings, Choice {
  /** Cases side by side. Default: 16. */
  concurrency?: number | undefined;
  /** Multiplies the time limit of every case, for slow machines. Default: 1. */
  timeScale?: number | undefined;
  /** Count it as a failure when permessage-deflate is not negotiated. Default: false. */
  requireDeflate?: boolean | undefined;
  /** Hears each result as it comes. */
  onResult?: ((result: CaseResult) => void) | undefined;
}

export interface ServerSuiteOptions extends SuiteOptions {
  /** Accept any TLS certificate. Default: false. */
  insecure?: boolean | undefined;
}

/** So many heavy cases run side by side: each may hold several copies of 16 MiB. */
const HEAVY_CONCURRENCY = 2;

/**
 * Tests the echo server at a `ws://` or `wss://` URL: it must return text as text and binary as binary, and take
 * messages of 16 MiB unless `maxPayloadBytes` says otherwise. Never rejects because of what the server does.
 *
 * @example
 * const report = await runServerSuite("ws://127.0.0.1:9001", { groups: ["utf8"] });
 * console.log(report.totals.fail);
 */
export async function runServerSuite(url: string, options: ServerSuiteOptions = {}): Promise<Report> {
  const started = performance.now();
  const address = parseAddress(url, options.insecure ?? false);
  const chosen = chooseCases("server", options);
  const results = new Map<string, CaseResult>();
  const jobs = (heavy: boolean): (() => Promise<void>)[] =>
    chosen
      .filter((one) => (one.heavy ?? false) === heavy)
      .map((one) => async () => {
        const result = await runCase(one, attempt(one, address, options), options.timeScale);
        results.set(one.id, result);
        options.onResult?.(result);
      });
  await inParallel(options.concurrency ?? 16, jobs(false));
  await inParallel(HEAVY_CONCURRENCY, jobs(true));
  const inOrder = chosen.map(({ id }) => results.get(id)!);
  return makeReport(url, inOrder, performance.now() - started);
}

/** The cases for one kind of endpoint, narrowed by the options. */
export function chooseCases(tested: "server" | "client", options: SuiteOptions): Case[] {
  const other = tested === "server" ? "client-handshake" : "server-handshake";
  return choose(cases, options).filter(({ kind }) => kind !== other);
}

/** What stands against running a session case at all. */
export function checkSettings({ largestBytes = 0 }: SessionCase, { maxPayloadBytes }: Settings): void {
  if (maxPayloadBytes !== undefined && largestBytes > maxPayloadBytes) {
    throw new NotApplicable(`its message of ${largestBytes} bytes is over the server's limit`);
  }
}

/** Thrown when the other side did not negotiate what the case is about. */
export function declined({ optional }: SessionCase, { requireDeflate }: SuiteOptions, words: string): Error {
  if (requireDeflate && !optional) return new Unexpected("permessage-deflate negotiated", words);
  return new NotApplicable(words);
}

function attempt(one: Case, address: Address, options: ServerSuiteOptions): Attempt {
  const door = new Door(address);
  return {
    async run() {
      if (one.kind === "server-handshake") return one.run(door);
      if (one.kind === "client-handshake") throw new NotApplicable("it tests clients");
      checkSettings(one, options);
      const peer = await door.enter({}, one.wish ? [one.wish] : []);
      if (one.wish && !peer.negotiated)
        throw declined(one, options, "the server declined permessage-deflate");
      peer.timeScale = options.timeScale ?? 1;
      return one.run(peer, options);
    },
    giveUp: (afterMs) => door.giveUp(afterMs),
    destroy: () => door.destroy(),
  };
}
