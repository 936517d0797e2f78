import assert from "node:assert/strict";
import { test } from "node:test";
import { HandlerErrorLog, LOGGED_ERRORS_PER_MINUTE } from "../../src/sockets/handler-error-log.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { startJoined } from "../support/joined.ts";
import { RecordingLogger } from "../support/recording-logger.ts";

const REST = "more errors of handlers in this minute were not logged one by one.";

function makeLog() {
  const clock = new FakeClock();
  const logger = new RecordingLogger();
  const log = new HandlerErrorLog(() => logger, clock);
  const fail = (count: number): void => {
    for (let number = 0; number < count; number++) log.add({ number }, "failed");
  };
  return { clock, logger, log, fail };
}

test("logs the first errors of a minute, and then how many more there were", () => {
  const { clock, logger, fail } = makeLog();
  fail(LOGGED_ERRORS_PER_MINUTE);
  assert.deepEqual([logger.take().length, clock.pending], [100, 0]);
  clock.advance(10_000);
  fail(7);
  assert.deepEqual([logger.take().length, clock.pending], [0, 1]);
  clock.advance(49_999);
  assert.equal(logger.take().length, 0);
  clock.advance(1);
  assert.deepEqual(logger.take(), [{ level: "error", details: { count: 7 }, message: `7 ${REST}` }]);
  fail(101);
  assert.equal(logger.take().length, 100);
  clock.advance(60_000);
  assert.deepEqual(logger.take()[0]?.details, { count: 1 });
  assert.equal(clock.pending, 0);
});

test("begins anew after a minute, and says nothing if nothing was left out", () => {
  const { clock, logger, log, fail } = makeLog();
  fail(99);
  clock.advance(60_000);
  fail(99);
  assert.equal(logger.take().length, 198);
  log.close();
  logger.assertEmpty();
});

test("a client that makes a handler fail does not fill the log, and the end of the server says the rest", async (t) => {
  const { io, socket, client, log } = await startJoined(t, { clock: new FakeClock() });
  const COUNT = 1000;
  let left = COUNT;
  const done = new Promise<void>((resolve) => {
    socket.on("fail", () => {
      left -= 1;
      if (left === 0) resolve();
      throw new Error("mine");
    });
  });
  for (let number = 0; number < COUNT; number++) void client.send('42["fail"]');
  await done;
  const entries = log.take();
  assert.equal(entries.length, LOGGED_ERRORS_PER_MINUTE);
  assert.equal(entries[0]?.message, 'A listener for "fail" failed.');
  client.raw.destroy();
  await io.close();
  assert.deepEqual(
    log.take().map(({ details, message }) => [details, message]),
    [[{ count: COUNT - LOGGED_ERRORS_PER_MINUTE }, `${COUNT - LOGGED_ERRORS_PER_MINUTE} ${REST}`]],
  );
});
