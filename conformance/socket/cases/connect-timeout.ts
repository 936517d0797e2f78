import { must, NotApplicable } from "../../lib/verdict.ts";
import { type Case, group } from "../case.ts";
import type { Scene } from "../scene.ts";

const makeAny = group("connect-timeout", "Connection to a namespace");

/** Long enough for the timeouts that servers have in a test. */
const make: typeof makeAny = (name, sentence, run) => makeAny(name, sentence, run, { timeoutMs: 7_000 });

/** How much earlier than it was told a server may end a session: its clock is another one. */
const EARLY_MS = 20;

function timeoutOf({ settings }: Scene): number {
  if (settings.connectTimeoutMs === undefined) throw new NotApplicable("no --connect-timeout was given");
  return settings.connectTimeoutMs;
}

/** Opens a session that joins nothing, and waits for its end. */
async function waitOut(scene: Scene, ...packets: readonly string[]): Promise<void> {
  const timeoutMs = timeoutOf(scene);
  const started = performance.now();
  const idle = await scene.open();
  for (const packet of packets) {
    await idle.send(packet);
    await idle.next("an answer");
  }
  await idle.expectEnd();
  const ms = performance.now() - started;
  must(ms >= timeoutMs - EARLY_MS, `the end after ${timeoutMs} ms`, `the end after ${Math.round(ms)} ms`);
}

/** What becomes of sessions that join nothing. */
export const connectTimeouts: Case[] = [
  ...make("nothing", "Ends a session that joins no namespace.", (scene) => waitOut(scene)),
  ...make("refused", "Ends a session that asked for an unknown namespace only.", (scene) =>
    waitOut(scene, "0/unknown,"),
  ),
  ...make("joined", "Keeps a session that has joined a namespace.", async (scene) => {
    const client = await scene.join("/custom");
    await waitOut(scene);
    await client.echo("/custom", "still there");
  }),
  ...make("left", "Keeps a session that has left its last namespace.", async (scene) => {
    const client = await scene.join();
    await client.send("1");
    await waitOut(scene);
    await client.connect();
    await client.echo();
  }),
  ...make("kicked", "Keeps a session that was sent out of its last namespace.", async (scene) => {
    const client = await scene.join();
    await client.emit("/", "kick", false);
    await client.expectDisconnect("/");
    await waitOut(scene);
    await client.connect();
    await client.echo();
  }),
];
