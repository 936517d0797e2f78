import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { HandshakeRate, MAX_ADDRESSES } from "../../src/engine/handshake-rate.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";

describe("a rate of 3 in 30 s", () => {
  const setUp = () => {
    const clock = new FakeClock();
    return { clock, rate: new HandshakeRate({ max: 3, perMs: 30_000 }, clock) };
  };

  test("lets three in at once, then one every 10 s", () => {
    const { clock, rate } = setUp();
    assert.deepEqual(
      [1, 2, 3, 4].map(() => rate.take("a")),
      [0, 0, 0, 10_000],
    );
    clock.advance(9_999);
    assert.equal(rate.take("a"), 1);
    clock.advance(1);
    assert.deepEqual([rate.take("a"), rate.take("a")], [0, 10_000]);
  });

  test("forgives up to three", () => {
    const { clock, rate } = setUp();
    for (let index = 0; index < 10; index++) rate.take("a");
    clock.advance(1_000_000);
    assert.deepEqual(
      [1, 2, 3, 4].map(() => rate.take("a")),
      [0, 0, 0, 10_000],
    );
  });

  test("knows addresses apart, and those of one network not", () => {
    const { rate } = setUp();
    for (const address of ["10.0.0.1", "10.0.0.2", "2001:db8::1", "2001:db8:0:1::1"]) {
      for (let index = 0; index < 3; index++) assert.equal(rate.take(address), 0);
      assert.notEqual(rate.take(address), 0);
    }
    assert.notEqual(rate.take("2001:db8::ffff"), 0);
    assert.notEqual(rate.take("::ffff:10.0.0.1"), 0);
  });

  test("remembers no more addresses than its limit, the quietest go first", () => {
    const { rate } = setUp();
    for (let index = 0; index < 3; index++) rate.take("quiet");
    for (let index = 0; index < 3; index++) rate.take("busy");
    for (let index = 0; index < MAX_ADDRESSES; index++) {
      if (index % 1000 === 0) assert.notEqual(rate.take("busy"), 0);
      rate.take(`10.1.${index >> 8}.${index & 255}`);
      assert.ok(rate.size <= MAX_ADDRESSES);
    }
    assert.equal(rate.size, MAX_ADDRESSES);
    assert.notEqual(rate.take("busy"), 0);
    assert.equal(rate.take("quiet"), 0);
  });
});
