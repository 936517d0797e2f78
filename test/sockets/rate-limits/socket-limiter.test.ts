import assert from "node:assert/strict";
import { test } from "node:test";
import { TOLD_EVERY_MS, SocketLimiter } from "../../../src/sockets/rate-limits/socket-limiter.ts";
import { FakeClock } from "../../../src/testing/fake-clock.ts";

test("the application is told of refusals now and then, with how many there were", () => {
  const clock = new FakeClock();
  const session = { lastLimit: "connection", take: () => 40 } as const;
  const limiter = new SocketLimiter(session, new Map(), clock);
  const refuse = (count: number): unknown[] =>
    Array.from({ length: count }, () => {
      const retryAfterMs = limiter.take("say");
      const error = limiter.reportOf("say", retryAfterMs);
      return error && [error.code, error.data];
    }).filter((told) => told !== undefined);
  const told = (refused: number): unknown => [
    "rate_limited",
    { retryAfterMs: 40, limit: "connection", refused },
  ];
  assert.deepEqual(refuse(10), [told(1)]);
  clock.advance(TOLD_EVERY_MS - 1);
  assert.deepEqual(refuse(10), []);
  clock.advance(1);
  assert.deepEqual(refuse(10), [told(20)]);
  clock.advance(10 * TOLD_EVERY_MS);
  assert.deepEqual(refuse(1), [told(10)]);
});

test("the client is told in a sentence which limit it was, and when to try again", () => {
  for (const [lastLimit, message] of [
    ["connection", "Too many events: the next is taken in 40 ms."],
    ["event", 'Too many events "say": the next is taken in 40 ms.'],
    ["address", "Too many events from this address: the next is taken in 40 ms."],
  ] as const) {
    const limiter = new SocketLimiter({ lastLimit, take: () => 40 }, new Map(), new FakeClock());
    const { code, message: sentence, data } = limiter.answerTo("say", limiter.take("say"));
    assert.deepEqual([code, sentence, data], ["rate_limited", message, { retryAfterMs: 40 }]);
  }
});
