import { Worker } from "node:worker_threads";

/** Ends the process if an input is not done by then: whoever loops for ever can't be asked to stop. */
const PATIENCE_MS = 30_000;

/** Runs in a thread of its own, which a loop in the main one can't hold up. */
const WATCHER = `
const { workerData: { cell, name, patienceMs } } = require("node:worker_threads");
const { writeSync } = require("node:fs");
const STOPPED = -1;
for (let seen = Atomics.load(cell, 0); seen !== STOPPED; ) {
  // Woken only at the end; else it looks after so long whether anything has moved.
  if (Atomics.wait(cell, 1, 0, patienceMs) !== "timed-out") break;
  const now = Atomics.load(cell, 0);
  if (now === seen) {
    writeSync(2, name.replaceAll("{input}", String(now)) + "\\n");
    process.kill(process.pid, "SIGKILL");
  }
  seen = now;
}
`;

/** Watches that a run moves on. */
export interface Watchdog {
  /** The run has come to this input. */
  at(input: number): void;
  stop(): Promise<void>;
}

/** Begins to watch; kills the process, after a sentence on stderr, if an input takes for ever. */
export function watch(target: string, seed: number): Watchdog {
  const cell = new Int32Array(new SharedArrayBuffer(8));
  const name = `${target} hangs at input {input} of seed ${seed}; to repeat it: npm run fuzz -- --target ${target} --seed ${seed} --at {input}`;
  const worker = new Worker(WATCHER, {
    eval: true,
    execArgv: [],
    workerData: { cell, name, patienceMs: PATIENCE_MS },
  });
  return {
    at: (input) => void Atomics.store(cell, 0, input),
    stop: async () => {
      Atomics.store(cell, 1, 1);
      Atomics.notify(cell, 1);
      await worker.terminate();
    },
  };
}
