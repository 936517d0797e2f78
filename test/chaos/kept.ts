import assert from "node:assert/strict";
import { makeSchedule } from "switchboard/testing";
import { judge } from "../../chaos/lib/judge.ts";
import { runScene } from "../../chaos/lib/scene.ts";
import { profileOf } from "../../chaos/profiles.ts";
import { promisesOf } from "../../chaos/promises.ts";

/** All in one room: much is delivered for each word. */
const EVERYONE = 40;
/** A busy machine is no reason to believe that nothing more comes; when all has come, nothing is waited for. */
const QUIET_MS = 25_000;
const SECONDS = 3;
/** On any machine; a good one delivers many times as much. */
const LEAST = 1000;

/** Plays a scene, and asserts that what this server and this client promise together is kept. */
export async function assertKept(
  serverName: string,
  clientName: string,
  profileName: "small" | "small-kill",
  seed: number,
): Promise<void> {
  const profile = { ...profileOf(profileName), roomSize: EVERYONE, quietMs: QUIET_MS, seconds: SECONDS };
  const { clients, seconds } = profile;
  const schedule = makeSchedule(seed, { durationMs: seconds * 1000, tracks: profile.tracks(clients) });
  const result = await runScene({ profile, serverName, clientName, clients, seconds, threads: 1, schedule });
  assert.deepEqual(judge(result, promisesOf(serverName, clientName, profile)), []);
  const { delivered, expected } = result.toClients;
  assert.equal(delivered, expected);
  assert.ok(schedule.length > 0 && delivered > LEAST, `only ${delivered} were delivered`);
}
