import { Unexpected } from "./verdict.ts";

/** What a case expects that was well itself, and did harm to the session beside it. */
export const BYSTANDER = "another session to go on";

type Echo = (message: string) => Promise<void>;

/**
 * Runs a case with another session beside it, which must still echo when the case is over. If that session can't even
 * begin, that is for the cases of handshakes to tell.
 */
export async function besideAnother(enter: () => Promise<Echo>, run: () => Promise<void>): Promise<void> {
  const echo = await orUndefined(enter);
  await run();
  try {
    await echo?.("after the case");
  } catch (error) {
    if (!(error instanceof Unexpected)) throw error;
    throw new Unexpected(BYSTANDER, error.message);
  }
}

async function orUndefined<T>(attempt: () => Promise<T>): Promise<T | undefined> {
  try {
    return await attempt();
  } catch (error) {
    if (!(error instanceof Unexpected)) throw error;
    return undefined;
  }
}
