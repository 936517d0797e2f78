import type { Adapter, AdapterHost, BroadcastTarget, SocketPacket } from "switchboard";
import { fails, same } from "./expect.ts";
import { RecordingMember } from "./recording-member.ts";
import { seeded } from "./seeded.ts";

/** One test of a suite, for whatever runs tests. It fails by throwing. */
export interface SuiteTest {
  readonly name: string;
  run(): Promise<void>;
}

const NEWS = event(["news", 1]);
const NEWS_TEXT = '2/n,["news",1]';

/**
 * What every adapter must do for the members of its own node, as tests for any runner. `make` gives each test an adapter of its own, that of the
 * namespace `/n`, which no other node is in; the test closes it.
 *
 * @example
 * for (const { name, run } of adapterSuite((host) => new RedisAdapter("/n", host, client))) test(name, run);
 */
export function adapterSuite(make: (host: AdapterHost) => Adapter | Promise<Adapter>): SuiteTest[] {
  const tests: SuiteTest[] = [];
  const check = (name: string, body: (adapter: Adapter) => Promise<void>): void => {
    tests.push({
      name,
      run: async () => {
        const errors: unknown[] = [];
        const adapter = await make({ receiveFromNode: () => {}, onError: (error) => errors.push(error) });
        await body(adapter);
        await adapter.close();
        same(errors.map(String), [], "list of errors");
      },
    });
  };
  addDelivery(check);
  addQuestions(check);
  addMembers(check);
  addNodes(check);
  addRoomEvents(check);
  return tests;
}

type Check = (name: string, body: (adapter: Adapter) => Promise<void>) => void;

function event(data: unknown[]): SocketPacket {
  return { type: "event", namespace: "/n", id: undefined, data };
}

function target(
  to: readonly string[] = [],
  except: readonly string[] = [],
  more?: Partial<BroadcastTarget>,
): BroadcastTarget {
  return {
    rooms: new Set(to),
    except: new Set(except),
    volatile: false,
    whenSlow: undefined,
    compress: true,
    local: false,
    ...more,
  };
}

function members<Names extends string>(...names: Names[]): Record<Names, RecordingMember> {
  return Object.fromEntries(names.map((name) => [name, new RecordingMember(name)])) as Record<
    Names,
    RecordingMember
  >;
}

function addRoomEvents(check: Check): void {
  check("what happens to rooms is told to who listens", async (adapter) => {
    const { ada, bob } = members("ada", "bob");
    const told: string[] = [];
    const note = (name: string) => (room: string, id?: string) => void told.push(`${name} ${room} ${id}`);
    for (const name of ["create-room", "join-room", "leave-room", "delete-room"] as const) {
      adapter.on(name, note(name));
    }
    await adapter.join(ada, ["ada", "a"]);
    await adapter.join(bob, ["bob", "a"]);
    await adapter.joinMembers(target(["bob"]), ["a", "b"]);
    await adapter.leave(ada, "a");
    await adapter.leave(ada, "a");
    await adapter.leaveMembers(target(["bob"]), ["b"]);
    await adapter.leaveAll(bob);
    same(told, [
      ...["create-room ada undefined", "join-room ada ada", "create-room a undefined", "join-room a ada"],
      ...["create-room bob undefined", "join-room bob bob", "join-room a bob"],
      ...["create-room b undefined", "join-room b bob", "leave-room a ada"],
      ...["leave-room b bob", "delete-room b undefined"],
      ...["leave-room bob bob", "delete-room bob undefined", "leave-room a bob", "delete-room a undefined"],
    ]);
  });
}

function addDelivery(check: Check): void {
  check("joining and leaving take effect before the call returns", async (adapter) => {
    const { ada } = members("ada");
    const joining = adapter.join(ada, ["ada", "a"]);
    same([...adapter.roomsOf(ada)], ["ada", "a"]);
    await joining;
    const leaving = adapter.leave(ada, "a");
    same([...adapter.roomsOf(ada)], ["ada"]);
    await leaving;
    const gone = adapter.leaveAll(ada);
    same(adapter.roomsOf(ada).size, 0);
    await gone;
  });

  check("joining twice is joining once, leaving what one is not in is nothing", async (adapter) => {
    const { ada, stranger } = members("ada", "stranger");
    await adapter.join(ada, ["a", "a"]);
    await adapter.join(ada, ["a"]);
    await adapter.leave(ada, "other");
    await adapter.leave(stranger, "a");
    await adapter.leaveAll(stranger);
    same([...adapter.roomsOf(ada)], ["a"]);
    same(adapter.roomsOf(stranger).size, 0);
    await adapter.broadcast(NEWS, target(["a"]));
    same(ada.received, [NEWS_TEXT]);
    same(stranger.received, []);
    await adapter.leave(ada, "a");
    await adapter.broadcast(NEWS, target(["a"]));
    same(ada.received.length, 1);
  });

  check(
    "a member is told of the rooms that it is in now, and of those it has left, but not at its end",
    async (adapter) => {
      const { ada, bob } = members("ada", "bob");
      await adapter.join(ada, ["ada", "a"]);
      await adapter.join(bob, ["bob"]);
      await adapter.joinMembers(target(), ["b"]);
      await adapter.leave(ada, "a");
      await adapter.leaveMembers(target(["bob"]), ["b"]);
      same([ada.joined, ada.left], [["ada", "a", "b"], ["a"]]);
      same([bob.joined, bob.left], [["bob", "b"], ["b"]]);
      await adapter.leaveAll(ada);
      same(ada.left, ["a"]);
    },
  );

  check("those who are meant can be walked, each once", async (adapter) => {
    const { ada, bob, eve } = members("ada", "bob", "eve");
    await adapter.join(ada, ["ada", "a", "b"]);
    await adapter.join(bob, ["bob", "b"]);
    await adapter.join(eve, ["eve"]);
    const meant = (...of: Parameters<typeof target>): string[] =>
      [...adapter.membersOf(target(...of))].map(({ id }) => id).toSorted();
    same(meant(), ["ada", "bob", "eve"]);
    same(meant(["a", "b"]), ["ada", "bob"]);
    same(meant(["a", "b"], ["ada"]), ["bob"]);
    same(meant(["nobody"]), []);
  });

  check("without rooms everyone gets it", async (adapter) => {
    const { ada, bob } = members("ada", "bob");
    await adapter.join(ada, ["ada", "a", "b"]);
    await adapter.join(bob, ["bob"]);
    await adapter.broadcast(NEWS, target());
    same([ada.received, bob.received], [[NEWS_TEXT], [NEWS_TEXT]]);
  });

  check("a member of several rooms gets it once", async (adapter) => {
    const { ada, bob, eve } = members("ada", "bob", "eve");
    await adapter.join(ada, ["a", "b"]);
    await adapter.join(bob, ["b"]);
    await adapter.join(eve, ["c"]);
    await adapter.broadcast(NEWS, target(["a", "b", "nobody"]));
    same([ada.received.length, bob.received.length, eve.received.length], [1, 1, 0]);
  });

  check("those who are excepted do not, whatever else they are in", async (adapter) => {
    const { ada, bob, eve } = members("ada", "bob", "eve");
    await adapter.join(ada, ["ada", "a"]);
    await adapter.join(bob, ["bob", "a", "b"]);
    await adapter.join(eve, ["eve"]);
    const counts = (): number[] => [ada, bob, eve].map(({ received }) => received.splice(0).length);
    await adapter.broadcast(NEWS, target([], ["b"]));
    same(counts(), [1, 0, 1]);
    await adapter.broadcast(NEWS, target(["a"], ["bob"]));
    same(counts(), [1, 0, 0]);
    await adapter.broadcast(NEWS, target(["a", "eve"], ["a"]));
    same(counts(), [0, 0, 1]);
    await adapter.broadcast(NEWS, target(["a"], ["nobody"]));
    same(counts(), [1, 1, 0]);
    await adapter.broadcast(NEWS, target(["nobody"]));
    same(counts(), [0, 0, 0]);
  });

  check("who has left everything gets nothing, and may come back", async (adapter) => {
    const { ada } = members("ada");
    await adapter.join(ada, ["ada", "a"]);
    await adapter.leaveAll(ada);
    await adapter.broadcast(NEWS, target());
    await adapter.broadcast(NEWS, target(["a"]));
    await adapter.broadcast(NEWS, target(["ada"]));
    same(ada.received, []);
    await adapter.join(ada, ["ada"]);
    await adapter.broadcast(NEWS, target());
    same(ada.received, [NEWS_TEXT]);
  });

  check("volatile is passed on", async (adapter) => {
    const { ada } = members("ada");
    await adapter.join(ada, ["ada"]);
    await adapter.broadcast(NEWS, target([], [], { volatile: true }));
    await adapter.broadcast(NEWS, target());
    await adapter.broadcast(NEWS, target([], [], { local: true }));
    same(ada.volatile, [true, false, false]);
  });

  check("what becomes of it for who is slow is passed on", async (adapter) => {
    const { ada } = members("ada");
    await adapter.join(ada, ["ada"]);
    const whenSlow = { aboveBytes: 10, lane: { key: "k", keep: 1 } };
    await adapter.broadcast(NEWS, target([], [], { whenSlow }));
    await adapter.broadcast(NEWS, target());
    same(ada.whenSlow, [whenSlow, undefined]);
  });

  check("whether it may be compressed is passed on", async (adapter) => {
    const { ada } = members("ada");
    await adapter.join(ada, ["ada"]);
    await adapter.broadcast(NEWS, target());
    await adapter.broadcast(NEWS, target([], [], { compress: false }));
    same(
      ada.messages.map(({ mayCompress }) => mayCompress),
      [true, false],
    );
  });

  check("a packet is encoded once for all, with its attachments", async (adapter) => {
    const { ada, bob } = members("ada", "bob");
    await adapter.join(ada, ["ada"]);
    await adapter.join(bob, ["bob"]);
    await adapter.broadcast(event(["bytes", Uint8Array.of(1, 2)]), target());
    same(ada.messages[0] === bob.messages[0], true);
    same(ada.received[0], '51-/n,["bytes",{"_placeholder":true,"num":0}]');
    same(ada.messages[0]!.attachments, [Uint8Array.of(1, 2)]);
  });

  check("what can't be encoded throws to the caller, and nobody gets anything", async (adapter) => {
    const { ada } = members("ada");
    await adapter.join(ada, ["ada"]);
    const circular: unknown[] = [];
    circular.push(circular);
    await fails(async () => adapter.broadcast(event(["x", circular]), target()));
    await fails(async () => adapter.broadcastWithAck(event(["x", circular]), target(), () => {}));
    same(ada.received, []);
  });

  check("members may come and go while they are given something", async (adapter) => {
    const { ada, bob } = members("ada", "bob");
    await adapter.join(ada, ["a"]);
    await adapter.join(bob, ["a"]);
    ada.deliver = () => void adapter.leaveAll(ada);
    await adapter.broadcast(NEWS, target(["a"]));
    same(bob.received.length, 1);
    same(adapter.roomsOf(ada).size, 0);
  });

  check("names of rooms are only names", async (adapter) => {
    const { ada, bob } = members("ada", "bob");
    for (const room of ["", "__proto__", "constructor", "a,b", " ", "😀"]) {
      await adapter.join(ada, [room]);
      await adapter.broadcast(NEWS, target([room]));
    }
    await adapter.join(bob, ["bob"]);
    same(ada.received.length, 6);
    same(adapter.roomsOf(ada).size, 6);
    same(bob.received.length, 0);
  });

  check("who gets what is what sets say, in 2,000 random steps", async (adapter) => {
    const random = seeded(7);
    const rooms = ["a", "b", "c", "d"];
    const all = Array.from({ length: 6 }, (_, index) => new RecordingMember(`m${index}`));
    const model = new Map<RecordingMember, Set<string>>();
    const some = (): string[] => rooms.filter(() => random() < 0.3);
    for (let step = 0; step < 2000; step++) {
      const member = all[Math.floor(random() * all.length)]!;
      const room = rooms[Math.floor(random() * rooms.length)]!;
      const action = Math.floor(random() * 4);
      if (action === 0) {
        await adapter.join(member, [room]);
        model.set(member, (model.get(member) ?? new Set()).add(room));
      } else if (action === 1) {
        await adapter.leave(member, room);
        model.get(member)?.delete(room);
      } else if (action === 2 && random() < 0.3) {
        await adapter.leaveAll(member);
        model.delete(member);
      } else {
        const [to, except] = [some(), some()];
        await adapter.broadcast(NEWS, target(to, except));
        for (const each of all) {
          const joined = model.get(each);
          const isMeant = joined !== undefined && (to.length === 0 || to.some((name) => joined.has(name)));
          const expected = isMeant && !except.some((name) => joined.has(name)) ? 1 : 0;
          same(each.received.splice(0).length, expected, `${each.id} at step ${step}`);
        }
      }
      same(new Set(adapter.roomsOf(member)), model.get(member) ?? new Set());
    }
  });
}

function addQuestions(check: Check): void {
  check("a question is told how many it asks, and each answer as it comes", async (adapter) => {
    const { ada, bob, eve } = members("ada", "bob", "eve");
    await adapter.join(ada, ["ada", "a"]);
    await adapter.join(bob, ["bob", "a"]);
    await adapter.join(eve, ["eve"]);
    const answers: unknown[] = [];
    const failure = new Error("left");
    const question = adapter.broadcastWithAck(event(["ready?"]), target(["a"]), (error, value) => {
      answers.push(error?.message ?? value);
    });
    same(await question.asked, 2);
    const [id] = ada.questions.keys();
    same(ada.received, [`2/n,${id}["ready?"]`]);
    same(ada.messages[0] === bob.messages[0], true);
    same(eve.received, []);
    bob.answer(null, "yes");
    ada.answer(failure);
    same(answers, ["yes", "left"]);
  });

  check("ids of questions are far from those of sockets, and differ", async (adapter) => {
    const { ada } = members("ada");
    await adapter.join(ada, ["ada"]);
    for (let count = 0; count < 10; count++) {
      await adapter.broadcastWithAck(event(["x"]), target(), () => {}).asked;
    }
    same(ada.questions.size, 10);
    for (const id of ada.questions.keys()) same(id >= 2 ** 30 && id < 2 ** 31, true);
  });

  check("who can't be asked is not counted", async (adapter) => {
    const { ada, bob } = members("ada", "bob");
    await adapter.join(ada, ["ada"]);
    await adapter.join(bob, ["bob"]);
    bob.isDeaf = true;
    const question = adapter.broadcastWithAck(event(["x"]), target(), () => {});
    same(await question.asked, 1);
    same(await adapter.broadcastWithAck(event(["x"]), target(["nobody"]), () => {}).asked, 0);
  });

  check("a question that is cancelled is forgotten by all who have not answered", async (adapter) => {
    const { ada, bob } = members("ada", "bob");
    await adapter.join(ada, ["ada"]);
    await adapter.join(bob, ["bob"]);
    const question = adapter.broadcastWithAck(event(["x"]), target(), () => {});
    await question.asked;
    ada.answer(null, 1);
    question.cancel();
    same([ada.questions.size, bob.questions.size], [0, 0]);
  });
}

function addMembers(check: Check): void {
  check("members are described", async (adapter) => {
    const { ada, bob } = members("ada", "bob");
    await adapter.join(ada, ["ada", "a"]);
    await adapter.join(bob, ["bob"]);
    ada.data["name"] = "Ada";
    const found = await adapter.fetchMembers(target(["a"]));
    same(found.length, 1);
    const { id, rooms, data, handshake } = found[0]!;
    same([id, [...rooms], data, handshake.auth], ["ada", ["ada", "a"], { name: "Ada" }, { name: "ada" }]);
    same((await adapter.fetchMembers(target())).length, 2);
    same((await adapter.fetchMembers(target([], ["bob"]))).length, 1);
  });

  check("members are made to join and leave, and are counted", async (adapter) => {
    const { ada, bob, eve } = members("ada", "bob", "eve");
    for (const member of [ada, bob, eve]) await adapter.join(member, [member.id]);
    const joining = adapter.joinMembers(target([], ["eve"]), ["a", "b"]);
    same([...adapter.roomsOf(ada)], ["ada", "a", "b"]);
    same(await joining, 2);
    const leaving = adapter.leaveMembers(target(["a"]), ["a", "c"]);
    same([...adapter.roomsOf(bob)], ["bob", "b"]);
    same(await leaving, 2);
    same([...adapter.roomsOf(eve)], ["eve"]);
    same(await adapter.joinMembers(target(["a"]), ["d"]), 0);
  });

  check("members are disconnected, and are counted", async (adapter) => {
    const { ada, bob, eve } = members("ada", "bob", "eve");
    for (const member of [ada, bob, eve]) {
      await adapter.join(member, [member.id, "all"]);
      const disconnect = member.disconnect.bind(member);
      member.disconnect = (close) => {
        disconnect(close);
        void adapter.leaveAll(member);
      };
    }
    same(await adapter.disconnectMembers(target(["all"], ["eve"]), false), 2);
    same(await adapter.disconnectMembers(target(), true), 1);
    same([ada.disconnects, bob.disconnects, eve.disconnects], [[false], [false], [true]]);
  });

  check("rooms and members are shown", async (adapter) => {
    const { ada, bob } = members("ada", "bob");
    await adapter.join(ada, ["ada", "a"]);
    await adapter.join(bob, ["bob", "a"]);
    const { rooms, sids } = adapter;
    same([rooms.size, sids.size], [3, 2]);
    same([rooms.get("a"), rooms.get("none")], [new Set(["ada", "bob"]), undefined]);
    same([sids.get("ada"), sids.get("none")], [new Set(["ada", "a"]), undefined]);
    same([rooms.has("a"), rooms.has("none"), sids.has("bob"), sids.has("a")], [true, false, true, false]);
    same(new Map(rooms), new Map([...rooms.keys()].map((name) => [name, rooms.get(name)])));
    same(new Set(sids.keys()), new Set(["ada", "bob"]));
    await adapter.leaveAll(ada);
    await adapter.leave(bob, "a");
    same([[...adapter.rooms.keys()], [...adapter.sids.keys()]], [["bob"], ["bob"]]);
  });

  check("a member in many rooms, and a room with many members, are as others", async (adapter) => {
    const all = Array.from({ length: 50 }, (_, index) => new RecordingMember(`m${index}`));
    const rooms = Array.from({ length: 50 }, (_, index) => `r${index}`);
    for (const member of all) await adapter.join(member, [member.id, ...rooms]);
    same(adapter.roomsOf(all[0]!).size, 51);
    same(await adapter.joinMembers(target(rooms), ["more"]), 50);
    for (const room of rooms) await adapter.leave(all[0]!, room);
    same(new Set(adapter.roomsOf(all[0]!)), new Set(["m0", "more"]));
    for (const member of all) await adapter.leaveAll(member);
    same(adapter.rooms.size, 0);
  });
}

function addNodes(check: Check): void {
  check("a node that is alone tells nobody, and gets no answers", async (adapter) => {
    same(await adapter.nodeCount(), 1);
    await adapter.sendToNodes(["hello", 1]);
    same(await adapter.askNodes(["anybody?"], 100), []);
  });
}
