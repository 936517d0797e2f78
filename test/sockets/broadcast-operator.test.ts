import assert from "node:assert/strict";
import { test } from "node:test";
import type { BroadcastTarget } from "../../src/sockets/adapter.ts";
import { type BroadcastChannel, EVERYONE } from "../../src/sockets/broadcast-channel.ts";
import { BroadcastOperator } from "../../src/sockets/broadcast-operator.ts";
import type { DefaultEvents } from "../../src/shared/events.ts";

function makeOperator() {
  const sent: [target: BroadcastTarget, name: string, args: readonly unknown[]][] = [];
  const count = (): Promise<number> => Promise.resolve(0);
  const channel: BroadcastChannel = {
    broadcast: (...call) => void sent.push(call),
    ask: (target, name, args) => void sent.push([target, `${name}?`, args]),
    fetchMembers: () => Promise.resolve([]),
    joinMembers: count,
    leaveMembers: count,
    disconnectMembers: count,
  };
  const operator = new BroadcastOperator<DefaultEvents>(channel, EVERYONE);
  return { operator, sent };
}

test("each step adds to the choice", () => {
  const { operator, sent } = makeOperator();
  assert.equal(
    operator
      .to("a")
      .in(["b", "c"])
      .except("d")
      .except(["e"])
      .volatile.compress(false)
      .local.emit("news", 1, 2),
    true,
  );
  assert.deepEqual(sent, [
    [
      {
        rooms: new Set(["a", "b", "c"]),
        except: new Set(["d", "e"]),
        volatile: true,
        compress: false,
        local: true,
        whenSlow: undefined,
      },
      "news",
      [1, 2],
    ],
  ]);
});

test("a choice may be kept and used again", () => {
  const { operator, sent } = makeOperator();
  const a = operator.to("a");
  a.to("b").emit("x");
  a.except("c").emit("x");
  a.volatile.emit("x");
  a.emit("x");
  operator.emit("x");
  assert.deepEqual(
    sent.map(([{ rooms, except, volatile }]) => [[...rooms], [...except], volatile]),
    [
      [["a", "b"], [], false],
      [["a"], ["c"], false],
      [["a"], [], true],
      [["a"], [], false],
      [[], [], false],
    ],
  );
});
