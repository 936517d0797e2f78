import assert from "node:assert/strict";
import { test } from "node:test";
import { Queue } from "../../src/log/queue.ts";

test("what comes first goes first, each within reach, whatever the mix", () => {
  const queue = new Queue<number>();
  const model: number[] = [];
  let state = 1;
  for (let step = 0; step < 20_000; step++) {
    state = (state * 16_807) % 2_147_483_647;
    // It grows for a while, then shrinks.
    if (state % 10 < (step % 2000 < 1000 ? 6 : 4)) {
      queue.push(step);
      model.push(step);
    } else {
      assert.equal(queue.shift(), model.shift());
    }
    const middle = model.length >> 1;
    assert.deepEqual(
      [queue.length, queue.first, queue.last, queue.at(middle), queue.at(model.length)],
      [model.length, model[0], model.at(-1), model[middle], undefined],
    );
  }
});
