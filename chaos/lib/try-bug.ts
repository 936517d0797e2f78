import { makeSchedule } from "switchboard/testing";
import { type Bug, bugOf, BUGS } from "../bugs.ts";
import { type Profile, profileOf } from "../profiles.ts";
import { promisesOf } from "../promises.ts";
import { judge } from "./judge.ts";
import { play } from "./play.ts";

/** Plays the scene of a bug, with the bug or without; returns what was found. */
export async function tryBug(
  [serverName, clientName]: Bug["pair"],
  profile: Profile,
  name: string | undefined,
  seed: number,
): Promise<string[]> {
  const { clients, seconds } = profile;
  const schedule = makeSchedule(seed, { durationMs: seconds * 1000, tracks: profile.tracks(clients) });
  const scene = { profile, serverName, clientName, clients, seconds, threads: 1, schedule };
  const result = await play(name === undefined ? scene : { ...scene, bug: name });
  return judge(result, promisesOf(serverName, clientName, profile));
}

/** Plays some bugs, or all, and each of their scenes without one. Returns whether all bugs were found, and nothing where there is none. */
export async function tryBugs(
  names: readonly string[],
  seed: number,
  say: (line: string) => void,
): Promise<boolean> {
  let isGood = true;
  const bugs = names.length === 0 ? [...BUGS.values()] : names.map(bugOf);
  const scenes = new Map<string, Bug>();
  for (const bug of bugs) scenes.set([...bug.pair, bug.profile].join(" "), bug);
  for (const [scene, bug] of scenes) {
    const found = await tryBug(bug.pair, profileOf(bug.profile), undefined, seed);
    isGood &&= found.length === 0;
    say(`${found.length === 0 ? "✓" : "✗"} without a bug, ${scene}: ${found.join("; ") || "nothing"}`);
  }
  for (const bug of bugs) {
    const { name, pair, profile } = bug;
    const found = await tryBug(pair, profileOf(profile), name, seed).catch((error: Error) => {
      say(error.message);
      return [];
    });
    isGood &&= found.length > 0;
    say(`${found.length > 0 ? "✓" : "✗"} ${name}: ${found.join("; ") || "not found"}`);
  }
  return isGood;
}
