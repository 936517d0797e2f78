import { Worker } from "node:worker_threads";
import type { LoadProgress, LoadReport, SettleLimits } from "./load-group.ts";
import type { Order, WorkerPlan } from "./load-worker.ts";

/** Thousands of clients make much that dies young: with V8's 16 MB a quarter of a thread's time would be the collector's, on the cores of the server. */
const YOUNG_MB = 128;

/** A group of clients in a thread of its own, as the main thread sees it. */
export class LoadThread {
  readonly #worker: Worker;
  readonly #answers = new Map<number, (result: unknown) => void>();
  readonly #failed: Promise<never>;
  #orders = 0;

  constructor(plan: WorkerPlan) {
    this.#worker = new Worker(new URL("load-worker-start.mjs", import.meta.url), {
      workerData: plan,
      execArgv: [],
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
    });
    this.#worker.on("message", ({ id, result }: { id: number; result: unknown }) => {
      this.#answers.get(id)?.(result);
      this.#answers.delete(id);
    });
    this.#failed = new Promise((_resolve, reject) => this.#worker.once("error", reject));
    // Heard of by whoever waits for an answer.
    this.#failed.catch(() => {});
  }

  open(port: number): Promise<void> {
    return this.#ask({ kind: "open", port });
  }

  start(): Promise<void> {
    return this.#ask({ kind: "start" });
  }

  calm(): Promise<void> {
    return this.#ask({ kind: "calm" });
  }

  retarget(port: number): Promise<void> {
    return this.#ask({ kind: "retarget", port });
  }

  expectReturns(): Promise<void> {
    return this.#ask({ kind: "expectReturns" });
  }

  settle(limits: SettleLimits): Promise<void> {
    return this.#ask({ kind: "settle", limits });
  }

  cut(): Promise<void> {
    return this.#ask({ kind: "cut" });
  }

  progress(): Promise<LoadProgress> {
    return this.#ask({ kind: "progress" });
  }

  report(): Promise<LoadReport> {
    return this.#ask({ kind: "report" });
  }

  /** Ends the thread, whatever it does. */
  async terminate(): Promise<void> {
    await this.#worker.terminate();
  }

  #ask<Result>(order: Order): Promise<Result> {
    const id = this.#orders++;
    const answer = new Promise<Result>((resolve) => {
      this.#answers.set(id, resolve as (result: unknown) => void);
    });
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origins
    this.#worker.postMessage({ id, order });
    return Promise.race([answer, this.#failed]);
  }
}
