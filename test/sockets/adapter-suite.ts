import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { PreparedMessage } from "../../src/engine/index.ts";
import type { Adapter, BroadcastTarget, Member } from "../../src/sockets/adapter.ts";
import { packet } from "../support/packets.ts";
import { SeededRandom } from "../support/seeded-random.ts";

/** A member that keeps what it is given. */
class RecordingMember implements Member {
  readonly id: string;
  readonly received: string[] = [];
  readonly messages: PreparedMessage[] = [];
  readonly volatile: boolean[] = [];

  constructor(id: string) {
    this.id = id;
  }

  deliver(message: PreparedMessage, isVolatile: boolean): void {
    this.received.push(message.text);
    this.messages.push(message);
    this.volatile.push(isVolatile);
  }
}

const NEWS = packet("event", ["news", 1], { namespace: "/n" });
const NEWS_TEXT = '2/n,["news",1]';

function target(to: readonly string[] = [], except: readonly string[] = [], more?: Partial<BroadcastTarget>) {
  return { rooms: new Set(to), except: new Set(except), volatile: false, local: false, ...more };
}

function members<Names extends string>(...names: Names[]): Record<Names, RecordingMember> {
  return Object.fromEntries(names.map((name) => [name, new RecordingMember(name)])) as Record<
    Names,
    RecordingMember
  >;
}

/** What every adapter must do for the members of its own node. */
export function adapterSuite(name: string, make: () => Adapter | Promise<Adapter>): void {
  describe(name, () => {
    const withAdapter = (title: string, body: (adapter: Adapter) => Promise<void>): void => {
      test(title, async () => {
        const adapter = await make();
        await body(adapter);
        await adapter.close();
      });
    };

    withAdapter("joining and leaving take effect before the call returns", async (adapter) => {
      const { ada } = members("ada");
      const joining = adapter.join(ada, ["ada", "a"]);
      assert.deepEqual([...adapter.roomsOf(ada)], ["ada", "a"]);
      await joining;
      const leaving = adapter.leave(ada, "a");
      assert.deepEqual([...adapter.roomsOf(ada)], ["ada"]);
      await leaving;
      const gone = adapter.leaveAll(ada);
      assert.equal(adapter.roomsOf(ada).size, 0);
      await gone;
    });

    withAdapter("joining twice is joining once, leaving what one is not in is nothing", async (adapter) => {
      const { ada, stranger } = members("ada", "stranger");
      await adapter.join(ada, ["a", "a"]);
      await adapter.join(ada, ["a"]);
      await adapter.leave(ada, "other");
      await adapter.leave(stranger, "a");
      await adapter.leaveAll(stranger);
      assert.deepEqual([...adapter.roomsOf(ada)], ["a"]);
      assert.equal(adapter.roomsOf(stranger).size, 0);
      await adapter.broadcast(NEWS, target(["a"]));
      assert.deepEqual(ada.received, [NEWS_TEXT]);
      assert.deepEqual(stranger.received, []);
      await adapter.leave(ada, "a");
      await adapter.broadcast(NEWS, target(["a"]));
      assert.equal(ada.received.length, 1);
    });

    withAdapter("without rooms everyone gets it", async (adapter) => {
      const { ada, bob } = members("ada", "bob");
      await adapter.join(ada, ["ada", "a", "b"]);
      await adapter.join(bob, ["bob"]);
      await adapter.broadcast(NEWS, target());
      assert.deepEqual([ada.received, bob.received], [[NEWS_TEXT], [NEWS_TEXT]]);
    });

    withAdapter("a member of several rooms gets it once", async (adapter) => {
      const { ada, bob, eve } = members("ada", "bob", "eve");
      await adapter.join(ada, ["a", "b"]);
      await adapter.join(bob, ["b"]);
      await adapter.join(eve, ["c"]);
      await adapter.broadcast(NEWS, target(["a", "b", "nobody"]));
      assert.deepEqual([ada.received.length, bob.received.length, eve.received.length], [1, 1, 0]);
    });

    withAdapter("those who are excepted do not, whatever else they are in", async (adapter) => {
      const { ada, bob, eve } = members("ada", "bob", "eve");
      await adapter.join(ada, ["ada", "a"]);
      await adapter.join(bob, ["bob", "a", "b"]);
      await adapter.join(eve, ["eve"]);
      const counts = (): number[] => [ada, bob, eve].map(({ received }) => received.splice(0).length);
      await adapter.broadcast(NEWS, target([], ["b"]));
      assert.deepEqual(counts(), [1, 0, 1]);
      await adapter.broadcast(NEWS, target(["a"], ["bob"]));
      assert.deepEqual(counts(), [1, 0, 0]);
      await adapter.broadcast(NEWS, target(["a", "eve"], ["a"]));
      assert.deepEqual(counts(), [0, 0, 1]);
      await adapter.broadcast(NEWS, target(["a"], ["nobody"]));
      assert.deepEqual(counts(), [1, 1, 0]);
      await adapter.broadcast(NEWS, target(["nobody"]));
      assert.deepEqual(counts(), [0, 0, 0]);
    });

    withAdapter("who has left everything gets nothing, and may come back", async (adapter) => {
      const { ada } = members("ada");
      await adapter.join(ada, ["ada", "a"]);
      await adapter.leaveAll(ada);
      await adapter.broadcast(NEWS, target());
      await adapter.broadcast(NEWS, target(["a"]));
      await adapter.broadcast(NEWS, target(["ada"]));
      assert.deepEqual(ada.received, []);
      await adapter.join(ada, ["ada"]);
      await adapter.broadcast(NEWS, target());
      assert.deepEqual(ada.received, [NEWS_TEXT]);
    });

    withAdapter("volatile is passed on", async (adapter) => {
      const { ada } = members("ada");
      await adapter.join(ada, ["ada"]);
      await adapter.broadcast(NEWS, target([], [], { volatile: true }));
      await adapter.broadcast(NEWS, target());
      await adapter.broadcast(NEWS, target([], [], { local: true }));
      assert.deepEqual(ada.volatile, [true, false, false]);
    });

    withAdapter("a packet is encoded once for all, with its attachments", async (adapter) => {
      const { ada, bob } = members("ada", "bob");
      await adapter.join(ada, ["ada"]);
      await adapter.join(bob, ["bob"]);
      await adapter.broadcast(packet("event", ["bytes", Uint8Array.of(1, 2)]), target());
      assert.equal(ada.messages[0], bob.messages[0]);
      assert.equal(ada.received[0], '51-["bytes",{"_placeholder":true,"num":0}]');
      assert.deepEqual(ada.messages[0]!.attachments, [Uint8Array.of(1, 2)]);
    });

    withAdapter("what can't be encoded throws to the caller, and nobody gets anything", async (adapter) => {
      const { ada } = members("ada");
      await adapter.join(ada, ["ada"]);
      const circular: unknown[] = [];
      circular.push(circular);
      await assert.rejects(
        async () => adapter.broadcast(packet("event", ["x", circular]), target()),
        /circular/,
      );
      assert.deepEqual(ada.received, []);
    });

    withAdapter("members may come and go while they are given something", async (adapter) => {
      const { ada, bob } = members("ada", "bob");
      await adapter.join(ada, ["a"]);
      await adapter.join(bob, ["a"]);
      ada.deliver = () => void adapter.leaveAll(ada);
      await adapter.broadcast(NEWS, target(["a"]));
      assert.equal(bob.received.length, 1);
      assert.equal(adapter.roomsOf(ada).size, 0);
    });

    withAdapter("names of rooms are only names", async (adapter) => {
      const { ada, bob } = members("ada", "bob");
      for (const room of ["", "__proto__", "constructor", "a,b", " ", "😀"]) {
        await adapter.join(ada, [room]);
        await adapter.broadcast(NEWS, target([room]));
      }
      await adapter.join(bob, ["bob"]);
      assert.equal(ada.received.length, 6);
      assert.equal(adapter.roomsOf(ada).size, 6);
      assert.equal(bob.received.length, 0);
    });

    withAdapter("who gets what is what sets say, in 2,000 random steps", async (adapter) => {
      const random = new SeededRandom(7);
      const rooms = ["a", "b", "c", "d"];
      const all = Array.from({ length: 6 }, (_, index) => new RecordingMember(`m${index}`));
      const model = new Map<RecordingMember, Set<string>>();
      const some = (): string[] => rooms.filter(() => random.fraction() < 0.3);
      for (let step = 0; step < 2000; step++) {
        const member = random.pick(all);
        const room = random.pick(rooms);
        const action = random.integer(0, 3);
        if (action === 0) {
          await adapter.join(member, [room]);
          model.set(member, (model.get(member) ?? new Set()).add(room));
        } else if (action === 1) {
          await adapter.leave(member, room);
          model.get(member)?.delete(room);
        } else if (action === 2 && random.fraction() < 0.3) {
          await adapter.leaveAll(member);
          model.delete(member);
        } else {
          const [to, except] = [some(), some()];
          await adapter.broadcast(NEWS, target(to, except));
          for (const each of all) {
            const joined = model.get(each);
            const isMeant = joined !== undefined && (to.length === 0 || to.some((name) => joined.has(name)));
            const expected = isMeant && !except.some((name) => joined.has(name)) ? 1 : 0;
            assert.equal(each.received.splice(0).length, expected, `${each.id} at step ${step}`);
          }
        }
        assert.deepEqual(new Set(adapter.roomsOf(member)), model.get(member) ?? new Set());
      }
    });
  });
}
