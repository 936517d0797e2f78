import assert from "node:assert/strict";
import { test } from "node:test";
import { type Few, itemsOf, onlyItem, withItem, withoutItem } from "../../src/sockets/few.ts";
import { SeededRandom } from "../../src/testing/seeded-random.ts";

test("few items are a set, whatever they are kept in", () => {
  const random = new SeededRandom(3);
  const all = ["a", "b", "c", "d", "e", "f", "g"];
  let few: Few<string> | undefined;
  const model = new Set<string>();
  for (let step = 0; step < 5000; step++) {
    const item = random.pick(all);
    if (random.fraction() < 0.5) {
      few = withItem(few, item);
      model.add(item);
    } else {
      few = withoutItem(few, item);
      model.delete(item);
    }
    assert.deepEqual([...itemsOf(few)], [...model]);
    assert.equal(few === undefined, model.size === 0);
    assert.equal(onlyItem(few), model.size === 1 ? [...model][0] : undefined);
  }
});

test("one is itself, a few are a list, and many are a set", () => {
  let few: Few<string> | undefined = withItem<string>(undefined, "a");
  assert.equal(few, "a");
  few = withItem(withItem(few, "b"), "b");
  assert.deepEqual(few, ["a", "b"]);
  assert.equal(withoutItem(few, "a"), "b");
  few = ["c", "d", "e"].reduce<Few<string>>((sofar, item) => withItem(sofar, item), few);
  assert.deepEqual(few, new Set(["a", "b", "c", "d", "e"]));
});

test("what is walked may be changed meanwhile", () => {
  let few: Few<string> | undefined = withItem(withItem(withItem<string>(undefined, "a"), "b"), "c");
  const walked: string[] = [];
  for (const item of itemsOf(few)) {
    walked.push(item);
    few = withoutItem(few, item);
  }
  assert.deepEqual([walked, few], [["a", "b", "c"], undefined]);
});
