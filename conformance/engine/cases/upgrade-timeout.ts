import { must, NotApplicable } from "../../lib/verdict.ts";
import { type Case, group } from "../case.ts";
import type { EngineSocket } from "../engine-socket.ts";
import type { PollingSession } from "../polling-session.ts";
import type { Visit } from "../visit.ts";

const make = group("upgrade-timeout", "Upgrade");
const EARLY_MS = 5;
const LATE_MS = 150;
/** A longer timeout is not waited for. */
const LONGEST_MS = 3000;

/** The second transport is closed when its time is over, and the session stays on polling. */
async function expectTimeout(
  visit: Visit,
  open: (session: PollingSession) => Promise<EngineSocket>,
): Promise<void> {
  const { upgradeTimeoutMs } = visit.settings;
  if (upgradeTimeoutMs === undefined) throw new NotApplicable("no --upgrade-timeout was given");
  if (upgradeTimeoutMs > LONGEST_MS) throw new NotApplicable(`${upgradeTimeoutMs} ms are not waited for`);
  const session = await visit.openPolling();
  const askedAt = performance.now();
  const socket = await open(session);
  const openedAt = performance.now();
  // The client goes on polling, so that the heartbeat doesn't end the session first.
  const polling = session.next();
  // If the case fails before it comes to look at it, its end is of no interest.
  polling.catch(() => undefined);
  const { at } = await socket.expectClosed();
  const [early, late] = [askedAt + upgradeTimeoutMs - at, at - openedAt - upgradeTimeoutMs].map(Math.round);
  must(early! <= EARLY_MS, `the end after ${upgradeTimeoutMs} ms`, `it ${early} ms early`);
  const allowedMs = LATE_MS * visit.timeScale;
  must(late! <= allowedMs, `the end after ${upgradeTimeoutMs} ms`, `it ${late} ms late`);
  await session.send("4still here");
  const packet = await polling;
  must(packet === "4still here", "the message back on polling", packet);
}

/** An upgrade that is not finished in time. */
export const upgradeTimeouts: Case[] = [
  make(
    "not-probed",
    "Closes a second transport that says nothing in time.",
    (visit) => expectTimeout(visit, (session) => visit.enterFor(session)),
    { timed: true },
  ),
  make(
    "not-finished",
    "Closes a second transport that is probed and not taken in time.",
    (visit) => expectTimeout(visit, (session) => visit.probe(session)),
    { timed: true },
  ),
];
