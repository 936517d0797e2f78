/** What engines do with entries that must be on disk before they are told: the choice that docs/design/log.md explains. */
import { fdatasync, mkdtempSync, openSync, rmSync, write } from "node:fs";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { promisify } from "node:util";
import { Worker } from "node:worker_threads";
import { requireExtra } from "./prepare.mjs";
import { openSqlite } from "./sqlite.mjs";

const ENTRY = Buffer.from(crypto.getRandomValues(new Uint8Array(256)));
const GROUP = 500;
const SINGLES = 300;

/**
 * @typedef {object} Engine
 * @property {(first: number, records: readonly Buffer[]) => Promise<unknown>} commit resolves when they are on disk
 * @property {() => unknown} close
 */

/**
 * Loads what is no dependency of the repository.
 * @type {NodeJS.Require}
 */
let extra;

/** @type {Record<string, (folder: string) => Promise<Engine>>} */
const ENGINES = {
  "own file, fdatasync": async (folder) => {
    const file = openSync(join(folder, "file"), "a");
    const [append, sync] = [promisify(write), promisify(fdatasync)];
    return {
      async commit(_first, records) {
        await append(file, Buffer.concat(records));
        await sync(file);
      },
      close() {},
    };
  },
  "LevelDB (classic-level)": async (folder) => {
    const { ClassicLevel } = await import("classic-level");
    const database = new ClassicLevel(folder, { valueEncoding: "buffer" });
    await database.open();
    return {
      commit: (first, records) =>
        database.batch(
          records.map((value, index) => ({ type: "put", key: keyOf(first + index), value })),
          { sync: true },
        ),
      close: () => database.close(),
    };
  },
  "LMDB (lmdb)": (folder) => lmdb(folder, false),
  "LMDB, overlapping sync": (folder) => lmdb(folder, true),
  "SQLite (libsql), in a thread": async (folder) => {
    const worker = new Worker(new URL("sqlite-worker.mjs", import.meta.url), {
      workerData: { folder, libsql: extra.resolve("libsql") },
    });
    return {
      commit: (first, records) =>
        new Promise((resolve) => {
          worker.once("message", resolve);
          // oxlint-disable-next-line unicorn/require-post-message-target-origin -- A thread has no origin.
          worker.postMessage([first, records]);
        }),
      close: () => worker.terminate(),
    };
  },
  "SQLite, in the main thread": async (folder) => {
    const commit = openSqlite(extra("libsql"), folder);
    return { commit: async (first, records) => commit(first, records), close() {} };
  },
};

/** @param {number} offset */
function keyOf(offset) {
  return offset.toString(16).padStart(12, "0");
}

/**
 * @param {string} folder
 * @param {boolean} overlappingSync
 * @returns {Promise<Engine>}
 */
async function lmdb(folder, overlappingSync) {
  const database = extra("lmdb").open({
    path: folder,
    keyEncoding: "uint32",
    encoding: "binary",
    overlappingSync,
  });
  return {
    async commit(first, records) {
      const puts = records.map((value, index) => database.put(first + index, value));
      await puts.at(-1);
      if (overlappingSync) await database.flushed;
    },
    close: () => database.close(),
  };
}

/**
 * Prints a row for each engine and each way to keep a commit's entries: a record for each, or one for all.
 * @param {string} place where the folders are made
 */
export async function compareEngines(place) {
  extra = await requireExtra("log-engines", ["lmdb@3.5.6", "libsql@0.5.29"]);
  console.log(
    "| engine | a commit is | one at a time, p50 / p99 | 500 in a commit | CPU an entry | event loop blocked, at most |",
  );
  console.log("|---|---|---|---|---|---|");
  for (const [name, make] of Object.entries(ENGINES)) {
    for (const isWhole of [true, false]) {
      if (!isWhole && name.startsWith("own")) continue;
      const folder = mkdtempSync(join(place, "engine-"));
      const engine = await make(folder);
      console.log(
        `| ${name} | ${isWhole ? "one record" : "500 records"} | ${await measure(engine, isWhole)} |`,
      );
      await engine.close();
      rmSync(folder, { recursive: true });
    }
  }
}

/**
 * @param {Engine} engine
 * @param {boolean} isWhole
 */
async function measure(engine, isWhole) {
  let first = 1;
  const taken = [];
  for (let count = 0; count < SINGLES; count++) {
    const began = performance.now();
    await engine.commit(first++, [ENTRY]);
    taken.push(performance.now() - began);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  taken.sort((one, other) => one - other);
  const p50 = taken[SINGLES >> 1];
  const p99 = taken[Math.floor(SINGLES * 0.99)];

  const entries = Array.from({ length: GROUP }, () => ENTRY);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const cpu = process.cpuUsage();
  const began = performance.now();
  let kept = 0;
  while (performance.now() - began < 4000) {
    await engine.commit(first, isWhole ? [Buffer.concat(entries)] : entries);
    first += GROUP;
    kept += GROUP;
    await new Promise((resolve) => setImmediate(resolve));
  }
  const seconds = (performance.now() - began) / 1000;
  delay.disable();
  const { user, system } = process.cpuUsage(cpu);
  const perSecond = Math.round(kept / seconds / 1000).toLocaleString("en");
  return [
    `${p50.toFixed(1)} / ${p99.toFixed(0)} ms`,
    `${perSecond},000/s`,
    `${((user + system) / kept).toFixed(1)} µs`,
    `${(delay.max / 1e6).toFixed(0)} ms`,
  ].join(" | ");
}
