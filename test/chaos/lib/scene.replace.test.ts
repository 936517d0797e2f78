import assert from "node:assert/strict";
import { test } from "node:test";
import { countBreaches, BREACH_KINDS, printVerdict } from "switchboard/testing";
import { runScene, type ScenePlan } from "../../../chaos/lib/scene.ts";
import { profileOf } from "../../../chaos/profiles.ts";

const CLIENTS = 20;

async function assertReplaced(serverName: string, more: Partial<ScenePlan> = {}): Promise<void> {
  const profile = {
    ...profileOf("redeploy"),
    saysPerSecond: 5,
    replace: { atMs: 500, signal: "SIGTERM" },
  } as const;
  const plan = { clientName: "delivery", clients: CLIENTS, seconds: 3, threads: 2, schedule: [] };
  const result = await runScene({ profile, serverName, ...plan, ...more });
  const { toClients, toServer, replacement } = result;
  for (const verdict of [toClients, toServer]) {
    assert.equal(countBreaches(verdict, BREACH_KINDS), 0, printVerdict(verdict));
    assert.equal(verdict.delivered, verdict.expected);
  }
  assert.ok(toClients.delivered > CLIENTS);
  assert.equal(replacement?.backMs.length, CLIENTS);
  assert.ok(replacement.endMs > 0 && replacement.downMs >= 0);
}

test("with a log on disk, nothing is lost when one server takes the place of another on its port", () =>
  assertReplaced("switchboard-delivery-disk"));

test("nor when its clients were asked to leave before", () =>
  assertReplaced("switchboard-delivery-disk", { drain: { overMs: 300, returnAfterMs: 800 } }));
