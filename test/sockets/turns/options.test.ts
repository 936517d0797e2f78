import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Server } from "../../../src/sockets/server.ts";
import { withDefaults } from "../../../src/sockets/options.ts";

test("handlers are concurrent unless it is said", () => {
  assert.equal(withDefaults({}).turns, undefined);
  assert.equal(withDefaults({ handlers: "concurrent", maxWaitingEvents: 5 }).turns, undefined);
});

test("in order, the defaults are the documented ones", () => {
  const { turns } = withDefaults({ handlers: "in-order" });
  assert.deepEqual(turns, { maxEvents: 64, maxBytes: 262_144, handlerTimeoutMs: 60_000 });
  const docs = readFileSync(new URL("../../../docs/reference/sockets.md", import.meta.url), "utf8");
  const rows = new Map(
    [...docs.matchAll(/^\| `(\w+)` \| ([^|]+) \|/gm)].map(([, name, value]) => [name, value!.trim()]),
  );
  assert.equal(rows.get("handlers"), '`"concurrent"`');
  assert.equal(rows.get("maxWaitingEvents"), "64");
  assert.equal(rows.get("maxWaitingEventBytes"), "256 KiB");
  assert.equal(rows.get("handlerTimeout"), "60,000 ms");
});

test("one that can't be is refused by name", () => {
  for (const [name, values] of [
    ["handlers", ["ordered", true]],
    ["maxWaitingEvents", [0, Number.NaN]],
    ["maxWaitingEventBytes", [0, -1]],
    ["handlerTimeout", [0, 2 ** 31]],
  ] as const) {
    for (const value of values) {
      assert.throws(
        () => new Server({ [name]: value } as object),
        (error) => error instanceof RangeError && error.message.includes(`"${name}"`),
        `${name} ${value}`,
      );
    }
  }
});
