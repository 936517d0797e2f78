import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { allSessions } from "../../src/client/engine-session.ts";
import { makeIo, makeManager } from "../../src/client/io.ts";
import { webSocketSessions } from "../../src/client/websocket-session.ts";
import { fakeClient, joinedClient, recordEvents, settle } from "../support/fake-client.ts";
import { FakePlatform, openPacket } from "../support/fake-platform.ts";

const MANAGER_EVENTS = [
  "open",
  "error",
  "close",
  "reconnect_scheduled",
  "reconnect_attempt",
  "reconnect_error",
  "reconnect_failed",
  "reconnect",
];

for (const [name, sessionsTo] of [
  ["a session", allSessions],
  ["a session of WebSocket alone", webSocketSessions],
] as const) {
  describe(`the server of ${name} that asks it to leave`, () => {
    test("is obeyed: what was sent is finished, and it comes back when it was told", () => {
      for (const [packet, delayMs] of [
        ["10", 0],
        ["1250", 250],
        ["199999999", 60_000],
        ["1soon", 0],
      ] as const) {
        const { platform, clock, socket } = joinedClient({}, sessionsTo);
        const events = recordEvents(socket, "disconnect");
        const scheduled = recordEvents(socket.io, "reconnect_scheduled");
        socket.emit("before");
        platform.webSocket.say(packet);
        assert.deepEqual(platform.webSocket.take(), ['42["before"]', "1"]);
        assert.equal(platform.webSocket.isClosed, true);
        assert.deepEqual(events, [["disconnect", "transport close"]]);
        assert.deepEqual(scheduled, [["reconnect_scheduled", 1, delayMs]]);
        socket.emit("meanwhile");
        clock.advance(delayMs - 1);
        assert.equal(platform.webSockets.length, 1);
        clock.advance(1);
        assert.equal(platform.webSockets.length, 2);
        platform.webSocket.open();
        platform.webSocket.take();
        platform.webSocket.say('40{"sid":"again"}');
        assert.deepEqual(platform.webSocket.take(), ['42["meanwhile"]']);
        // The next loss is its own affair again.
        platform.webSocket.lose();
        assert.ok(Number(scheduled[1]![2]) > 0 && Number(scheduled[1]![2]) <= 1000);
      }
    });

    test("is taken to have left when it says no number", () => {
      const { platform, socket } = joinedClient({}, sessionsTo);
      const scheduled = recordEvents(socket.io, "reconnect_scheduled");
      platform.webSocket.say("1");
      assert.deepEqual(platform.webSocket.take(), []);
      const delayMs = Number(scheduled[0]![2]);
      assert.ok(delayMs > 0 && delayMs <= 1000);
    });
  });
}

describe("a server that refuses, and says for how long", () => {
  for (const [seconds, leastMs] of [
    ["3", 3000],
    ["3600", 60_000],
    [undefined, 0],
  ] as const) {
    test(`is left alone so long, and our own pause longer: ${String(seconds)} s`, async () => {
      const delays = new Set<number>();
      for (let client = 0; client < 20; client++) {
        const { platform, socket } = fakeClient(
          { transports: ["polling"] },
          new FakePlatform(undefined, client + 1),
        );
        const scheduled = recordEvents(socket.io, "reconnect_scheduled");
        await settle();
        platform.request("GET").answer("busy", 503, seconds === undefined ? {} : { "retry-after": seconds });
        await settle();
        const delayMs = Number(scheduled[0]![2]);
        assert.ok(delayMs >= leastMs && delayMs <= leastMs + 1000, String(delayMs));
        delays.add(delayMs);
        socket.disconnect();
      }
      assert.ok(delays.size > 10);
    });
  }
});

describe("coming back", () => {
  test("is told step by step", () => {
    const { platform, clock, socket } = joinedClient({ reconnectionDelay: 1000, reconnectionDelayMax: 5000 });
    const events = recordEvents(socket.io, ...MANAGER_EVENTS);
    const cut = new Error("cut");
    platform.webSocket.lose(cut);
    assert.equal(socket.active, true);
    assert.deepEqual(events.splice(0, 2), [
      ["error", cut],
      ["close", "transport error", cut],
    ]);
    for (let attempt = 1; attempt <= 4; attempt++) {
      const [[name, number, delayMs] = []] = events.splice(0);
      assert.deepEqual([name, number], ["reconnect_scheduled", attempt]);
      const bound = Math.min(5000, 1000 * 2 ** (attempt - 1));
      assert.ok(typeof delayMs === "number" && delayMs >= 0 && delayMs <= bound);
      assert.equal(clock.pending, 1);
      clock.advance(delayMs - 1);
      assert.deepEqual(events, []);
      clock.advance(1);
      assert.deepEqual(events.splice(0), [["reconnect_attempt", attempt]]);
      assert.equal(platform.webSockets.length, attempt + 1);
      if (attempt === 4) break;
      const error = new Error(`refused ${attempt}`);
      platform.webSocket.lose(error);
      assert.deepEqual(events.splice(0, 2), [
        ["error", error],
        ["reconnect_error", error],
      ]);
    }
    platform.webSocket.join("new");
    assert.deepEqual(events.splice(0), [["open"], ["reconnect", 4]]);
    assert.equal(socket.id, "new");
    // The next loss begins with the shortest delay again.
    platform.webSocket.lose();
    assert.deepEqual(
      events.map(([name, first]) => [name, first]),
      [
        ["close", "transport close"],
        ["reconnect_scheduled", 1],
      ],
    );
    assert.ok((events[1]![2] as number) <= 1000);
  });

  test("also if the first attempt fails", () => {
    const { platform, clock, socket } = fakeClient();
    const events = recordEvents(socket, "connect", "connect_error", "disconnect");
    const error = new Error("refused");
    platform.webSocket.lose(error);
    clock.advance(1000);
    platform.webSocket.lose();
    clock.advance(2000);
    platform.webSocket.join();
    assert.deepEqual(events[0], ["connect_error", error]);
    assert.equal(events[1]![0], "connect_error");
    assert.ok(events[1]![1] instanceof Error);
    assert.deepEqual(events.slice(2), [["connect"]]);
  });

  test("at once when told to, and the waiting attempt does not come as well", () => {
    const { platform, clock, socket } = joinedClient();
    platform.webSocket.lose();
    const events = recordEvents(socket.io, ...MANAGER_EVENTS);
    socket.connect();
    assert.deepEqual(events, [["reconnect_attempt", 1]]);
    assert.equal(platform.webSockets.length, 2);
    socket.connect();
    clock.advance(10_000);
    assert.equal(platform.webSockets.length, 2);
    platform.webSocket.join();
    assert.deepEqual(events.slice(1), [["open"], ["reconnect", 1]]);
  });

  test("ends after as many attempts as were allowed", () => {
    const { platform, clock, socket } = joinedClient({ reconnectionAttempts: 2 });
    const events = recordEvents(socket.io, "reconnect_attempt", "reconnect_failed");
    platform.webSocket.lose();
    for (let attempt = 0; attempt < 2; attempt++) {
      clock.advance(5000);
      platform.webSocket.lose();
    }
    assert.deepEqual(events, [["reconnect_attempt", 1], ["reconnect_attempt", 2], ["reconnect_failed"]]);
    assert.equal(clock.pending, 0);
    // Whoever wants to may begin again.
    socket.connect();
    assert.equal(platform.webSockets.length, 4);
    platform.webSocket.join();
    assert.equal(socket.connected, true);
  });

  test("not at all where that is not wanted", () => {
    const { platform, clock, socket } = joinedClient({ reconnection: false });
    const events = recordEvents(socket.io, ...MANAGER_EVENTS);
    platform.webSocket.lose();
    assert.deepEqual(
      events.map(([name, reason]) => [name, reason]),
      [["close", "transport close"]],
    );
    assert.equal(clock.pending, 0);
    socket.connect();
    platform.webSocket.join();
    assert.equal(socket.connected, true);
  });

  test("not after the server said goodbye, or refused", () => {
    const left = joinedClient();
    left.platform.webSocket.say("41");
    assert.equal(left.socket.active, false);
    assert.equal(left.platform.webSocket.isClosed, true);
    left.platform.webSocket.lose();
    assert.equal(left.clock.pending, 0);

    const refused = fakeClient();
    refused.platform.webSocket.open();
    refused.platform.webSocket.say('44{"message":"no"}');
    refused.platform.webSocket.lose();
    assert.equal(refused.clock.pending, 0);
    assert.equal(refused.platform.webSockets.length, 1);
    refused.socket.connect();
    refused.platform.webSocket.join();
    assert.equal(refused.socket.connected, true);
  });

  test("is given up by disconnect()", () => {
    const waiting = joinedClient();
    waiting.platform.webSocket.lose();
    assert.equal(waiting.clock.pending, 1);
    waiting.socket.disconnect();
    assert.equal(waiting.clock.pending, 0);

    const trying = joinedClient();
    trying.platform.webSocket.lose();
    trying.clock.advance(1000);
    assert.equal(trying.platform.webSockets.length, 2);
    trying.socket.disconnect();
    assert.equal(trying.platform.webSocket.isClosed, true);
    assert.equal(trying.clock.pending, 0);
    trying.platform.webSocket.lose();
    trying.clock.advance(60_000);
    assert.equal(trying.platform.webSockets.length, 2);
  });

  test("may be given up, or begun, by the listeners that are told of the loss", () => {
    const giveUp = joinedClient();
    giveUp.socket.on("disconnect", () => giveUp.socket.disconnect());
    giveUp.platform.webSocket.lose();
    assert.equal(giveUp.clock.pending, 0);

    const atOnce = joinedClient();
    atOnce.socket.on("disconnect", () => atOnce.socket.connect());
    atOnce.platform.webSocket.lose();
    assert.equal(atOnce.platform.webSockets.length, 2);
    atOnce.platform.webSocket.join();
    atOnce.clock.advance(499);
    assert.equal(atOnce.platform.webSockets.length, 2);
    assert.equal(atOnce.socket.connected, true);
  });

  test("forgets half a packet of the connection before", () => {
    const { platform, clock, socket } = joinedClient();
    const events = recordEvents(socket, "picture", "text");
    platform.webSocket.say('451-["picture",{"_placeholder":true,"num":0}]');
    platform.webSocket.lose();
    clock.advance(1000);
    platform.webSocket.join();
    platform.webSocket.say('42["text"]');
    assert.deepEqual(events, [["text"]]);
  });
});

describe("a manager", () => {
  test("shares its connection between namespaces", () => {
    const platform = new FakePlatform();
    const manager = new (makeManager(platform, allSessions))("http://localhost", {});
    const main = manager.socket("/");
    const admin = manager.socket("/admin", { auth: { token: 1 } });
    assert.equal(manager.socket("/admin"), admin);
    main.connect();
    admin.connect();
    assert.equal(platform.webSockets.length, 1);
    platform.webSocket.open();
    assert.deepEqual(platform.webSocket.take(), ["40", '40/admin,{"token":1}']);
    platform.webSocket.say('40{"sid":"m"}', '40/admin,{"sid":"a"}');
    assert.deepEqual([main.id, admin.id], ["m", "a"]);
    const heard = [recordEvents(main, "x"), recordEvents(admin, "x")];
    platform.webSocket.say('42["x",1]', '42/admin,["x",2]', '42/unknown,["x",3]');
    assert.deepEqual(heard, [[["x", 1]], [["x", 2]]]);
    main.disconnect();
    assert.deepEqual(platform.webSocket.take(), ["41"]);
    assert.equal(platform.webSocket.isClosed, false);
    admin.emit("y");
    assert.deepEqual(platform.webSocket.take(), ['42/admin,["y"]']);
    main.connect();
    assert.deepEqual(platform.webSocket.take(), ["40"]);
    main.disconnect();
    admin.disconnect();
    assert.equal(platform.webSocket.isClosed, true);
    assert.equal(platform.clock.pending, 0);
  });

  test("reports listeners that throw, and goes on", () => {
    const { platform, clock, socket, log } = joinedClient();
    const failure = new Error("mine");
    socket.io.on("reconnect_scheduled", () => {
      throw failure;
    });
    platform.webSocket.lose();
    assert.deepEqual(
      log.take().map(({ details }) => details),
      [{ err: failure }],
    );
    clock.advance(1000);
    platform.webSocket.join();
    assert.equal(socket.connected, true);
  });
});

describe("the engine", () => {
  test("says what carries the connection, and when that becomes a better one", async () => {
    const { platform, socket } = fakeClient({ transports: ["polling", "websocket"] });
    const { engine } = socket.io;
    assert.deepEqual([engine.id, engine.transport.name], [undefined, undefined]);
    const events = recordEvents(engine, "upgrade", "transport");
    await settle();
    platform.request("GET").answer(openPacket({ link: 1 }));
    await settle();
    assert.deepEqual([engine.id, engine.transport.name], ["s", "polling"]);
    platform.webSocket.accept();
    platform.webSocket.say("3probe", "60");
    assert.equal(engine.transport.name, "websocket");
    assert.deepEqual(events, [
      ["transport", { name: "polling" }],
      ["upgrade", { name: "websocket" }],
      ["transport", { name: "websocket" }],
    ]);
  });

  test("is told of an interruption that the sockets don't notice", async () => {
    const { platform, socket } = fakeClient({ transports: ["websocket", "polling"] });
    const events = recordEvents(socket.io, ...MANAGER_EVENTS, "interrupted", "resumed");
    const disconnects = recordEvents(socket, "disconnect");
    platform.webSocket.openLink({ pingInterval: 25_000, pingTimeout: 20_000 });
    platform.webSocket.say('40{"sid":"x"}');
    platform.webSocket.lose();
    platform.webSocket.lose();
    await settle();
    platform.request("GET").fail();
    await settle();
    assert.deepEqual(
      events.map(([name]) => name),
      ["open", "interrupted", "reconnect_scheduled"],
    );
    // By hand, it is tried at once: over WebSocket again.
    socket.io.connect();
    assert.equal(platform.webSockets.length, 3);
    platform.webSocket.accept();
    platform.webSocket.say("3probe", "60");
    assert.deepEqual(events.at(-1), ["resumed"]);
    assert.deepEqual([disconnects, socket.connected], [[], true]);
  });
});

test("a server that has forgotten the connection is asked for a new one at once, unless it forgets quickly", async () => {
  for (const [livedMs, count] of [
    [5000, 3],
    [4999, 2],
  ] as const) {
    const { platform, clock, socket } = fakeClient({ transports: ["websocket", "polling"] });
    const disconnects = recordEvents(socket, "disconnect");
    platform.webSocket.openLink({ pingInterval: 25_000, pingTimeout: 20_000 });
    platform.webSocket.say('40{"sid":"x"}');
    clock.advance(livedMs);
    platform.webSocket.lose();
    platform.webSocket.lose();
    await settle();
    platform.request("GET").answer('{"code":1,"message":"Session ID unknown"}', 400);
    await settle();
    assert.equal(disconnects[0]?.[1], "transport close");
    assert.equal(platform.webSockets.length, count);
  }
});

describe("what worked", () => {
  const key = "switchboard:transport:http://localhost:3000";

  test("is remembered for the next connection", async () => {
    const platform = new FakePlatform();
    const { socket } = fakeClient({ transports: undefined! }, platform);
    platform.webSocket.lose();
    await settle();
    platform.request("GET").answer(openPacket());
    await settle();
    assert.equal(platform.memory.get(key), "polling");
    socket.disconnect();
    await settle();
    const count = platform.webSockets.length;
    fakeClient({ transports: undefined! }, platform);
    await settle();
    assert.equal(platform.webSockets.length, count);
    platform
      .pending("GET")
      .at(-1)!
      .answer(openPacket({ link: 1 }));
    await settle();
    platform.webSocket.accept();
    platform.webSocket.say("3probe", "60");
    assert.equal(platform.memory.get(key), "websocket");
  });

  test("is forgotten where that is wanted", async () => {
    const platform = new FakePlatform();
    platform.memory.set(key, "polling");
    fakeClient({ transports: undefined!, rememberTransport: false }, platform);
    assert.equal(platform.webSockets.length, 1);
    platform.webSocket.openLink();
    assert.equal(platform.memory.get(key), "polling");
  });
});

test("a retry that can't even begin is a failed one", () => {
  const { platform, clock, socket } = fakeClient();
  const errors = recordEvents(socket, "connect_error");
  platform.refusal = new Error("not from here");
  platform.webSocket.lose(new Error("lost"));
  for (let count = 0; count < 3; count++) clock.advance(5000);
  assert.ok(errors.length >= 3);
  assert.equal(errors[1]?.[1], platform.refusal);
  platform.refusal = undefined;
  clock.advance(5000);
  assert.equal(platform.webSockets.length, 2);
  socket.disconnect();
  assert.equal(clock.pending, 0);
});

test("what a listener ends when the session goes on, brings nothing more", async () => {
  const { platform, socket } = fakeClient({ transports: ["websocket", "polling"] });
  platform.webSocket.openLink();
  platform.webSocket.say('40{"sid":"id"}');
  const events = recordEvents(socket, "disconnect", "news");
  socket.io.on("resumed", () => void socket.disconnect().connect());
  platform.webSocket.lose(new Error("lost"));
  platform.webSocket.lose(new Error("lost again"));
  await settle();
  platform.request("GET").answer('60\x1E451-["news",{"_placeholder":true,"num":0}]');
  await settle();
  assert.deepEqual(events, [["disconnect", "io client disconnect"]]);
  platform.webSocket.openLink();
  platform.webSocket.say('40{"sid":"id"}');
  assert.ok(socket.connected);
});

describe("made by hand", () => {
  const { Manager: Own } = makeIo(new FakePlatform("http://page/"), allSessions);

  test("a manager connects by itself, and comes back although it has no sockets", () => {
    const platform = new FakePlatform();
    const { Manager } = makeIo(platform, allSessions);
    const manager = new Manager("http://localhost:3000/ignored?x=1", { reconnectionDelay: 10 });
    assert.equal(new URL(platform.webSocket.url).searchParams.get("x"), "1");
    platform.webSocket.open();
    assert.equal(manager.isOpen, true);
    platform.webSocket.lose();
    platform.clock.advance(10);
    assert.equal(platform.webSockets.length, 2);
    assert.equal(manager.close(), manager);
    assert.equal(platform.webSocket.isClosed, true);
    assert.equal(platform.clock.pending, 0);
    assert.equal(platform.watching, 0);
  });

  test("it may be told to wait, and is then opened by its first socket that connects", () => {
    const platform = new FakePlatform();
    const { Manager } = makeIo(platform, allSessions);
    const manager = new Manager("http://localhost", { autoConnect: false, transports: ["websocket"] });
    const socket = manager.socket("/");
    assert.deepEqual([platform.webSockets.length, socket.active], [0, false]);
    manager.socket("/admin", { autoConnect: true });
    assert.equal(platform.webSockets.length, 1);
    platform.webSocket.open();
    assert.deepEqual(platform.webSocket.take(), ["40/admin,"]);
    assert.equal(manager.socket("/"), socket);
  });

  test("it takes the page's server where there is a page, and refuses what is none", () => {
    assert.equal(new Own().isOpen, false);
    assert.equal(new Own({ path: "/x" }).opts.path, "/x");
    const { Manager } = makeIo(new FakePlatform(), allSessions);
    assert.throws(() => new Manager(), { name: "TypeError", message: /must be whole/ });
    assert.throws(() => new Manager("ftp://x"), { name: "TypeError", message: /begins with http/ });
  });

  test("its settings can be asked for, and changed for the next attempt", () => {
    const { platform, clock, socket } = joinedClient();
    const manager = socket.io;
    assert.deepEqual(
      [
        manager.reconnection(),
        manager.reconnectionAttempts(),
        manager.reconnectionDelay(),
        manager.reconnectionDelayMax(),
        manager.randomizationFactor(),
        manager.timeout(),
      ],
      [true, Number.POSITIVE_INFINITY, 1000, 5000, 1, 20_000],
    );
    assert.equal(
      manager
        .reconnectionDelay(300)
        .reconnectionDelayMax(400)
        .randomizationFactor(0)
        .reconnectionAttempts(3)
        .timeout(50),
      manager,
    );
    const events = recordEvents(manager, "reconnect_scheduled", "reconnect_error", "reconnect_failed");
    platform.webSocket.lose();
    clock.advance(300);
    clock.advance(50);
    clock.advance(400);
    manager.timeout(false);
    clock.advance(50);
    clock.advance(400);
    clock.advance(1_000_000);
    assert.equal(platform.webSockets.length, 4);
    platform.webSocket.lose();
    assert.deepEqual(
      events.map(([name, attempt, delayMs]) =>
        typeof attempt === "number" ? [name, attempt, delayMs] : [name],
      ),
      [
        ["reconnect_scheduled", 1, 300],
        ["reconnect_error"],
        ["reconnect_scheduled", 2, 400],
        ["reconnect_error"],
        ["reconnect_scheduled", 3, 400],
        ["reconnect_error"],
        ["reconnect_failed"],
      ],
    );
    manager.reconnection(false);
    socket.connect();
    platform.webSocket.lose();
    assert.equal(clock.pending, 0);
  });

  test("a change of opts.query counts from the next attempt", () => {
    const { platform, clock, socket } = joinedClient({ query: { token: "old" } });
    socket.io.opts.query!["token"] = "new";
    platform.webSocket.lose();
    clock.advance(1000);
    assert.equal(new URL(platform.webSocket.url).searchParams.get("token"), "new");
  });

  test("connect() tells what became of it, and leaves trying again to whoever asked", () => {
    const platform = new FakePlatform();
    const { Manager } = makeIo(platform, allSessions);
    const manager = new Manager("http://localhost", { autoConnect: false, transports: ["websocket"] });
    const told: unknown[] = [];
    const tell = (error?: Error): void => void told.push(error?.message);
    manager.open(tell);
    platform.webSocket.lose(new Error("refused"));
    assert.deepEqual(told, ["refused"]);
    assert.equal(platform.clock.pending, 0);
    manager.connect(tell);
    manager.connect(tell);
    platform.webSocket.open();
    assert.deepEqual(told, ["refused", undefined, undefined]);
    manager.connect(tell);
    assert.equal(told.length, 4);
    manager.close();
    manager.connect(tell).close();
    assert.deepEqual(told.slice(4), ["Closed before it was open."]);
  });

  test("close() ends it for all sockets, and connect() brings them back", () => {
    const { platform, socket, clock } = joinedClient();
    const events = recordEvents(socket, "connect", "disconnect");
    socket.io.disconnect();
    assert.deepEqual(events.splice(0), [["disconnect", "forced close"]]);
    assert.equal(clock.pending, 0);
    socket.io.connect();
    platform.webSocket.join();
    assert.deepEqual(events, [["connect"]]);
  });

  test("a listener that gives up when an attempt begins is heard", () => {
    const { platform, clock, socket } = joinedClient();
    socket.io.on("reconnect_attempt", () => void socket.disconnect());
    platform.webSocket.lose();
    clock.advance(1000);
    assert.equal(platform.webSockets.length, 1);
    assert.equal(clock.pending, 0);
  });

  test("packets and pings are told", () => {
    const { platform, socket } = joinedClient();
    const events = recordEvents(socket.io, "packet", "ping");
    const packets = recordEvents(socket.io.engine, "packet", "packetCreate", "close");
    platform.webSocket.say("2", '42["x",1]', '451-/y,7["z",{"_placeholder":true,"num":0}]', Uint8Array.of(1));
    socket.emit("b", Uint8Array.of(2));
    assert.deepEqual(events, [
      ["ping"],
      ["packet", { type: 2, nsp: "/", id: undefined, data: ["x", 1] }],
      ["packet", { type: 2, nsp: "/y", id: 7, data: ["z", Uint8Array.of(1)] }],
    ]);
    assert.deepEqual(packets.splice(0), [
      ["packet", { type: "ping", data: "" }],
      ["packet", { type: "message", data: '2["x",1]' }],
      ["packet", { type: "message", data: '51-/y,7["z",{"_placeholder":true,"num":0}]' }],
      ["packet", { type: "message", data: Uint8Array.of(1) }],
      ["packetCreate", { type: "message", data: '51-["b",{"_placeholder":true,"num":0}]' }],
      ["packetCreate", { type: "message", data: Uint8Array.of(2) }],
    ]);
    assert.equal(socket.io.engine.close(), socket.io.engine);
    assert.deepEqual(packets, [["close", "forced close"]]);
    assert.equal(socket.active, true);
    platform.clock.advance(1000);
    assert.equal(platform.webSockets.length, 2);
  });

  test("a page that may be left ends the connection only if that is wanted", () => {
    for (const closeOnBeforeunload of [true, false]) {
      const { platform, socket } = joinedClient({ closeOnBeforeunload });
      assert.equal(platform.watchesLeave, closeOnBeforeunload);
      if (closeOnBeforeunload) platform.tell("beforeunload");
      assert.equal(socket.connected, !closeOnBeforeunload);
    }
  });
});
