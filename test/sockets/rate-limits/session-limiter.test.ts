import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type RateLimitOptions, rateLimitSettings } from "../../../src/sockets/rate-limits/options.ts";
import { RateLimits } from "../../../src/sockets/rate-limits/rate-limits.ts";
import { SessionLimiter } from "../../../src/sockets/rate-limits/session-limiter.ts";
import type { EventMap } from "../../../src/shared/events.ts";
import { FakeClock } from "../../../src/testing/fake-clock.ts";

const MAX_NAMESPACES = 3;

/** Sessions of a server with these limits. */
function setUp(options: RateLimitOptions<EventMap>) {
  const clock = new FakeClock();
  const limits = new RateLimits(rateLimitSettings(options)!, clock, MAX_NAMESPACES);
  return { clock, session: (address = "192.0.2.1") => new SessionLimiter(limits, address) };
}

/** What comes of events, one after the other. */
function send(session: SessionLimiter, names: string, namespace = "/"): number[] {
  return names.split(" ").map((name) => session.socketOf(namespace).take(name));
}

describe("the events of a session", () => {
  test("count together, over its namespaces; joining one counts as one", () => {
    const { clock, session } = setUp({ connection: { perSecond: 10, burst: 4 } });
    const first = session();
    assert.equal(first.takeJoin(), 0);
    assert.deepEqual(send(first, "a b"), [0, 0]);
    assert.deepEqual(send(first, "a b", "/n"), [0, 100]);
    assert.equal(first.takeJoin(), 100);
    assert.deepEqual(send(session(), "a b c d e"), [0, 0, 0, 0, 100]);
    clock.advance(100);
    assert.equal(first.takeJoin(), 0);
    assert.deepEqual(send(first, "a"), [100]);
  });

  test("count by name, in each namespace; leaving it and coming back changes nothing", () => {
    const { clock, session } = setUp({ events: { say: { perSecond: 1, burst: 2 } } });
    const first = session();
    assert.deepEqual(send(first, "say other say say other"), [0, 0, 0, 1000, 0]);
    assert.deepEqual(send(first, "say say say", "/n"), [0, 0, 1000]);
    assert.deepEqual(send(session(), "say say say"), [0, 0, 1000]);
    clock.advance(1000);
    assert.deepEqual(send(first, "say say"), [0, 1000]);
  });

  test("of names that every object has are events like others", () => {
    const { session } = setUp({ events: { say: { perSecond: 1 } } });
    assert.deepEqual(send(session(), "__proto__ constructor toString say say"), [0, 0, 0, 0, 1000]);
    const own = setUp({ events: JSON.parse('{"__proto__":{"perSecond":1}}') as object });
    assert.deepEqual(send(own.session(), "__proto__ __proto__"), [0, 1000]);
  });

  test("count together with those of others of their address; for IPv6 of their network", () => {
    const { session } = setUp({ address: { perSecond: 1, burst: 3 } });
    const [first, second] = [session("2001:db8::1"), session("2001:db8::2")];
    assert.deepEqual(send(first, "a a"), [0, 0]);
    assert.deepEqual(send(second, "a a"), [0, 1000]);
    assert.deepEqual(send(session("2001:db8:0:1::1"), "a a"), [0, 0]);
    assert.equal(session("2001:db8::3").takeJoin(), 0, "joining is not counted by address");
    const mapped = session("::ffff:192.0.2.1");
    assert.deepEqual(send(mapped, "a a"), [0, 0]);
    assert.deepEqual(send(session("192.0.2.1"), "a a"), [0, 1000]);
  });

  test("that are refused take nothing anywhere, and the longest time is told", () => {
    const { clock, session } = setUp({
      connection: { perSecond: 10, burst: 3 },
      events: { say: { perSecond: 1, burst: 1 } },
      address: { perSecond: 2, burst: 5 },
    });
    const first = session();
    assert.deepEqual(send(first, "say say say"), [0, 1000, 1000]);
    assert.equal(first.lastLimit, "event");
    assert.deepEqual(send(first, "a a a a"), [0, 0, 100, 100]);
    assert.equal(first.lastLimit, "connection");
    const second = session();
    assert.deepEqual(send(second, "a a a"), [0, 0, 500]);
    assert.equal(second.lastLimit, "address");
    clock.advance(500);
    assert.deepEqual(send(second, "a say"), [0, 500]);
    assert.equal(second.lastLimit, "address");
    clock.advance(500);
    assert.deepEqual(send(first, "say"), [0]);
  });
});

describe("a session that goes on although it is refused", () => {
  test("floods after so many refusals at once", () => {
    const { session } = setUp({ connection: { perSecond: 1 }, disconnectAfter: 3 });
    const first = session();
    send(first, "a a a");
    assert.equal(first.isFlooding, false);
    send(first, "a");
    assert.equal(first.isFlooding, true);
    assert.equal(session().isFlooding, false);
  });

  test("floods if it has as many in ten seconds again and again, refused joins counted; less is forgiven", () => {
    const { clock, session } = setUp({ connection: { perSecond: 0.001 }, disconnectAfter: 10 });
    const patient = session();
    const busy = session();
    for (const one of [patient, busy]) send(one, "a");
    for (let second = 0; second < 1000; second += 1) {
      clock.advance(1000);
      if (second % 2 === 0) send(patient, "a");
    }
    assert.equal(patient.isFlooding, false);
    for (let second = 0; second < 18; second += 1) {
      clock.advance(1000);
      busy.takeJoin();
      send(busy, "a");
    }
    assert.equal(busy.isFlooding, true);
  });

  test("never floods if that is the will", () => {
    const { session } = setUp({
      connection: { perSecond: 1 },
      disconnectAfter: Number.POSITIVE_INFINITY,
    });
    const first = session();
    for (let count = 0; count < 10_000; count += 1) send(first, "a");
    assert.equal(first.isFlooding, false);
  });
});

test("a session does not remember more namespaces than it may be in, twice over", () => {
  const { session } = setUp({ events: { say: { perSecond: 1 } } });
  const first = session();
  for (let index = 1; index <= 2 * MAX_NAMESPACES; index += 1) send(first, "say", `/${index}`);
  assert.deepEqual(send(first, "say", "/1"), [1000]);
  send(first, "say", "/more");
  assert.deepEqual(send(first, "say", "/1"), [0]);
  assert.deepEqual(send(first, "say", "/4"), [1000]);
});
