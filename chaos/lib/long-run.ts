import { makeSchedule } from "switchboard/testing";
import type { LongPart } from "../long.ts";
import { profileOf } from "../profiles.ts";
import { promisesOf } from "../promises.ts";
import { judge } from "./judge.ts";
import { LongTable } from "./long-table.ts";
import { play } from "./play.ts";

/** When a long run ends, whichever comes first; a scene that has begun is played to its end. */
export interface LongLimits {
  /** So many deliveries were checked, both ways. */
  readonly deliveries: number;
  readonly minutes: number;
}

/**
 * Plays scenes one after the other, each time round with the next seed, until enough was checked. Returns whether all promises were kept; `say` is told of each scene
 * in a line, and at the end of all in a table.
 */
export async function runLong(
  parts: readonly LongPart[],
  firstSeed: number,
  { deliveries, minutes }: LongLimits,
  say: (line: string) => void,
): Promise<boolean> {
  const table = new LongTable();
  const startMs = performance.now();
  const isOver = (): boolean =>
    table.checked >= deliveries || performance.now() - startMs >= minutes * 60_000;
  let isKept = true;
  for (let seed = firstSeed; !isOver(); seed += 1) {
    for (const part of parts) {
      if (isOver()) break;
      // What was checked before must not be lost with a scene that could not be played.
      const isPartKept = await playPart(part, seed, table, say).catch((error: Error) => {
        say(`✗ ${part.profile}, ${part.server} + ${part.client}, seed ${seed}: ${error.message}`);
        return false;
      });
      isKept &&= isPartKept;
    }
  }
  say(`\n${table.print()}`);
  return isKept;
}

async function playPart(
  { profile: name, server, client }: LongPart,
  seed: number,
  table: LongTable,
  say: (line: string) => void,
): Promise<boolean> {
  const profile = profileOf(name);
  const { clients, seconds } = profile;
  const schedule = makeSchedule(seed, { durationMs: seconds * 1000, tracks: profile.tracks(clients) });
  const startMs = performance.now();
  const result = await play({
    profile,
    serverName: server,
    clientName: client,
    clients,
    seconds,
    threads: 1,
    schedule,
  });
  const broken = judge(result, promisesOf(server, client, profile));
  table.add(
    [name, `${server} + ${client}`],
    result,
    schedule.length,
    performance.now() - startMs,
    broken.length,
  );
  const sign = broken.length === 0 ? "✓" : "✗";
  say(`${sign} ${name}, ${server} + ${client}, seed ${seed}: ${table.checked} deliveries checked`);
  for (const what of broken) say(`  ✗ ${what}`);
  return broken.length === 0;
}
