import assert from "node:assert/strict";
import { test } from "node:test";
import { type Due, DueHeap } from "../../src/log/due-heap.ts";
import { SeededRandom } from "../../src/testing/seeded-random.ts";

class Item implements Due {
  place = 0;
  order = 0;
  readonly dueMs: number;

  constructor(dueMs: number) {
    this.dueMs = dueMs;
  }
}

test("what is due first comes first; of those that are due together, what was added first", () => {
  const heap = new DueHeap<Item>();
  const [late, one, other, early] = [new Item(9), new Item(5), new Item(5), new Item(1)];
  for (const item of [late, one, other, early]) heap.add(item);
  const found: (Item | undefined)[] = [];
  while (heap.size > 0) {
    found.push(heap.first);
    heap.remove(heap.first!);
  }
  assert.deepEqual(found, [early, one, other, late]);
  assert.equal(heap.first, undefined);
});

test("whatever is added and taken out, it is as a list that is sorted each time", () => {
  const random = new SeededRandom(5);
  for (let round = 0; round < 200; round++) {
    const heap = new DueHeap<Item>();
    let list: Item[] = [];
    for (let step = 0; step < 200; step++) {
      if (list.length === 0 || random.integer(0, 9) < 6) {
        const item = new Item(random.integer(0, 20));
        heap.add(item);
        list.push(item);
        list = list.toSorted((first, second) => first.dueMs - second.dueMs);
      } else {
        const [item] = list.splice(random.integer(0, list.length - 1), 1);
        heap.remove(item!);
      }
      assert.equal(heap.size, list.length);
      assert.equal(heap.first, list[0]);
    }
  }
});
