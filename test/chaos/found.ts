import assert from "node:assert/strict";
import { bugOf } from "../../chaos/bugs.ts";
import { tryBug } from "../../chaos/lib/try-bug.ts";
import { profileOf } from "../../chaos/profiles.ts";

/** What is found here is found soon, and does not come late. */
const SHORT = { clients: 20, seconds: 2, quietMs: 500 };

/** Plays the scene of a bug with our client, and asserts that the bug is found by its sign. */
export async function assertFound(name: string, sign: RegExp): Promise<void> {
  const { pair, profile } = bugOf(name);
  const found = await tryBug([pair[0], "delivery"], { ...profileOf(profile), ...SHORT }, name, 1);
  assert.match(found.join("\n"), sign);
}
