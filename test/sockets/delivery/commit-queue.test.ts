import assert from "node:assert/strict";
import { test } from "node:test";
import { CommitQueue, Pending } from "../../../src/sockets/delivery/commit-queue.ts";
import { collectGarbage } from "../../support/garbage.ts";
import { entryOf } from "../../../src/testing/log-bench.ts";

/** Something that is appended, and says when it is sent. */
class Item extends Pending {
  offset: number | undefined;
  readonly entry;
  readonly #sent: unknown[];

  constructor(name: string, sent: unknown[]) {
    super();
    this.entry = entryOf(name);
    this.#sent = sent;
  }

  send(): void {
    this.#sent.push(this.entry.body);
  }
}

function makeQueue(): { queue: CommitQueue; sent: unknown[]; push: (name: string) => Item } {
  const sent: unknown[] = [];
  const queue = new CommitQueue(
    () => 0,
    (error) => assert.fail(String(error)),
  );
  const push = (name: string): Item => {
    const item = new Item(name, sent);
    queue.push(item);
    return item;
  };
  return { queue, sent, push };
}

function settle(queue: CommitQueue, item: Item, offset: number): void {
  item.offset = offset;
  queue.advance();
}

test("what is appended is sent in order, and what follows it behind it", () => {
  const { queue, sent, push } = makeQueue();
  const [one, two] = [push("one"), push("two")];
  queue.run((offset) => sent.push(offset));
  settle(queue, two, 2);
  assert.deepEqual(sent, []);
  settle(queue, one, 1);
  assert.deepEqual(sent, ['["one"]', '["two"]', 2]);
  assert.equal(queue.isWaiting, false);
});

test("what can't be kept does not wait; what follows it does", () => {
  const { queue, sent, push } = makeQueue();
  const one = push("one");
  const { last } = queue;
  for (let index = 0; index < 1000; index++) {
    const refused = push("refused");
    queue.run(() => sent.push(index));
    settle(queue, refused, 0);
    assert.equal(queue.last, last);
  }
  const two = push("two");
  queue.run((offset) => sent.push(`behind ${offset}`));
  settle(queue, two, 2);
  settle(queue, one, 1);
  const numbers = Array.from({ length: 1000 }, (_, index) => index);
  assert.deepEqual(sent, ['["one"]', ...numbers, '["two"]', "behind 2"]);
  assert.equal(queue.isWaiting, false);
});

test("nothing is kept of what can't be kept, however long the others take", async () => {
  const { queue, push } = makeQueue();
  push("one");
  const refused: WeakRef<Item>[] = [];
  for (let index = 0; index < 10; index++) {
    const item = push("refused");
    refused.push(new WeakRef(item));
    settle(queue, item, 0);
  }
  push("two");
  await collectGarbage();
  const kept = refused.filter((ref) => ref.deref() !== undefined);
  // The last may still be somewhere on the stack.
  assert.ok(kept.length <= 1, `${kept.length} are kept`);
  assert.equal(queue.uncommitted.length, 2);
});

test("what can't be kept is passed over also if others wait behind it already", () => {
  const { queue, sent, push } = makeQueue();
  const [one, two, three] = [push("one"), push("two"), push("three")];
  queue.run((offset) => sent.push(offset));
  settle(queue, two, 0);
  settle(queue, three, 2);
  settle(queue, one, 1);
  assert.deepEqual(sent, ['["one"]', '["three"]', 2]);
});

test("what is refused while something is being sent is behind it", () => {
  const { queue, sent, push } = makeQueue();
  const one = push("one");
  queue.run(() => {
    const refused = push("refused");
    queue.run(() => sent.push("follower"));
    settle(queue, refused, 0);
    sent.push("first");
  });
  const two = push("two");
  settle(queue, one, 1);
  assert.deepEqual(sent, ['["one"]', "first"]);
  settle(queue, two, 2);
  assert.deepEqual(sent, ['["one"]', "first", '["two"]', "follower"]);
  assert.equal(queue.isWaiting, false);
});
