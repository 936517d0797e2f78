import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { outboxStoreSuite } from "../../src/testing/outbox-store-suite.ts";
import { MemoryStore } from "../support/memory-store.ts";

describe("the store that tests use does what every store must", () => {
  const suite = outboxStoreSuite(() => {
    const store = new MemoryStore();
    return () => store;
  });
  for (const { name, run } of suite) test(name, run);
});

describe("the suite finds", () => {
  class Forgetful extends MemoryStore {
    override async clear(): Promise<void> {
      await this.close();
    }
  }
  class Generous extends MemoryStore {
    override isTaken(): boolean {
      return false;
    }
  }

  for (const [Store, names] of [
    [Forgetful, ["clearing forgets everything, and closes"]],
    [Generous, ["one has it at a time"]],
  ] as const) {
    test(`a store that is not one: ${Store.name}`, async () => {
      const failed: string[] = [];
      const suite = outboxStoreSuite(() => {
        const store = new Store();
        return () => store;
      });
      for (const { name, run } of suite) {
        try {
          await run();
        } catch {
          failed.push(name);
        }
      }
      assert.deepEqual(failed, names);
    });
  }
});
