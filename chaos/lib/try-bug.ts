import { makeSchedule } from "switchboard/testing";
import { type Bug, bugOf, BUGS } from "../bugs.ts";
import { type Profile, profileOf } from "../profiles.ts";
import { promisesOf } from "../promises.ts";
import { judge } from "./judge.ts";
import { play } from "./play.ts";

/** So many scenes are played of a bug, each with the next seed, until it is found. */
const MAX_SCENES = 8;

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

/** Plays some bugs, or all, each until it is found, and each of their scenes without one. Returns whether all bugs were found, and nothing where there is none. */
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
    const { found, tries } = await findBug(bug, seed, say);
    isGood &&= found.length > 0;
    const [sign, what] = found.length > 0 ? ["✓", found.join("; ")] : ["✗", "not found"];
    say(`${sign} ${bug.name}: ${what}${tries > 1 ? ` (${tries} scenes)` : ""}`);
  }
  return isGood;
}

/** Plays a bug until it is found: some show only where a fault comes at the right moment. With each seed the scene must find nothing without it. */
async function findBug(
  { name, pair, profile }: Bug,
  seed: number,
  say: (line: string) => void,
): Promise<{ readonly found: readonly string[]; readonly tries: number }> {
  for (let tries = 1; ; tries += 1) {
    const tried = seed + tries - 1;
    const found = await tryBug(pair, profileOf(profile), name, tried).catch((error: Error) => {
      say(error.message);
      return [];
    });
    const isProven = found.length > 0 && (await findsNothing(pair, profile, tried, seed));
    if (isProven) return { found, tries };
    if (tries === MAX_SCENES) return { found: [], tries };
  }
}

/** Whether a scene without a bug is in order; that with the first seed was played before. */
async function findsNothing(
  pair: Bug["pair"],
  profile: string,
  seed: number,
  firstSeed: number,
): Promise<boolean> {
  return seed === firstSeed || (await tryBug(pair, profileOf(profile), undefined, seed)).length === 0;
}
