import assert from "node:assert/strict";
import { test } from "node:test";
import { type Next, runChain } from "../../src/sockets/middleware.ts";

type Step = (next: Next) => unknown;

function run(...steps: Step[]): unknown[][] {
  const told: unknown[][] = [];
  runChain(steps, (step, next) => step(next), {
    onPassed: () => void told.push(["passed"]),
    onRefused: (error) => void told.push(["refused", error]),
    onFailed: (error, isOver) => void told.push(["failed", error, isOver]),
  });
  return told;
}

const failure = new Error("no");

test("steps run one after the other; without any, all is let through", () => {
  assert.deepEqual(run(), [["passed"]]);
  const order: number[] = [];
  const told = run(
    (next) => {
      order.push(1);
      next();
      order.push(4);
    },
    (next) => {
      order.push(2);
      next(null);
      order.push(3);
    },
  );
  assert.deepEqual([told, order], [[["passed"]], [1, 2, 3, 4]]);
});

test("one refuses, and the others do not run", () => {
  let ran = false;
  assert.deepEqual(
    run(
      (next) => next(failure),
      () => (ran = true),
    ),
    [["refused", failure]],
  );
  assert.equal(ran, false);
});

test("what is called twice counts once", () => {
  const twice: Step = (next) => {
    next();
    next();
    next(failure);
  };
  assert.deepEqual(run(twice, twice), [["passed"]]);
});

test("one that throws or rejects ends the chain, unless it had gone on", async () => {
  const explode = (): never => {
    throw failure;
  };
  assert.deepEqual(run(explode, explode), [["failed", failure, false]]);
  assert.deepEqual(
    run((next) => {
      next();
      explode();
    }),
    [["passed"], ["failed", failure, true]],
  );
  const rejected = run(() => Promise.reject(failure));
  const rejectedLate = run(async (next) => {
    next();
    await Promise.reject(failure);
  });
  const wentOnLater = run(async (next) => {
    await Promise.resolve();
    next();
  });
  await new Promise(setImmediate);
  assert.deepEqual(rejected, [["failed", failure, false]]);
  assert.deepEqual(rejectedLate, [["passed"], ["failed", failure, true]]);
  assert.deepEqual(wentOnLater, [["passed"]]);
});
