import assert from "node:assert/strict";
import { test } from "node:test";
import { ByteBudget } from "../../src/log/byte-budget.ts";
import { CommitGroup } from "../../src/log/commit-group.ts";
import type { DiskSeat } from "../../src/log/disk-format.ts";
import { DiskNamespace } from "../../src/log/disk-namespace.ts";
import { seatOf } from "../../src/testing/log-bench.ts";

const NAMESPACE = new DiskNamespace("/", new ByteBudget(1000));
const state = (): DiskSeat => ({ record: seatOf(1), generation: 1, dueMs: null });

test("of seats that come and go before they are written nothing is left", () => {
  const group = new CommitGroup();
  for (let index = 0; index < 1000; index++) {
    group.saveSeat(NAMESPACE, `seat ${index}`, state, true);
    group.saveSeat(NAMESPACE, `seat ${index}`, state, false);
    group.saveSeat(NAMESPACE, `seat ${index}`, undefined, false);
  }
  assert.ok(group.isEmpty);
});

test("a seat that may have been written is taken back", () => {
  const group = new CommitGroup();
  group.saveSeat(NAMESPACE, "seat", undefined, false);
  assert.equal(group.seats.size, 1);
  // Its key begins anew, and ends once more.
  group.saveSeat(NAMESPACE, "seat", state, true);
  group.saveSeat(NAMESPACE, "seat", undefined, false);
  assert.deepEqual([...group.seats.values()], [undefined]);
});
