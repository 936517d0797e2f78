import assert from "node:assert/strict";
import { test } from "node:test";
import { PreparedMessage } from "../../src/engine/index.ts";
import { base64 } from "../../src/engine/base64.ts";
import { PollingTransport } from "../../src/engine/transports/polling.ts";
import { SseTransport } from "../../src/engine/transports/sse.ts";
import type { Message } from "../../src/packets/index.ts";
import { FakeExchange } from "../support/fake-exchange.ts";
import { LinkClient } from "../support/link-client.ts";
import { requestOptions, sessionsFor } from "../support/sessions.ts";
import { SeededRandom } from "../../src/testing/seeded-random.ts";

const STEPS = 400;
const CALM_STEPS = 2000;

function plain(messages: readonly Message[]): string[] {
  return messages.map((message) =>
    typeof message === "string" ? `t${message}` : `b${base64.encode(message)}`,
  );
}

function randomMessage(random: SeededRandom, number: number): Message {
  const kind = random.integer(0, 4);
  if (kind === 0) return random.bytes(random.integer(0, 40));
  return `${number}${random.pick(["", " ", "\n", "\r\nid:7", "ä€😀", '"quoted"', "x".repeat(3000)])}`;
}

/** Everything that can happen to a link, at random; returns how often the session changed its transport. */
async function runSchedule(seed: number): Promise<number> {
  const random = new SeededRandom(seed);
  const name = random.pick(["polling", "sse"] as const);
  const { sessions, clock, opened, open } = sessionsFor({ pingIntervalMs: 400, pingTimeoutMs: 1000 });
  const options = requestOptions(clock, { link: true, maxHoldMs: 1400 });
  const transport = name === "polling" ? new PollingTransport(options) : new SseTransport(options);
  open(transport, { link: true });
  const opening = FakeExchange.get({});
  transport.receiveExchange(opening);
  const { session, received, told } = opened[0]!;
  const client = new LinkClient(sessions.get(session.id)!, name, random, opening);
  const sent: Message[] = [];

  const serverSends = (): void => {
    const message = randomMessage(random, sent.length);
    sent.push(message);
    if (typeof message !== "string") session.sendBinary(message);
    else if (random.fraction() < 0.5) {
      const attachment = random.bytes(random.integer(0, 20));
      sent.push(attachment);
      if (random.fraction() < 0.5) session.send(message, [attachment]);
      else session.sendPrepared(new PreparedMessage(message, [attachment]));
    } else session.send(message);
  };

  const pauses = new SeededRandom(seed + 1_000_000);
  let receivedBefore: number | undefined;
  const pauseOrResume = (): void => {
    assert.equal(received.length, receivedBefore ?? received.length, "what came while reading was paused");
    if (receivedBefore === undefined) {
      session.pauseReading();
      receivedBefore = received.length;
    } else {
      receivedBefore = undefined;
      session.resumeReading();
    }
  };

  for (let step = 0; step < STEPS; step++) {
    if (pauses.fraction() < (receivedBefore === undefined ? 0.02 : 0.1)) pauseOrResume();
    if (random.fraction() < 0.3) serverSends();
    if (random.fraction() < 0.3) client.send(randomMessage(random, client.sent.length));
    client.step();
    await Promise.resolve();
    clock.advance(random.integer(0, 20));
    await Promise.resolve();
  }
  if (receivedBefore !== undefined) pauseOrResume();
  client.calm = true;
  for (let step = 0; step < CALM_STEPS; step++) {
    const isDone = client.received.length === sent.length && received.length === client.sent.length;
    if (isDone) break;
    client.step();
    await Promise.resolve();
    clock.advance(5);
    await Promise.resolve();
  }
  assert.deepEqual(
    told.filter(([what]) => what === "close"),
    [],
  );
  assert.deepEqual(plain(client.received), plain(sent), "what the client received");
  assert.deepEqual(plain(received), plain(client.sent), "what the server received");
  assert.ok(session.isOpen);
  session.close();
  clock.advance(100_000);
  return told.length;
}

for (let block = 0; block < 8; block++) {
  test(`messages arrive once and in order, whatever happens to the transports (${block})`, async () => {
    let changes = 0;
    for (let seed = block * 25; seed < block * 25 + 25; seed++) {
      try {
        changes += await runSchedule(seed);
      } catch (error) {
        if (error instanceof Error) error.message = `seed ${seed}: ${error.message}`;
        throw error;
      }
    }
    assert.ok(changes > 25, `only ${changes} changes of transport`);
  });
}
