import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type EmitFlags, FlaggedEmitter } from "../../src/shared/flagged-emitter.ts";

type Events = {
  note: (text: string) => void;
  ask: (question: string, reply: (answer: number) => void) => void;
};

interface Sent {
  readonly flags: EmitFlags;
  readonly name: string;
  readonly args: unknown[];
}

function makeEmitter(flags: EmitFlags = {}): { emitter: FlaggedEmitter<Events>; sent: Sent[] } {
  const sent: Sent[] = [];
  const emitter = new FlaggedEmitter<Events>(
    (given, name, args) => sent.push({ flags: given, name, args }),
    flags,
  );
  return { emitter, sent };
}

/** The callback that was sent as the last argument. */
function callbackOf(sent: Sent | undefined): (...args: unknown[]) => void {
  const last = sent?.args.at(-1);
  assert.ok(typeof last === "function");
  return last as (...args: unknown[]) => void;
}

describe("a flagged emitter", () => {
  test("sends the event under its flags", () => {
    const { emitter, sent } = makeEmitter({ volatile: true });
    assert.equal(emitter.emit("note", "hello"), true);
    assert.deepEqual(sent, [{ flags: { volatile: true }, name: "note", args: ["hello"] }]);
  });

  test("adds flags without changing itself, in either order", () => {
    const { emitter, sent } = makeEmitter();
    emitter.volatile.timeout(50).emit("note", "1");
    emitter.timeout(60).volatile.emit("note", "2");
    emitter.timeout(70).timeout(80).emit("note", "3");
    emitter.emit("note", "4");
    assert.deepEqual(
      sent.map((event) => event.flags),
      [{ volatile: true, timeoutMs: 50 }, { timeoutMs: 60, volatile: true }, { timeoutMs: 80 }, {}],
    );
  });

  test("may be kept and used again", () => {
    const { emitter, sent } = makeEmitter();
    const hasty = emitter.timeout(5);
    hasty.emit("note", "a");
    hasty.emit("note", "b");
    assert.deepEqual(
      sent.map((event) => [event.flags.timeoutMs, ...event.args]),
      [
        [5, "a"],
        [5, "b"],
      ],
    );
  });

  test("hands a callback over as it is", () => {
    const { emitter, sent } = makeEmitter();
    const reply = (): void => {};
    emitter.emit("ask", "why", reply);
    assert.deepEqual(sent[0]?.args, ["why", reply]);
    assert.equal(sent[0]?.flags.errorFirst, undefined);
  });
});

describe("emitWithAck", () => {
  test("resolves with the first value of the acknowledgement", async () => {
    const { emitter, sent } = makeEmitter({ volatile: true });
    const answer = emitter.emitWithAck("ask", "6 × 7");
    assert.equal(sent[0]?.name, "ask");
    assert.equal(sent[0]?.args[0], "6 × 7");
    assert.deepEqual(sent[0]?.flags, { volatile: true, errorFirst: true });
    callbackOf(sent[0])(null, 42, "ignored");
    assert.equal(await answer, 42);
  });

  test("rejects with the error", async () => {
    const { emitter, sent } = makeEmitter();
    const answer = emitter.timeout(10).emitWithAck("ask", "?");
    assert.deepEqual(sent[0]?.flags, { timeoutMs: 10, errorFirst: true });
    const late = new Error("late");
    callbackOf(sent[0])(late);
    await assert.rejects(answer, late);
  });

  test("rejects if sending throws", async () => {
    const emitter = new FlaggedEmitter<Events>(() => {
      throw new TypeError("can't be sent");
    }, {});
    await assert.rejects(emitter.emitWithAck("ask", "?"), TypeError);
  });
});
