/** `npm run chaos -- PROFILE`: plays a scene, and ends with code 1 if a promise was broken, with 2 if it could not be played. */
import { readFile, writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { makeSchedule, parseSchedule, printSchedule, printVerdict } from "switchboard/testing";
import { CLIENTS, clientOf } from "./clients.ts";
import { judge } from "./lib/judge.ts";
import { runLong } from "./lib/long-run.ts";
import { play } from "./lib/play.ts";
import type { SceneProgress } from "./lib/scene.ts";
import { printTable, tableOf } from "./lib/table.ts";
import { tryBugs } from "./lib/try-bug.ts";
import { LONG_PARTS } from "./long.ts";
import { PROFILES, profileOf } from "./profiles.ts";
import { promisesOf } from "./promises.ts";
import { serverOf, SERVERS } from "./servers.ts";

const USAGE = `Plays a bad network and a failing server, and says what became of all messages.

  npm run chaos -- PROFILE [options]

${[...PROFILES.values()].map(({ name, about }) => `  ${name.padEnd(19)} ${about}`).join("\n")}

  bugs [BUG...]       plays these bugs of chaos/bugs.ts, or all: each must be found

  long                plays many scenes until so many deliveries are checked, and prints a table of all

  --deliveries N        how many, for the long run (10000000)
  --pair SERVER+CLIENT  who is tested; may be repeated (switchboard-delivery+reference)
                        servers: ${[...SERVERS.keys()].join(", ")}
                        clients: ${[...CLIENTS.keys()].join(", ")}
  --seed N              the same seed gives the same faults (by the clock)
  --clients N           clients in all (as the profile says)
  --seconds N           how long faults and messages come (as the profile says)
  --minutes N           the same in minutes; of the long run: at most (30)
  --threads N           threads that hold the clients (2)
  --drain MS            the server that is replaced has its clients leave over so long, and is gone
                        before the next one listens
  --bug NAME            the server has this bug: see chaos/bugs.ts
  --save-schedule FILE  write the faults to a file
  --schedule FILE       play the faults of that file`;

/** What the long run plays if nothing is said. */
const MANY = 10_000_000;
const LONG_MINUTES = 30;
/** What the end of one process takes, and the next one until it listens in its place, in milliseconds. */
const RESTART_MS = 1000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    pair: { type: "string", multiple: true },
    seed: { type: "string" },
    clients: { type: "string" },
    seconds: { type: "string" },
    minutes: { type: "string" },
    threads: { type: "string" },
    deliveries: { type: "string" },
    drain: { type: "string" },
    bug: { type: "string" },
    "save-schedule": { type: "string" },
    schedule: { type: "string" },
    help: { type: "boolean" },
  },
});

function numberOf(
  name: "seed" | "clients" | "seconds" | "minutes" | "threads" | "drain" | "deliveries",
  least: number,
): number | undefined {
  const text = values[name];
  if (text === undefined) return undefined;
  const number = Number(text);
  if (Number.isInteger(number) && number >= least) return number;
  throw new Error(`--${name} wants a whole number from ${least}, not "${text}".`);
}

function pairOf(text: string): { server: string; client: string } {
  const [server = "", client = "", more] = text.split("+");
  if (more !== undefined) throw new Error(`--pair wants SERVER+CLIENT, not "${text}".`);
  return { server: serverOf(server).name, client: clientOf(client).name };
}

function printProgress({ seconds, said, taken, received, live }: SceneProgress): void {
  console.log(
    `  ${seconds} s: ${said} said, ${taken} taken, ${received} deliveries checked, ${live} connected`,
  );
}

/** Plays the scenes; returns whether all promises were kept. */
async function main(): Promise<boolean> {
  if (positionals[0] === "bugs") return tryBugs(positionals.slice(1), numberOf("seed", 0) ?? 1, console.log);
  if (positionals[0] === "long") {
    const [deliveries = MANY, minutes = LONG_MINUTES] = [numberOf("deliveries", 1), numberOf("minutes", 1)];
    return runLong(LONG_PARTS, numberOf("seed", 0) ?? 1, { deliveries, minutes }, console.log);
  }
  const profile = profileOf(positionals[0] ?? "jitter");
  const pairs = (values.pair ?? ["switchboard-delivery+reference"]).map(pairOf);
  const seed = numberOf("seed", 0) ?? Date.now() >>> 0;
  const clients = numberOf("clients", 1) ?? profile.clients;
  const minutes = numberOf("minutes", 1);
  const seconds = numberOf("seconds", 1) ?? (minutes === undefined ? profile.seconds : 60 * minutes);
  const threads = numberOf("threads", 1) ?? 2;
  const overMs = numberOf("drain", 0);
  const schedule =
    values.schedule === undefined
      ? makeSchedule(seed, { durationMs: seconds * 1000, tracks: profile.tracks(clients) })
      : parseSchedule(await readFile(values.schedule, "utf8"));
  if (values["save-schedule"] !== undefined)
    await writeFile(values["save-schedule"], printSchedule(schedule));
  const faults = `${schedule.length} faults`;
  console.log(`profile ${profile.name}, ${clients} clients, ${seconds} s, seed ${seed}, ${faults}`);
  let isKept = true;
  for (const { server, client } of pairs) {
    const name = `${server} + ${client}`;
    console.log(name);
    const result = await play({
      profile,
      serverName: server,
      clientName: client,
      clients,
      seconds,
      threads,
      schedule,
      onProgress: printProgress,
      ...(overMs !== undefined && { drain: { overMs, returnAfterMs: overMs + RESTART_MS } }),
      ...(values.bug !== undefined && { bug: values.bug }),
    });
    console.log(`\n${printTable(name, tableOf(result))}\n`);
    const broken = judge(result, promisesOf(server, client, profile));
    if (broken.length === 0) console.log(`✓ ${name} keeps what it promises`);
    else {
      isKept = false;
      console.log(
        `to clients: ${printVerdict(result.toClients)}\nto the server: ${printVerdict(result.toServer)}`,
      );
      for (const what of broken) console.log(`✗ ${name}: ${what}`);
    }
  }
  return isKept;
}

if (values.help) console.log(USAGE);
else {
  try {
    if (!(await main())) process.exitCode = 1;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 2;
  }
}
