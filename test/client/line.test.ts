import assert from "node:assert/strict";
import { test } from "node:test";
import { Endpoint } from "../../src/client/endpoint.ts";
import { EngineSession } from "../../src/client/engine-session.ts";
import type { ManagerOptions, TransportName } from "../../src/client/options.ts";
import { Preference } from "../../src/client/preference.ts";
import type { Message } from "../../src/packets/index.ts";
import { settle } from "../support/fake-client.ts";
import { FakePlatform } from "../support/fake-platform.ts";
import { ModelLinkServer } from "../support/model-link-server.ts";
import { RecordingSession } from "../support/recording-session.ts";
import { SeededRandom } from "../../src/testing/seeded-random.ts";

const LISTS: readonly (readonly TransportName[] | undefined)[] = [
  undefined,
  undefined,
  ["polling"],
  ["polling", "websocket"],
  ["sse"],
  ["short-polling"],
  ["websocket", "sse"],
];

/** Messages that are told apart, some of them binary, some larger than the server's POSTs may be. */
function message(from: string, number: number): Message {
  if (number % 3 === 0) return new TextEncoder().encode(`${from}${number}`);
  return `${from}${number}${number % 7 === 0 ? "é".repeat(50) : ""}`;
}

async function run(seed: number): Promise<void> {
  const random = new SeededRandom(seed);
  const platform = new FakePlatform();
  let faultRate = 0.2;
  const server = new ModelLinkServer(platform, {
    isLost: () => random.fraction() < faultRate,
    isAnswerLost: () => random.fraction() < faultRate,
  });
  const transports = random.pick(LISTS);
  const options: ManagerOptions = transports === undefined ? {} : { transports };
  const handler = new RecordingSession();
  const advance = async (ms: number): Promise<void> => {
    // The network does not stand still while time passes: a stream would have no chance.
    const most = 500;
    platform.clock.advance(Math.min(ms, most));
    // What one side does may make the other do something.
    for (let round = 0; round < 6; round++) {
      server.work();
      await settle();
    }
    if (ms > most) await advance(ms - most);
  };
  faultRate = 0;
  platform.remember("switchboard:transport:http://localhost", random.pick([undefined, "polling"]));
  const session = new EngineSession(
    new Endpoint("http://localhost", options, platform),
    new Preference(platform, "http://localhost", options),
    options,
    handler,
  );
  await advance(0);
  assert.ok(handler.isOpen, `seed ${seed}: not open`);
  faultRate = 0.2;
  const sent: { client: Message[]; server: Message[] } = { client: [], server: [] };
  for (let step = 0; step < 60; step++) {
    for (let count = random.integer(0, 3); count > 0; count--) {
      const next = message("c", sent.client.length);
      const isText = typeof next === "string";
      sent.client.push(...(isText ? [next] : ["text", next]));
      session.send(isText ? next : "text", isText ? [] : [next]);
    }
    for (let count = random.integer(0, 3); count > 0; count--) {
      sent.server.push(message("s", sent.server.length));
      server.send(sent.server.at(-1)!);
    }
    const dice = random.fraction();
    if (dice < 0.15) server.cut();
    else if (dice < 0.25) server.ping();
    else if (dice < 0.3) session.check(0);
    else if (dice < 0.35) session.offline();
    await advance(random.pick([0, 0, 1, 50, 500, 1500, 6000]));
    if (handler.end !== undefined) break;
  }
  assert.equal(handler.end, undefined, `seed ${seed}: ended`);
  faultRate = 0;
  for (let step = 0; step < 30; step++) await advance(500);
  server.ping();
  await advance(3000);
  assert.deepEqual(server.breaches, [], `seed ${seed}`);
  // As text: a difference is then shown in one line.
  assert.equal(handler.received.join(), sent.server.join(), `seed ${seed}: received`);
  assert.equal(server.received.join(), sent.client.join(), `seed ${seed}: sent`);
  assert.equal(server.unacknowledged, 0, `seed ${seed}: unacknowledged`);
  session.close();
  await advance(0);
  assert.equal(platform.clock.pending, 0, `seed ${seed}: timers`);
}

test("no message is lost, doubled or reordered, whatever the network does", async () => {
  for (let seed = 1; seed <= 150; seed++) await run(seed);
});
