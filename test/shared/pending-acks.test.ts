import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { AckError, PendingAcks } from "../../src/shared/pending-acks.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";

interface Bench {
  readonly clock: FakeClock;
  readonly acks: PendingAcks;
  readonly calls: unknown[][];
  /** A callback that notes its arguments behind its label. */
  readonly note: (label: string) => (...args: unknown[]) => void;
}

function makeBench(): Bench {
  const clock = new FakeClock();
  const calls: unknown[][] = [];
  const note =
    (label: string) =>
    (...args: unknown[]): void =>
      void calls.push([label, ...args]);
  return { clock, calls, note, acks: new PendingAcks(clock, (error) => calls.push(["failed", error])) };
}

/** The code of the error that a callback got, if that was all it got. */
function codeOf(call: unknown[] | undefined): string | undefined {
  const [, error, ...rest] = call ?? [];
  return error instanceof AckError && rest.length === 0 ? error.code : undefined;
}

describe("an acknowledgement", () => {
  test("has an id of its own, from 0 up, and brings its arguments", () => {
    const { acks, calls, note } = makeBench();
    assert.deepEqual([acks.add(note("a"), false), acks.add(note("b"), false)], [0, 1]);
    assert.equal(acks.size, 2);
    acks.settle(1, ["x", 2]);
    acks.settle(0, []);
    assert.deepEqual(calls, [["b", "x", 2], ["a"]]);
    assert.equal(acks.size, 0);
    assert.equal(acks.add(note("c"), false), 2);
  });

  test("comes behind null if the error comes first", () => {
    const { acks, calls, note } = makeBench();
    acks.settle(acks.add(note("a"), true), ["x"]);
    assert.deepEqual(calls, [["a", null, "x"]]);
  });

  test("that came already, or that nobody waits for, is ignored", () => {
    const { acks, calls, note } = makeBench();
    const id = acks.add(note("a"), false);
    acks.settle(id, [1]);
    acks.settle(id, [2]);
    acks.settle(99, [3]);
    acks.settle(-1, [4]);
    acks.settle(Number.NaN, [5]);
    assert.deepEqual(calls, [["a", 1]]);
  });

  test("may be waited for by its own callback", () => {
    const { acks, calls, note } = makeBench();
    const id = acks.add(() => void acks.add(note("second"), false), false);
    acks.settle(id, []);
    acks.settle(1, ["y"]);
    assert.deepEqual(calls, [["second", "y"]]);
  });
});

describe("a time limit", () => {
  test("fails at its moment, not before, and what comes later is ignored", () => {
    const { acks, clock, calls, note } = makeBench();
    const id = acks.add(note("a"), true, 1000);
    clock.advance(999);
    assert.deepEqual(calls, []);
    clock.advance(1);
    assert.equal(codeOf(calls[0]), "timeout");
    assert.match((calls[0]![1] as Error).message, /1000 ms/);
    assert.equal(acks.size, 0);
    acks.settle(id, ["late"]);
    assert.equal(calls.length, 1);
  });

  test("says so before the callback is called", () => {
    const { acks, clock, calls, note } = makeBench();
    acks.add(note("callback"), true, 10, () => calls.push(["onTimeout"]));
    clock.advance(10);
    assert.deepEqual(calls[0], ["onTimeout"]);
    assert.equal(codeOf(calls[1]), "timeout");
  });

  test("ends when the acknowledgement comes", () => {
    const { acks, clock, calls, note } = makeBench();
    acks.settle(acks.add(note("a"), true, 1000), []);
    assert.equal(clock.pending, 0);
    clock.advance(5000);
    assert.deepEqual(calls, [["a", null]]);
  });
});

describe("cancel", () => {
  test("forgets the acknowledgement and its time limit without a word", () => {
    const { acks, clock, calls, note } = makeBench();
    const id = acks.add(note("a"), true, 1000);
    acks.cancel(id);
    acks.cancel(id);
    acks.cancel(77);
    assert.equal(acks.size, 0);
    assert.equal(clock.pending, 0);
    clock.advance(2000);
    acks.settle(id, []);
    assert.deepEqual(calls, []);
  });
});

describe("abandon", () => {
  test("fails all that can take an error and drops the others", () => {
    const { acks, clock, calls, note } = makeBench();
    acks.add(note("plain"), false);
    acks.add(note("first"), true);
    acks.add(note("timed"), true, 1000);
    acks.abandon();
    assert.equal(acks.size, 0);
    assert.equal(clock.pending, 0);
    assert.deepEqual(
      calls.map((call) => [call[0], codeOf(call)]),
      [
        ["first", "disconnected"],
        ["timed", "disconnected"],
      ],
    );
  });

  test("tells all the same error: many of them must not take long", () => {
    const { acks, calls, note } = makeBench();
    for (const label of ["a", "b"]) acks.add(note(label), true);
    acks.abandon();
    const [[, one], [, other]] = calls as [unknown[], unknown[]];
    assert.ok(one instanceof AckError);
    assert.equal(one, other);
  });

  test("keeps those that are to be kept, with their time limits", () => {
    const { acks, clock, calls, note } = makeBench();
    acks.add(note("lost"), true);
    const kept = acks.add(note("kept"), true, 50);
    acks.abandon(new Set([kept]));
    assert.equal(acks.size, 1);
    assert.deepEqual(
      calls.map((call) => call[0]),
      ["lost"],
    );
    clock.advance(50);
    assert.deepEqual(codeOf(calls[1]), "timeout");
  });

  test("what a callback adds meanwhile belongs to the next connection and is not abandoned", () => {
    const { acks, calls, note } = makeBench();
    let retries = 0;
    const retry = (error: unknown): void => {
      assert.ok(error instanceof AckError);
      retries += 1;
      if (retries < 100) acks.add(retry, true);
    };
    acks.add(retry, true);
    acks.add(note("other"), true);
    acks.abandon();
    assert.equal(retries, 1);
    assert.equal(acks.size, 1);
    assert.equal(codeOf(calls[0]), "disconnected");
  });

  test("what a callback cancels or settles meanwhile is not failed as well", () => {
    const { acks, calls, note } = makeBench();
    acks.add(() => {
      acks.cancel(1);
      acks.settle(2, ["just in time"]);
    }, true);
    acks.add(note("cancelled"), true);
    acks.add(note("settled"), true);
    acks.abandon();
    assert.deepEqual(calls, [["settled", null, "just in time"]]);
  });
});

test("the error is an Error with a name and a code", () => {
  const error = new AckError("disconnected", "Gone.");
  assert.ok(error instanceof Error);
  assert.equal(error.name, "AckError");
  assert.equal(error.code, "disconnected");
  assert.equal(error.message, "Gone.");
});
