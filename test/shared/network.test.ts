import assert from "node:assert/strict";
import { test } from "node:test";
import { networkOf } from "../../src/shared/network.ts";

test("an address of IPv6 counts as its network", () => {
  for (const [address, network] of [
    ["127.0.0.1", "127.0.0.1"],
    ["::ffff:127.0.0.1", "127.0.0.1"],
    ["::1", "0:0:0:0"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
    ["2001:db8:1:2::", "2001:db8:1:2"],
    ["2001:db8::5:6", "2001:db8:0:0"],
    ["1::3:4:5:6:7:8", "1:0:3:4"],
    ["fe80::1%eth0", "fe80:0:0:0"],
    ["", ""],
  ] as const) {
    assert.equal(networkOf(address), network, address);
  }
});
