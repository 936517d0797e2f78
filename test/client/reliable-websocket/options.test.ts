import assert from "node:assert/strict";
import { test } from "node:test";
import { checkOptions } from "../../../src/client/reliable-websocket/options.ts";

test("options have the defaults that are documented", () => {
  const { shouldReconnect, ...rest } = checkOptions({ heartbeat: { message: "?" } });
  assert.deepEqual(rest, {
    reconnection: true,
    reconnectionAttempts: Number.POSITIVE_INFINITY,
    reconnectionDelay: 1000,
    reconnectionDelayMax: 5000,
    stableAfter: 5000,
    connectTimeout: 10_000,
    heartbeat: { message: "?", interval: 25_000, timeout: 10_000, retries: 1 },
    maxQueuedMessages: 1000,
    maxQueuedBytes: 1_048_576,
    overflow: "error",
    extraHeaders: {},
  });
  assert.equal(shouldReconnect({ code: 1006 } as never), true);
});

test("options that can't be are refused", () => {
  for (const name of [
    "reconnectionAttempts",
    "reconnectionDelay",
    "reconnectionDelayMax",
    "stableAfter",
    "connectTimeout",
    "maxQueuedMessages",
    "maxQueuedBytes",
  ]) {
    for (const value of [-1, Number.NaN, "x"]) {
      assert.throws(() => checkOptions({ [name]: value }), { name: "RangeError", message: new RegExp(name) });
    }
  }
  for (const name of ["interval", "timeout", "retries"]) {
    const heartbeat = { message: "?", [name]: -1 };
    assert.throws(() => checkOptions({ heartbeat }), {
      name: "RangeError",
      message: new RegExp(`heartbeat.${name}`),
    });
  }
  assert.throws(() => checkOptions({ heartbeat: { message: "?", interval: 0 } }), RangeError);
  assert.throws(() => checkOptions({ overflow: "explode" as "error" }), RangeError);
});
