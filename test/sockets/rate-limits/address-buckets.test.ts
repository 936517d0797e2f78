import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { AddressBuckets, MAX_ADDRESSES } from "../../../src/sockets/rate-limits/address-buckets.ts";
import { tokenRate } from "../../../src/sockets/rate-limits/token-bucket.ts";

const RATE = tokenRate(1, 3);

/** Takes a token of an address, if there is one: 0, else how long to wait. */
function ask(buckets: AddressBuckets, address: string, nowMs: number): number {
  const bucket = buckets.bucketOf(address, nowMs);
  const waitMs = bucket.waitMs(nowMs);
  if (waitMs === 0) bucket.take(nowMs);
  return waitMs;
}

describe("buckets by address", () => {
  test("are apart, and each stays the same while it is not full", () => {
    const buckets = new AddressBuckets(RATE);
    for (const address of ["a", "b"]) {
      for (let count = 0; count < 3; count += 1) assert.equal(ask(buckets, address, 0), 0);
      assert.equal(ask(buckets, address, 0), 1000);
    }
    assert.equal(ask(buckets, "a", 999), 1);
    assert.equal(ask(buckets, "a", 1000), 0);
    assert.equal(buckets.size, 2);
  });

  test("are dropped when they are full again, as others come", () => {
    const buckets = new AddressBuckets(RATE);
    for (let index = 0; index < 1000; index += 1) ask(buckets, `early ${index}`, 0);
    for (let count = 0; count < 3; count += 1) ask(buckets, "busy", 0);
    assert.equal(buckets.size, 1001);
    for (let index = 0; index < 200; index += 1) ask(buckets, `late ${index}`, 1000);
    assert.equal(buckets.size, 201);
    assert.equal(ask(buckets, "busy", 1000), 0);
    assert.equal(ask(buckets, "busy", 1000), 1000);
  });

  test("are never more than their limit; those that have taken most are kept", () => {
    const LIMIT = 100;
    const buckets = new AddressBuckets(RATE, LIMIT);
    for (let count = 0; count < 3; count += 1) ask(buckets, "busy", 0);
    for (let index = 0; index < 10 * LIMIT; index += 1) {
      assert.equal(ask(buckets, `other ${index}`, 0), 0);
      assert.ok(buckets.size <= LIMIT);
      assert.equal(ask(buckets, "busy", 0), 1000);
    }
    assert.equal(buckets.size, LIMIT);
  });

  test("may be so few as one", () => {
    const buckets = new AddressBuckets(RATE, 1);
    for (const address of ["a", "b", "a", "b"]) assert.equal(ask(buckets, address, 0), 0);
    assert.equal(buckets.size, 1);
  });

  test("have the limit that is documented", () => {
    assert.equal(MAX_ADDRESSES, 100_000);
  });
});
