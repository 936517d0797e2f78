import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Emitter } from "../../src/shared/emitter.ts";

type Events = {
  word: (word: string) => unknown;
  pair: (left: number, right: number) => unknown;
  error: (error: Error) => void;
};

/** The least that an emitter needs: a way to fire, and a place for failures. */
class Sample extends Emitter<Events> {
  readonly failures: { error: unknown; name: string }[] = [];

  fire(name: string, ...args: unknown[]): boolean {
    return this.dispatch(name, args);
  }

  protected override listenerFailed(error: unknown, name: string): void {
    this.failures.push({ error, name });
  }
}

function makeSample(): { sample: Sample; calls: string[]; note: (label: string) => () => void } {
  const calls: string[] = [];
  return { sample: new Sample(), calls, note: (label) => () => void calls.push(label) };
}

describe("listeners", () => {
  test("are called in order, with all arguments", () => {
    const { sample } = makeSample();
    const seen: unknown[] = [];
    sample.on("pair", (left, right) => seen.push([1, left, right]));
    sample.addListener("pair", (left, right) => seen.push([2, left, right]));
    sample.prependListener("pair", (left, right) => seen.push([0, left, right]));
    assert.equal(sample.fire("pair", 7, 8), true);
    assert.deepEqual(seen, [
      [0, 7, 8],
      [1, 7, 8],
      [2, 7, 8],
    ]);
  });

  test("of one event are not called for another, and dispatch says whether there was any", () => {
    const { sample, calls, note } = makeSample();
    sample.on("word", note("word"));
    assert.equal(sample.fire("pair"), false);
    assert.equal(sample.fire("word"), true);
    assert.deepEqual(calls, ["word"]);
  });

  test("that were added twice are called twice, and removed one at a time, the last first", () => {
    const { sample, calls, note } = makeSample();
    const twice = note("twice");
    sample.on("word", twice).on("word", note("between")).on("word", twice);
    sample.off("word", twice);
    sample.fire("word");
    assert.deepEqual(calls, ["twice", "between"]);
    sample.removeListener("word", twice).fire("word");
    assert.deepEqual(calls, ["twice", "between", "between"]);
  });

  test("are counted and listed, those that run once included", () => {
    const { sample, note } = makeSample();
    const [first, second] = [note("first"), note("second")];
    assert.equal(sample.listenerCount("word"), 0);
    assert.equal(sample.hasListeners("word"), false);
    assert.deepEqual(sample.listeners("word"), []);
    sample.once("word", second).prependListener("word", first);
    assert.equal(sample.listenerCount("word"), 2);
    assert.deepEqual([sample.hasListeners("word"), sample.hasListeners("pair")], [true, false]);
    assert.deepEqual(sample.listeners("word"), [first, second]);
    sample.listeners("word").pop();
    assert.equal(sample.listenerCount("word"), 2);
  });

  test("can all be removed: of a name, or of all", () => {
    const { sample, note } = makeSample();
    sample.on("word", note("w")).on("pair", note("p")).on("error", note("e"));
    sample.off("word");
    assert.deepEqual([sample.listenerCount("word"), sample.listenerCount("pair")], [0, 1]);
    sample.removeAllListeners("pair");
    assert.deepEqual([sample.listenerCount("pair"), sample.listenerCount("error")], [0, 1]);
    sample.removeAllListeners();
    assert.equal(sample.listenerCount("error"), 0);
    assert.equal(sample.fire("error"), false);
  });

  test("that are not there can be removed", () => {
    const { sample, calls, note } = makeSample();
    sample.off("word", note("x")).removeAllListeners("word").removeAllListeners();
    sample.on("word", note("y")).off("word", note("y"));
    sample.fire("word");
    assert.deepEqual(calls, ["y"]);
  });

  test("must be functions", () => {
    const { sample } = makeSample();
    for (const wrong of [undefined, null, {}, "word"]) {
      assert.throws(() => sample.on("word", wrong as never), TypeError);
    }
    assert.throws(() => sample.once("word", null as never), /must be a function, not null/);
    assert.equal(sample.listenerCount("word"), 0);
  });

  test("of names that objects have anyway are not mixed up with those", () => {
    const { sample, calls, note } = makeSample();
    for (const name of ["__proto__", "constructor", "toString"]) {
      assert.equal(sample.fire(name), false);
      sample.on(name as "word", note(name));
      assert.equal(sample.fire(name), true);
    }
    assert.deepEqual(calls, ["__proto__", "constructor", "toString"]);
  });

  test("an error that nobody listens to does not throw", () => {
    assert.equal(makeSample().sample.fire("error", new Error("unheard")), false);
  });
});

describe("once", () => {
  test("is called once, and is gone before it is called", () => {
    const { sample } = makeSample();
    const counts: number[] = [];
    sample.once("word", () => counts.push(sample.listenerCount("word")));
    assert.equal(sample.fire("word"), true);
    assert.equal(sample.fire("word"), false);
    assert.deepEqual(counts, [0]);
  });

  test("firing the same event from inside does not call it again", () => {
    const { sample, calls, note } = makeSample();
    sample.once("word", () => {
      calls.push("outer");
      sample.fire("word");
    });
    sample.on("word", note("other"));
    sample.fire("word");
    assert.deepEqual(calls, ["outer", "other", "other"]);
  });

  test("firing the same event from a listener before it does not call it twice", () => {
    const { sample, calls, note } = makeSample();
    let depth = 0;
    sample.on("word", () => {
      depth += 1;
      if (depth === 1) sample.fire("word");
    });
    sample.once("word", note("once"));
    sample.fire("word");
    assert.deepEqual(calls, ["once"]);
  });

  test("can be removed before it ran", () => {
    const { sample, calls, note } = makeSample();
    const listener = note("never");
    sample.once("word", listener).off("word", listener);
    assert.equal(sample.fire("word"), false);
    assert.deepEqual(calls, []);
  });

  test("added twice, is called twice in one go", () => {
    const { sample, calls, note } = makeSample();
    const listener = note("x");
    sample.once("word", listener).once("word", listener);
    sample.fire("word");
    sample.fire("word");
    assert.deepEqual(calls, ["x", "x"]);
  });
});

describe("changes while an event is being dispatched", () => {
  test("a listener that is added is called from the next time on", () => {
    const { sample, calls, note } = makeSample();
    sample.once("word", () => {
      sample.on("word", note("late"));
      sample.prependListener("word", note("early"));
    });
    sample.fire("word");
    assert.deepEqual(calls, []);
    sample.fire("word");
    assert.deepEqual(calls, ["early", "late"]);
  });

  test("a listener that is removed is still called this time, as in Node", () => {
    const { sample, calls, note } = makeSample();
    const second = note("second");
    sample.on("word", () => void sample.off("word", second));
    sample.on("word", second);
    sample.fire("word");
    sample.fire("word");
    assert.deepEqual(calls, ["second"]);
  });

  test("a listener may remove itself without the next being left out", () => {
    const { sample, calls, note } = makeSample();
    const self = (): void => {
      calls.push("self");
      sample.off("word", self);
    };
    sample.on("word", self).on("word", note("next"));
    sample.fire("word");
    sample.fire("word");
    assert.deepEqual(calls, ["self", "next", "next"]);
  });
});

describe("listeners that fail", () => {
  test("what one throws is reported with the event's name, and the next one is called", () => {
    const { sample, calls, note } = makeSample();
    const boom = new Error("boom");
    sample.on("word", () => {
      throw boom;
    });
    sample.on("word", note("next"));
    assert.equal(sample.fire("word"), true);
    assert.deepEqual(sample.failures, [{ error: boom, name: "word" }]);
    assert.deepEqual(calls, ["next"]);
  });

  test("what one rejects with is reported, too", async () => {
    const { sample } = makeSample();
    const boom = new Error("later");
    sample.on("word", () => Promise.reject(boom));
    sample.on("pair", async () => {
      await Promise.resolve();
      throw boom;
    });
    sample.fire("word");
    sample.fire("pair");
    assert.deepEqual(sample.failures, []);
    await new Promise(setImmediate);
    assert.deepEqual(sample.failures, [
      { error: boom, name: "word" },
      { error: boom, name: "pair" },
    ]);
  });

  test("a thenable that throws is reported", () => {
    const { sample } = makeSample();
    sample.on("word", () => ({
      // oxlint-disable-next-line unicorn/no-thenable -- that is the case
      get then(): never {
        throw new Error("no then");
      },
    }));
    sample.fire("word");
    assert.equal(sample.failures.length, 1);
  });

  test("one that runs once and throws is gone", () => {
    const { sample } = makeSample();
    sample.once("word", () => {
      throw new Error("once");
    });
    sample.fire("word");
    assert.equal(sample.fire("word"), false);
    assert.equal(sample.failures.length, 1);
  });
});
