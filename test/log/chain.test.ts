import assert from "node:assert/strict";
import { test } from "node:test";
import { Chain, type Link } from "../../src/log/chain.ts";

class Item implements Link<Item> {
  older: Item | undefined;
  newer: Item | undefined;
}

test("items go from anywhere, and the oldest is known", () => {
  const chain = new Chain<Item>();
  const [one, two, three, four] = [new Item(), new Item(), new Item(), new Item()];
  for (const item of [one, two, three, four]) chain.add(item);
  assert.equal(chain.size, 4);
  chain.remove(two);
  assert.equal(chain.oldest, one);
  chain.remove(one);
  assert.equal(chain.oldest, three);
  chain.remove(four);
  chain.add(one);
  chain.remove(three);
  assert.equal(chain.oldest, one);
  chain.remove(one);
  assert.deepEqual([chain.oldest, chain.size, one.older, one.newer], [undefined, 0, undefined, undefined]);
});
