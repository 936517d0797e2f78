import assert from "node:assert/strict";
import { test } from "node:test";
import { countBreaches, makeSchedule, printVerdict } from "switchboard/testing";
import { runScene, type SceneResult } from "../../../chaos/lib/scene.ts";
import { printTable, tableOf } from "../../../chaos/lib/table.ts";
import type { Profile } from "../../../chaos/profiles.ts";

const PROFILE: Profile = {
  name: "kill",
  about: "cuts and a kill",
  clients: 4,
  roomSize: 2,
  saysPerSecond: 5,
  seconds: 2,
  ownNetworks: true,
  losesMemory: true,
  tracks: () => [],
  // A link that is lost for good leaves something under way that never comes.
  quietMs: 1000,
};

test("a scene in threads, with a server that is killed, ends by itself and says what became of all", async () => {
  const tracks = [
    { targets: 4, everyMs: 400, choices: [{ kind: "cut", forMs: 100 }] },
    {
      targets: "server",
      everyMs: 1900,
      choices: [{ kind: "restart", signal: ["SIGKILL"], forMs: 50 }],
    },
  ] as const;
  const schedule = makeSchedule(5, { durationMs: 2000, tracks });
  assert.ok(schedule.some(({ kind }) => kind === "restart"));
  const result: SceneResult = await runScene({
    profile: PROFILE,
    serverName: "switchboard",
    clientName: "switchboard",
    clients: 4,
    seconds: 2,
    threads: 2,
    schedule,
  });
  const { toClients, toServer, said } = result;
  assert.ok(said >= 4);
  assert.equal(toServer.expected, said);
  assert.equal(toClients.expected, toServer.delivered * 3);
  assert.ok(toServer.delivered > 0 && toClients.delivered > 0);
  for (const verdict of [toClients, toServer]) {
    assert.equal(countBreaches(verdict, ["doubled", "reordered", "invented"]), 0, printVerdict(verdict));
  }
  const table = printTable("ours", tableOf(result)).split("\n");
  assert.equal(new Set(table.map((line) => line.length)).size, 1);
  assert.match(table[2]!, new RegExp(`said by clients +\\| ${said} `));
});

test("a scene whose server does not start is reported", async () => {
  await assert.rejects(
    runScene({
      profile: PROFILE,
      serverName: "switchboard",
      clientName: "stock",
      bug: "moth",
      clients: 1,
      seconds: 1,
      threads: 1,
      schedule: [],
    }),
    /There is no bug "moth"/,
  );
});
