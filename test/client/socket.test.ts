import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { RESERVED_EVENTS } from "../../src/packets/index.ts";
import { fakeClient, joinedClient, recordEvents, settle } from "../support/fake-client.ts";

describe("connecting", () => {
  test("is told when the namespace is joined, with the id it gave", () => {
    const { platform, socket } = fakeClient();
    const events = recordEvents(socket, "connect");
    platform.webSocket.open();
    assert.deepEqual(platform.webSocket.take(), ["40"]);
    assert.deepEqual([socket.connected, socket.id, socket.active], [false, undefined, true]);
    platform.webSocket.say('40{"sid":"abc"}');
    assert.deepEqual([socket.connected, socket.id, socket.active], [true, "abc", true]);
    assert.deepEqual(events, [["connect"]]);
    assert.equal(socket.connect(), socket);
    assert.deepEqual(platform.webSocket.take(), []);
  });

  test("may be refused, with a message and data, or in one word", () => {
    const cases: readonly (readonly [string, string, unknown])[] = [
      ['44{"message":"Not authorized","data":{"code":7}}', "Not authorized", { code: 7 }],
      ['44{"message":"Invalid namespace"}', "Invalid namespace", undefined],
      ['44"No"', "No", undefined],
      ['44{"message":1}', "refused", undefined],
      ["40", "The server speaks another protocol.", undefined],
      ['40{"sid":1}', "The server speaks another protocol.", undefined],
    ];
    for (const [packet, message, data] of cases) {
      const { platform, clock, socket } = fakeClient();
      const events = recordEvents(socket, "connect", "connect_error", "disconnect");
      platform.webSocket.open();
      platform.webSocket.say(packet);
      assert.equal(events.length, 1);
      const error = events[0]![1] as Error & { data: unknown };
      assert.ok(error instanceof Error);
      assert.deepEqual([error.message, error.data], [message, data]);
      assert.deepEqual([socket.connected, socket.active], [false, false]);
      assert.equal(clock.pending, 0);
    }
  });

  test("fails if `auth` throws or rejects: that is reported, and the connection is closed", async () => {
    const failures: (() => void | Promise<void>)[] = [
      () => {
        throw new Error("no token");
      },
      () => Promise.reject(new Error("no token")),
    ];
    for (const auth of failures) {
      const { platform, socket, clock, log } = fakeClient();
      socket.auth = auth as () => void;
      const events = recordEvents(socket, "connect_error");
      platform.webSocket.open();
      await settle();
      assert.deepEqual(
        events.map(([, error]) => (error as Error).message),
        ["The option auth failed."],
      );
      assert.deepEqual(
        log.take().map(({ message }) => message),
        ['A listener for "auth" failed.'],
      );
      assert.ok(!socket.active);
      assert.equal(clock.pending, 0);
    }
  });

  test("with an answer for `auth` that comes too late is not done twice", () => {
    const answers: ((auth: Record<string, unknown>) => void)[] = [];
    const { platform, clock } = fakeClient({ auth: (give) => void answers.push(give) });
    platform.webSocket.open();
    platform.webSocket.lose();
    clock.advance(1000);
    platform.webSocket.open();
    assert.equal(answers.length, 2);
    answers[0]!({ from: "the past" });
    answers[1]!({ from: "now" });
    answers[1]!({ from: "now, again" });
    assert.deepEqual(platform.webSocket.take(), ['40{"from":"now"}']);
  });
});

describe("events", () => {
  test("go both ways, with acknowledgements", () => {
    const { platform, socket } = joinedClient();
    const got = recordEvents(socket, "news");
    assert.equal(socket.emit("say", "hi", { a: 1 }), socket);
    let reply: unknown[] = [];
    socket.emit("ask", 1, (...args: unknown[]) => (reply = args));
    assert.deepEqual(platform.webSocket.take(), ['42["say","hi",{"a":1}]', '420["ask",1]']);
    platform.webSocket.say('430["yes",2]', '430["again"]', '439["unknown"]', '42["news",1,null]');
    assert.deepEqual(reply, ["yes", 2]);
    assert.deepEqual(got, [["news", 1, null]]);
  });

  test("of the server are acknowledged once", () => {
    const { platform, socket } = joinedClient();
    socket.on("ask", (question: string, ack: (...args: unknown[]) => void) => {
      ack(`${question}!`, 1);
      ack("again");
    });
    platform.webSocket.say('427["ask","why"]');
    assert.deepEqual(platform.webSocket.take(), ['437["why!",1]']);
  });

  test("of an earlier connection are not acknowledged on a later one", () => {
    const { platform, clock, socket } = joinedClient();
    let ack: ((answer: string) => void) | undefined;
    socket.on("ask", (given: (answer: string) => void) => (ack = given));
    platform.webSocket.say('427["ask"]');
    platform.webSocket.lose();
    ack!("offline");
    clock.advance(1000);
    platform.webSocket.join("second");
    ack!("another connection");
    assert.deepEqual(platform.webSocket.take(), []);
  });

  test("carry bytes", () => {
    const { platform, socket } = joinedClient();
    const got = recordEvents(socket, "picture");
    socket.emit("picture", { bytes: Uint8Array.of(1, 2) });
    assert.deepEqual(platform.webSocket.take(), [
      '451-["picture",{"bytes":{"_placeholder":true,"num":0}}]',
      Uint8Array.of(1, 2),
    ]);
    platform.webSocket.say('451-["picture",{"_placeholder":true,"num":0}]', Uint8Array.of(3));
    assert.deepEqual(got, [["picture", Uint8Array.of(3)]]);
  });

  test("with a reserved name, or a value that JSON can't hold, are refused, connected or not", async () => {
    const circular: Record<string, unknown> = {};
    circular["a"] = circular;
    circular["b"] = circular;
    for (const { platform, clock, socket } of [joinedClient(), fakeClient()]) {
      const before = clock.pending;
      for (const name of RESERVED_EVENTS) assert.throws(() => socket.emit(name), TypeError);
      assert.throws(() => socket.emit("x", circular), /circular/);
      assert.throws(() => socket.timeout(100).emit("x", circular, () => {}), /circular/);
      await assert.rejects(socket.timeout(100).emitWithAck("x", circular), /circular/);
      assert.throws(() => socket.emit("x", { file: new Blob(["x"]) }), TypeError);
      assert.equal(clock.pending, before);
      if (!socket.connected) platform.webSocket.open();
      platform.webSocket.say('40{"sid":"id"}');
      assert.deepEqual(
        platform.webSocket.take().filter((packet) => packet !== "40"),
        [],
      );
    }
  });

  test("volatile ones are dropped unless they can be sent now", () => {
    const { platform, socket } = fakeClient();
    socket.volatile.emit("lost");
    platform.webSocket.join();
    socket.volatile.emit("sent");
    assert.deepEqual(platform.webSocket.take(), ['42["sent"]']);
    platform.webSocket.bufferedAmount = 10_000_000;
    socket.volatile.emit("lost");
    socket.emit("kept");
    assert.deepEqual(platform.webSocket.take(), ['42["kept"]']);
  });

  test("volatile ones that are dropped say so to who waits for an answer: after emit, and at once", async () => {
    const { platform, clock, socket, log } = fakeClient();
    const told = recordEvents(socket.io, "emit_error");
    const before = clock.pending;
    const refused = { name: "AckError", code: "buffer_full" };
    const dropAll = async (): Promise<void> => {
      const failures: unknown[] = [];
      socket.timeout(100).volatile.emit("lost", (error: unknown) => void failures.push(error));
      assert.deepEqual(failures, []);
      await settle();
      assert.deepEqual(
        failures.map((error) => (error as { code: string }).code),
        ["buffer_full"],
      );
      await assert.rejects(socket.volatile.emitWithAck("lost"), refused);
      await assert.rejects(socket.timeout(100).volatile.emitWithAck("lost"), refused);
      // It takes no error: the manager is told.
      socket.volatile.emit("lost", assert.fail);
      assert.equal((told.pop()![1] as { code: string }).code, "buffer_full");
      // Nobody asks.
      socket.volatile.emit("lost");
      assert.deepEqual(told, []);
    };
    await dropAll();
    assert.equal(clock.pending, before);
    platform.webSocket.join();
    platform.webSocket.bufferedAmount = 10_000_000;
    await dropAll();
    assert.deepEqual([platform.webSocket.take(), log.take()], [[], []]);
  });
});

describe("while there is no connection", () => {
  test("events wait, and are sent once and in order, before connect is told", () => {
    const { platform, clock, socket } = fakeClient();
    const changing = { text: "as it was" };
    socket.emit("first", changing);
    changing.text = "changed";
    let reply: unknown;
    socket.emit("second", (answer: unknown) => (reply = answer));
    socket.emit("third", Uint8Array.of(1));
    socket.on("connect", () => socket.emit("fourth"));
    platform.webSocket.open();
    assert.deepEqual(platform.webSocket.take(), ["40"]);
    platform.webSocket.say('40{"sid":"1"}');
    assert.deepEqual(platform.webSocket.take(), [
      '42["first",{"text":"as it was"}]',
      '420["second"]',
      '451-["third",{"_placeholder":true,"num":0}]',
      Uint8Array.of(1),
      '42["fourth"]',
    ]);
    platform.webSocket.say('430["ok"]');
    assert.equal(reply, "ok");
    platform.webSocket.lose();
    clock.advance(1000);
    platform.webSocket.open();
    platform.webSocket.say('40{"sid":"2"}');
    assert.deepEqual(platform.webSocket.take(), ["40", '42["fourth"]']);
  });

  test("acknowledgements of what was sent are given up, those of what waits are kept", async () => {
    const { platform, clock, socket } = joinedClient();
    const sent = socket.emitWithAck("sent");
    const limited = socket.timeout(60_000).emitWithAck("sent too");
    let called = false;
    socket.emit("without error", () => (called = true));
    platform.webSocket.take();
    platform.webSocket.lose();
    await assert.rejects(sent, { name: "AckError", code: "disconnected" });
    await assert.rejects(limited, { code: "disconnected" });
    const waiting = socket.emitWithAck("waiting");
    const waitingLimited = socket.timeout(60_000).emitWithAck("waiting too");
    clock.advance(1000);
    platform.webSocket.lose();
    clock.advance(2000);
    platform.webSocket.join();
    platform.webSocket.say('433["a"]', '434["b"]');
    assert.equal(await waiting, "a");
    assert.equal(await waitingLimited, "b");
    assert.equal(called, false);
  });

  test("what ran into its limit is not sent any more", async () => {
    const { platform, clock, socket } = fakeClient();
    const late = socket.timeout(100).emitWithAck("late");
    const inTime = socket.timeout(2000).emitWithAck("in time");
    clock.advance(100);
    await assert.rejects(late, { code: "timeout" });
    platform.webSocket.open();
    platform.webSocket.take();
    platform.webSocket.say('40{"sid":"1"}');
    assert.deepEqual(platform.webSocket.take(), ['421["in time"]']);
    platform.webSocket.say("431[]");
    assert.equal(await inTime, undefined);
  });

  test("a limit counts from the emit, with the error first", () => {
    const { platform, clock, socket } = joinedClient();
    const got: unknown[][] = [];
    socket.timeout(100).emit("ask", (...args: unknown[]) => got.push(args));
    socket.timeout(100).emit("ask", (...args: unknown[]) => got.push(args));
    clock.advance(99);
    platform.webSocket.say('430["yes"]');
    clock.advance(1);
    platform.webSocket.say('431["too late"]');
    assert.deepEqual(got[0], [null, "yes"]);
    assert.equal(got.length, 2);
    assert.equal((got[1]![0] as { code: string }).code, "timeout");
  });

  test("events that were emitted before disconnect() wait for the next connect()", () => {
    const { platform, socket } = fakeClient();
    socket.emit("patient");
    socket.disconnect();
    socket.emit("patient too");
    socket.connect();
    platform.webSocket.open();
    platform.webSocket.take();
    platform.webSocket.say('40{"sid":"1"}');
    assert.deepEqual(platform.webSocket.take(), ['42["patient"]', '42["patient too"]']);
  });
});

describe("the end", () => {
  test("by the client says goodbye to the namespace and the session", () => {
    const { platform, clock, socket } = joinedClient();
    const events = recordEvents(socket, "disconnect");
    assert.equal(socket.disconnect(), socket);
    assert.deepEqual(platform.webSocket.take(), ["41", "1"]);
    assert.equal(platform.webSocket.isClosed, true);
    assert.deepEqual(events, [["disconnect", "io client disconnect"]]);
    assert.deepEqual([socket.connected, socket.active, socket.id], [false, false, undefined]);
    socket.disconnect();
    assert.equal(events.length, 1);
    assert.equal(clock.pending, 0);
  });

  test("by the server", () => {
    const { platform, socket } = joinedClient();
    const events = recordEvents(socket, "disconnect");
    platform.webSocket.say("41");
    assert.deepEqual(events, [["disconnect", "io server disconnect"]]);
    assert.deepEqual([socket.connected, socket.active], [false, false]);
    assert.equal(platform.webSocket.isClosed, true);
  });

  test("of the connection, closed or broken", () => {
    const closed = joinedClient();
    const closedEvents = recordEvents(closed.socket, "disconnect");
    const context = { code: 1001, reason: "", wasClean: true };
    closed.platform.webSocket.lose(undefined, context);
    const description = "Closed by the server.";
    assert.deepEqual(closedEvents, [["disconnect", "transport close", { description, context }]]);
    assert.equal(closed.socket.active, true);
    const broken = joinedClient();
    const brokenEvents = recordEvents(broken.socket, "disconnect");
    const error = new Error("reset");
    broken.platform.webSocket.lose(error);
    assert.deepEqual(brokenEvents, [["disconnect", "transport error", error]]);
  });

  test("before joining is not told as a disconnect", () => {
    const { platform, clock, socket } = fakeClient();
    const events = recordEvents(socket, "disconnect", "connect_error");
    platform.webSocket.open();
    socket.disconnect();
    assert.deepEqual(events, []);
    assert.equal(platform.webSocket.isClosed, true);
    assert.equal(clock.pending, 0);
  });

  test("open() and close() are other names", () => {
    const { platform, socket } = fakeClient({ autoConnect: false });
    assert.equal(socket.open(), socket);
    platform.webSocket.join();
    assert.equal(socket.close(), socket);
    assert.equal(socket.connected, false);
  });
});

test("listeners that throw or reject are logged, and hurt nobody", async () => {
  const { platform, socket, log } = joinedClient();
  const failure = new Error("mine");
  socket.on("x", () => {
    throw failure;
  });
  socket.on("x", () => Promise.reject(failure));
  const events = recordEvents(socket, "x");
  platform.webSocket.say('42["x"]');
  socket.emit("ask", () => {
    throw failure;
  });
  socket.emit("ask", () => Promise.reject(failure));
  platform.webSocket.say("430[]", "431[]");
  await new Promise(setImmediate);
  assert.deepEqual(events, [["x"]]);
  assert.deepEqual(
    log.take().map(({ level, details }) => [level, details]),
    Array.from({ length: 4 }, () => ["error", { err: failure }]),
  );
  assert.equal(socket.connected, true);
});

test("nsp, disconnected and send are Socket.IO's", () => {
  const { platform, socket } = joinedClient();
  assert.deepEqual([socket.nsp, socket.disconnected], ["/", false]);
  assert.equal(socket.send("hi", 1), socket);
  assert.deepEqual(platform.webSocket.take(), ['42["message","hi",1]']);
  platform.webSocket.lose();
  assert.equal(socket.disconnected, true);
});

test("what a server sends before it answers the CONNECT waits for that answer, on that connection", () => {
  const { platform, clock, socket } = fakeClient();
  const events = recordEvents(socket, "news", "connect");
  platform.webSocket.open();
  platform.webSocket.say('42["news",1]');
  assert.deepEqual(events, []);
  platform.webSocket.say('40{"sid":"id"}');
  assert.deepEqual(events, [["news", 1], ["connect"]]);
  platform.webSocket.lose();
  clock.advance(1000);
  platform.webSocket.open();
  platform.webSocket.say('42["news",2]');
  platform.webSocket.lose();
  clock.advance(5000);
  platform.webSocket.open();
  platform.webSocket.say('40{"sid":"id"}');
  assert.deepEqual(events.slice(2), [["connect"]]);
});

describe("a server of Socket.IO that recovers connections", () => {
  test("is told what came last, and its missed events come before connect", () => {
    const { platform, clock, socket } = fakeClient({ auth: { token: "x" } });
    const events = recordEvents(socket, "news", "connect");
    platform.webSocket.open();
    platform.webSocket.take();
    platform.webSocket.say('40{"sid":"id","pid":"secret"}', '42["news",1,"offset-1"]');
    assert.equal(socket.recovered, false);
    platform.webSocket.lose();
    clock.advance(1000);
    platform.webSocket.open();
    assert.deepEqual(platform.webSocket.take(), ['40{"pid":"secret","offset":"offset-1","token":"x"}']);
    events.splice(0);
    platform.webSocket.say('42["news",2,"offset-2"]');
    assert.deepEqual(events, []);
    platform.webSocket.say('40{"sid":"id","pid":"secret"}');
    assert.equal(socket.recovered, true);
    assert.deepEqual(events, [["news", 2, "offset-2"], ["connect"]]);
    platform.webSocket.lose();
    clock.advance(1000);
    platform.webSocket.open();
    assert.deepEqual(platform.webSocket.take(), ['40{"pid":"secret","offset":"offset-2","token":"x"}']);
    platform.webSocket.say('40{"sid":"new","pid":"other"}');
    assert.equal(socket.recovered, false);
  });

  test("can't send without end before it says who we are", () => {
    const { platform, clock, socket } = fakeClient();
    platform.webSocket.open();
    platform.webSocket.say('40{"sid":"id","pid":"secret"}');
    platform.webSocket.lose();
    clock.advance(1000);
    platform.webSocket.open();
    const errors = recordEvents(socket.io, "close");
    for (let count = 0; count <= 10_000; count++) platform.webSocket.say('42["news"]');
    assert.equal(errors[0]?.[1], "parse error");
  });
});

describe("an event that failed at the server", () => {
  test("is told to whoever waits for its acknowledgement", async () => {
    const { platform, socket } = joinedClient();
    const asked = socket.emitWithAck("rename", "x");
    const got: unknown[][] = [];
    socket.timeout(100).emit("rename", "y", (...args: unknown[]) => got.push(args));
    platform.webSocket.say(
      '440{"code":"name_taken","message":"x is taken.","data":{"suggestion":"x2"}}',
      '441{"code":"handler_failed","message":"The handler failed."}',
    );
    await assert.rejects(asked, {
      name: "EventError",
      code: "name_taken",
      message: "x is taken.",
      data: { suggestion: "x2" },
    });
    assert.equal((got[0]![0] as { code: string }).code, "handler_failed");
    assert.equal(socket.connected, true);
  });

  test("is told in its own namespace", async () => {
    const { platform, socket } = joinedClient();
    const admin = socket.io.socket("/admin");
    platform.webSocket.say('40/admin,{"sid":"a"}');
    const [ours, theirs] = [socket.timeout(100).emitWithAck("x"), admin.emitWithAck("x")];
    platform.webSocket.say('44/admin,0{"code":"no","message":"No."}');
    await assert.rejects(theirs, { code: "no" });
    platform.webSocket.say('430["yes"]');
    assert.equal(await ours, "yes");
  });

  test("is told by the manager, or logged, where the callback takes no error", () => {
    const { platform, socket, log } = joinedClient();
    let called = false;
    socket.emit("x", () => (called = true));
    socket.emit("x", () => (called = true));
    platform.webSocket.say('440{"code":"no","message":"No."}');
    assert.equal(log.take().length, 1);
    const errors = recordEvents(socket.io, "emit_error");
    platform.webSocket.say('441{"code":"no","message":"No."}');
    assert.deepEqual(
      errors.map(([, error]) => (error as { code: string }).code),
      ["no"],
    );
    assert.deepEqual(log.take(), []);
    assert.equal(called, false);
  });

  test("with ackTimeout every callback takes an error first", () => {
    const { platform, clock, socket } = joinedClient({ ackTimeout: 100 });
    const got: unknown[][] = [];
    socket.emit("a", (...args: unknown[]) => got.push(args));
    socket.timeout(10).emit("b", (...args: unknown[]) => got.push(args));
    socket.emit("c", (...args: unknown[]) => got.push(args));
    platform.webSocket.say('430["yes"]');
    clock.advance(10);
    clock.advance(90);
    assert.deepEqual(
      got.map(([error, value]) => [(error as { code: string } | null)?.code, value]),
      [
        [undefined, "yes"],
        ["timeout", undefined],
        ["timeout", undefined],
      ],
    );
  });
});

test("a listener of ours that throws answers nothing: the server's timeout() ends", () => {
  const { platform, socket, log } = joinedClient();
  socket.on("ask", () => {
    throw new Error("mine");
  });
  platform.webSocket.say('427["ask"]');
  assert.deepEqual(platform.webSocket.take(), []);
  assert.equal(log.take().length, 1);
});
