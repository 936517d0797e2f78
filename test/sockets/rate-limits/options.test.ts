import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Server } from "../../../src/sockets/server.ts";
import { rateLimitSettings } from "../../../src/sockets/rate-limits/options.ts";

const make = (rateLimits: unknown): unknown => new Server({ rateLimits: rateLimits as object });

describe("the option rateLimits", () => {
  test("is off by default; each part may be left out", () => {
    assert.equal(rateLimitSettings(undefined), undefined);
    assert.deepEqual(rateLimitSettings({ events: { say: undefined } }), {
      connection: undefined,
      events: new Map(),
      address: undefined,
      refusals: { intervalMs: 10, burstMs: 10_000 },
    });
  });

  test("counts in tokens; a burst is a second's worth by default, at least 1", () => {
    const settings = rateLimitSettings({
      connection: { perSecond: 50, burst: 100 },
      events: { say: { perSecond: 4 }, rarely: { perSecond: 0.5 } },
      address: { perSecond: 500, burst: 1000 },
      disconnectAfter: 20,
    });
    assert.deepEqual(settings, {
      connection: { intervalMs: 20, burstMs: 2000 },
      events: new Map([
        ["say", { intervalMs: 250, burstMs: 1000 }],
        ["rarely", { intervalMs: 2000, burstMs: 2000 }],
      ]),
      address: { intervalMs: 2, burstMs: 2000 },
      refusals: { intervalMs: 500, burstMs: 10_000 },
    });
    assert.equal(rateLimitSettings({ disconnectAfter: Number.POSITIVE_INFINITY })?.refusals, undefined);
  });

  test("refuses a number that can't be, by name", () => {
    const rates = [0, -1, Number.NaN, Number.POSITIVE_INFINITY, Number.MIN_VALUE, undefined];
    const bursts = [0, 0.9, Number.NaN, Number.POSITIVE_INFINITY];
    for (const place of ["connection", "address", "events.say"]) {
      const within = (rate: object): object =>
        place === "events.say" ? { events: { say: rate } } : { [place]: rate };
      for (const perSecond of rates) {
        const message = `The option "rateLimits.${place}.perSecond" must be a number of more than 0, not ${perSecond}.`;
        assert.throws(() => make(within({ perSecond })), { name: "RangeError", message });
      }
      for (const burst of bursts) {
        const message = `The option "rateLimits.${place}.burst" must be a number, 1 or more, not ${burst}.`;
        assert.throws(() => make(within({ perSecond: 1, burst })), { name: "RangeError", message });
      }
    }
    for (const disconnectAfter of [0, -1, Number.NaN]) {
      const message = `The option "rateLimits.disconnectAfter" must be 1 or more, not ${disconnectAfter}.`;
      assert.throws(() => make({ disconnectAfter }), { name: "RangeError", message });
    }
  });

  test("refuses what is no rate, and a name that nobody knows", () => {
    for (const [options, sentence] of [
      [true, /"rateLimits" must be an object, not true/],
      [null, /"rateLimits" must be an object, not null/],
      [{ connection: 50 }, /"rateLimits.connection" must be an object, not 50/],
      [{ events: "say" }, /"rateLimits.events" must be an object, not say/],
      [{ events: { say: null } }, /"rateLimits.events.say" must be an object, not null/],
      [{ conection: {} }, /"rateLimits" knows connection, events, address, disconnectAfter, not "conection"/],
      [{ address: { perSecond: 1, perMs: 1 } }, /"rateLimits.address" knows perSecond, burst, not "perMs"/],
    ] as const) {
      assert.throws(() => make(options), { name: "TypeError", message: sentence });
    }
  });

  test("belongs into the constructor", () => {
    const io = new Server();
    assert.throws(
      () => io.attach(0, { rateLimits: {} } as object),
      /"rateLimits" belongs into the constructor/,
    );
  });
});
