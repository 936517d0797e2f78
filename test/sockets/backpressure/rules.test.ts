import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type BackpressureOptions, BackpressureRules } from "../../../src/sockets/backpressure/rules.ts";
import type { DefaultEvents } from "../../../src/shared/events.ts";

function rulesOf(...options: BackpressureOptions<DefaultEvents>[]): BackpressureRules {
  const rules = new BackpressureRules();
  for (const each of options) rules.add(each);
  return rules;
}

describe("the policies of a namespace", () => {
  test("nothing is said of an event: it waits, or is read from the log", () => {
    const rules = rulesOf({ events: { other: "disconnect" }, rooms: [{ room: "b", policy: "drop-oldest" }] });
    assert.equal(new BackpressureRules().whenSlow("n", [], ["a"], []), undefined);
    assert.equal(rules.whenSlow("n", [], ["a"], []), undefined);
    assert.equal(rules.whenSlow("n", [], [], []), undefined);
  });

  test("their defaults, with and without options", () => {
    for (const policy of ["latest-only", "drop-oldest", "disconnect", "pause-and-recover"] as const) {
      const short = rulesOf({ events: { n: policy } }).whenSlow("n", [1], [], []);
      assert.deepEqual(short, rulesOf({ events: { n: { policy } } }).whenSlow("n", [1], [], []));
      const expected = {
        "latest-only": [65_536, 1],
        "drop-oldest": [65_536, 100],
        disconnect: [1_048_576, undefined],
        "pause-and-recover": [undefined, undefined],
      }[policy];
      assert.deepEqual([short?.aboveBytes, short?.lane?.keep], expected, policy);
    }
  });

  test("a lane is of one event, one key, and one target", () => {
    const rules = rulesOf({
      events: {
        price: { policy: "latest-only", key: (symbol: string) => symbol },
        other: { policy: "latest-only", key: (symbol: string) => symbol },
      },
    });
    const laneOf = (name: string, args: unknown[], rooms: string[] = [], except: string[] = []): string =>
      rules.whenSlow(name, args, rooms, except)!.lane!.key;
    const lanes = [
      laneOf("price", ["A", 1]),
      laneOf("price", ["B", 1]),
      laneOf("other", ["A", 1]),
      laneOf("price", ["A", 1], ["r"]),
      laneOf("price", ["A", 1], ["r", "s"]),
      laneOf("price", ["A", 1], ["r,s"]),
      laneOf("price", ["A", 1], ["r"], ["s"]),
    ];
    assert.equal(new Set(lanes).size, lanes.length);
    assert.equal(laneOf("price", ["A", 2], ["r"]), laneOf("price", ["A", 3], ["r"]));
  });

  test("rooms: by name, pattern and function; the first counts, and an event's own goes before", () => {
    const rules = rulesOf({
      events: { own: "disconnect", always: "pause-and-recover" },
      rooms: [
        { room: "a", policy: "drop-oldest", keep: 1 },
        { room: /^v:/g, policy: "drop-oldest", keep: 2 },
        { room: (name) => name === "a" || name === "f", policy: "drop-oldest", keep: 3 },
      ],
    });
    const keepOf = (name: string, ...rooms: string[]): number | undefined =>
      rules.whenSlow(name, [], rooms, [])?.lane?.keep;
    assert.deepEqual(
      [keepOf("n", "a"), keepOf("n", "v:1"), keepOf("n", "v:2"), keepOf("n", "f"), keepOf("n", "x", "a")],
      [1, 2, 2, 3, 1],
    );
    assert.equal(rules.whenSlow("own", [], ["a"], [])!.lane, undefined);
    assert.equal(rules.whenSlow("always", [], ["a"], []), undefined);
  });

  test("the key of a room is told which event it is; without one all events of the room are one", () => {
    const key = (name: string, symbol: unknown): string => `${name}:${String(symbol)}`;
    const rules = rulesOf({
      rooms: [
        { room: "keyed", policy: "latest-only", key },
        { room: "plain", policy: "latest-only" },
      ],
    });
    const laneOf = (name: string, room: string): string => rules.whenSlow(name, [1], [room], [])!.lane!.key;
    assert.notEqual(laneOf("a", "keyed"), laneOf("b", "keyed"));
    assert.equal(laneOf("a", "plain"), laneOf("b", "plain"));
  });

  test("what is said later counts; a copy goes its own way", () => {
    const rules = rulesOf({ events: { n: "disconnect" } });
    const copy = rules.copy();
    rules.add({ events: { n: "pause-and-recover" } });
    assert.equal(rules.whenSlow("n", [], [], []), undefined);
    assert.notEqual(copy.whenSlow("n", [], [], []), undefined);
  });

  test("a key that is too long stands for nothing; what it throws is thrown", () => {
    const rules = rulesOf({ events: { n: { policy: "latest-only", key: (text: string) => text.trim() } } });
    assert.equal(rules.whenSlow("n", ["x".repeat(1025)], [], []), undefined);
    assert.throws(() => rules.whenSlow("n", [1], [], []), TypeError);
  });

  const wrong: readonly [unknown, RegExp][] = [
    [{ events: { n: "newest" } }, /"newest", for "n", is no policy/],
    [{ events: { n: {} } }, /"undefined", for "n", is no policy/],
    [{ events: { n: { policy: "drop-oldest", keep: 0 } } }, /"keep".*"n".*1 to 10000, not 0/],
    [{ events: { n: { policy: "drop-oldest", keep: 10_001 } } }, /"keep"/],
    [{ events: { n: { policy: "drop-oldest", keep: 1.5 } } }, /"keep"/],
    [{ events: { n: { policy: "disconnect", above: -1 } } }, /"above"/],
    [{ events: { n: { policy: "latest-only", key: "symbol" } } }, /"key".*must be a function/],
    [
      { events: { n: { policy: "drop-oldest", kept: 5 } } },
      /backpressure of n" knows policy, key, keep, above.*"kept"/,
    ],
    [{ events: { n: null } }, /backpressure of n" must be an object, not null/],
    [{ event: { n: "disconnect" } }, /"backpressure" knows events, rooms, not "event"/],
    [{ rooms: { room: "a", policy: "disconnect" } }, /"backpressure.rooms" must be a list/],
    [{ rooms: [{ policy: "disconnect" }] }, /"room".*not undefined/],
    [{ rooms: [{ room: 5, policy: "disconnect" }] }, /"room".*not number/],
  ];
  for (const [options, message] of wrong) {
    test(`${JSON.stringify(options)} can't be, and nothing of it counts`, () => {
      const rules = new BackpressureRules();
      const given = options as BackpressureOptions<DefaultEvents>;
      const all = { ...given, events: { first: "disconnect", ...given.events } } as typeof given;
      assert.throws(() => rules.add(all), { message });
      assert.equal(rules.whenSlow("first", [], [], []), undefined);
    });
  }
});
