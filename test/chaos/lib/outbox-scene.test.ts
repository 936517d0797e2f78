import assert from "node:assert/strict";
import { test } from "node:test";
import { makeSchedule } from "switchboard/testing";
import { judge } from "../../../chaos/lib/judge.ts";
import { runOutboxScene } from "../../../chaos/lib/outbox-scene.ts";
import type { SceneResult } from "../../../chaos/lib/scene.ts";
import { profileOf } from "../../../chaos/profiles.ts";
import { promisesOf } from "../../../chaos/promises.ts";

const SERVER = "switchboard-delivery";
const CLIENT = "delivery";
/** A busy machine needs its time to start processes. */
const PROFILE = { ...profileOf("outbox"), clients: 3, seconds: 3, quietMs: 20_000 };

async function play(bug?: string): Promise<{ readonly result: SceneResult; readonly broken: string[] }> {
  const { clients, seconds, tracks } = PROFILE;
  const result = await runOutboxScene({
    profile: bug === undefined ? PROFILE : { ...PROFILE, quietMs: 1000 },
    serverName: SERVER,
    clientName: CLIENT,
    clients,
    seconds,
    threads: 1,
    schedule: makeSchedule(20_265, { durationMs: seconds * 1000, tracks: tracks(clients) }),
    ...(bug !== undefined && { bug }),
  });
  return { result, broken: judge(result, promisesOf(SERVER, CLIENT, PROFILE)) };
}

test("what is in an outbox comes once and in order, however often its process is killed", async () => {
  const { result, broken } = await play();
  assert.deepEqual(broken, []);
  const { kills, stored } = result.outbox!;
  assert.ok(kills >= PROFILE.clients && stored > kills, `${kills} kills, ${stored} stored`);
  assert.ok(result.toServer.delivered >= stored);
});

test("that a client which begins anew has forgotten its seat is found", async () => {
  const { broken } = await play("outbox-without-seat");
  assert.match(broken.join("\n"), /to the server: \d+ (?:lost|doubled)/);
});
