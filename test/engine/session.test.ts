import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { PreparedMessage } from "../../src/engine/index.ts";
import { FakeExchange } from "../support/fake-exchange.ts";
import { MemoryTransport } from "../support/memory-transport.ts";
import { sessionsFor } from "../support/sessions.ts";

/** A session on a transport to nowhere, and a record of what its handler is told. */
function openSession(beforeStart?: (transport: MemoryTransport) => void) {
  const { sessions, clock, opened, open } = sessionsFor();
  const transport = new MemoryTransport();
  beforeStart?.(transport);
  const session = open(transport);
  const { told, received } = opened[0]!;
  return { clock, transport, sessions, session, told, received };
}

test("a session begins with the open packet", () => {
  const { transport, session, sessions } = openSession();
  assert.match(session.id, /^[A-Za-z0-9_-]{20}$/);
  assert.equal(sessions.get(session.id), session);
  assert.equal(sessions.size, 1);
  assert.deepEqual(transport.take(), [
    `0{"sid":"${session.id}","upgrades":[],"pingInterval":300,"pingTimeout":200,"maxPayload":1000}`,
  ]);
});

test("messages go both ways", () => {
  const { transport, session, received } = openSession();
  transport.take();
  session.send("hello");
  session.send("with bytes", [Uint8Array.of(1), Uint8Array.of(2)]);
  session.sendPrepared(new PreparedMessage("to many", [Uint8Array.of(3)]));
  session.sendBinary(Uint8Array.of(4));
  assert.deepEqual(transport.take(), [
    "4hello",
    "4with bytes",
    Uint8Array.of(1),
    Uint8Array.of(2),
    "4to many",
    Uint8Array.of(3),
    Uint8Array.of(4),
  ]);
  transport.receive("4");
  transport.receive("42 and more");
  transport.receiveBinary(Uint8Array.of(9));
  assert.deepEqual(received, ["", "2 and more", Uint8Array.of(9)]);
});

test("what a handler throws is reported, and the session goes on", () => {
  const { open, failures, opened } = sessionsFor({}, ({ session, told }) => {
    const fail = (...what: unknown[]): never => {
      told.push(what);
      throw new Error(String(what[0]));
    };
    session.handle({
      receiveText: (text) => fail(text),
      receiveBinary: () => fail("binary"),
      onTransportChange: (name) => fail(name),
      onClose: (reason) => fail(reason),
    });
  });
  const transport = new MemoryTransport();
  const session = open(transport, { link: true });
  transport.receive("4text");
  transport.receiveBinary(Uint8Array.of(1));
  session.receiveExchange(FakeExchange.get({ move: 1, ack: 0 }), "polling");
  const post = FakeExchange.post("4in a body\x1E4and another", { move: 1, seq: 3 });
  session.receiveExchange(post, "polling");
  assert.equal(post.text, "ok");
  assert.ok(session.isOpen);
  session.close();
  const what = ["text", "binary", "polling", "in a body", "and another", "forced close"];
  assert.deepEqual(
    opened[0]!.told,
    what.map((one) => [one]),
  );
  assert.deepEqual(
    failures.map((error) => (error as Error).message),
    what,
  );
});

describe("the heartbeat", () => {
  test("a pong that answers nothing changes nothing", () => {
    const { clock, transport } = openSession();
    transport.take();
    clock.advance(299);
    transport.receive("3");
    clock.advance(1);
    assert.deepEqual(transport.take(), ["2"]);
  });

  test("pings exactly after the interval, again after each pong", () => {
    const { clock, transport, session } = openSession();
    transport.take();
    for (let beat = 0; beat < 3; beat++) {
      clock.advance(299);
      assert.deepEqual(transport.take(), []);
      clock.advance(1);
      assert.deepEqual(transport.take(), ["2"]);
      clock.advance(199);
      transport.receive("3");
    }
    assert.ok(session.isOpen);
  });

  test("gives up exactly after the timeout", () => {
    const { clock, transport, session, sessions, told } = openSession();
    clock.advance(499);
    assert.ok(session.isOpen);
    clock.advance(1);
    assert.ok(!session.isOpen);
    assert.equal(transport.ending, "destroyed");
    assert.deepEqual(told, [["close", "ping timeout", false, "no pong came in time"]]);
    assert.equal(sessions.get(session.id), undefined);
    assert.equal(clock.pending, 0);
    transport.end(false);
    assert.equal(told.length, 1);
  });

  test("is not kept alive by messages", () => {
    const { clock, transport, session } = openSession();
    clock.advance(300);
    for (let time = 0; time < 200; time += 50) {
      assert.ok(session.isOpen);
      transport.receive("4busy");
      clock.advance(50);
    }
    assert.ok(!session.isOpen);
  });

  test("holds one timer a session and leaves none behind", () => {
    for (const end of ["session", "client", "transport", "breach"] as const) {
      for (const waitMs of [0, 300]) {
        const { clock, transport, session, told } = openSession();
        clock.advance(waitMs);
        assert.equal(clock.pending, 1);
        if (end === "session") session.close();
        else if (end === "client") transport.receive("1");
        else if (end === "transport") transport.end(false);
        else transport.receive("4breach");
        assert.equal(clock.pending, 0, `${end} after ${waitMs} ms`);
        assert.equal(told.length, 1);
      }
    }
  });
});

describe("the end", () => {
  test("by the server", () => {
    const { transport, session, told } = openSession();
    session.close();
    assert.equal(transport.ending, "normal");
    assert.deepEqual(told, [["close", "forced close", true, "closed by the server"]]);
  });

  test("by the client", () => {
    const { transport, told } = openSession();
    transport.receive("1");
    assert.equal(transport.ending, "released");
    assert.deepEqual(told, [["close", "transport close", true, "closed by the client"]]);
  });

  test("of the transport, with and without a goodbye, or by a failure", () => {
    const goodbye = openSession();
    goodbye.transport.end(true, "1000");
    assert.deepEqual(goodbye.told, [["close", "transport close", true, "1000"]]);
    const lost = openSession();
    lost.transport.end(false, "1006");
    assert.deepEqual(lost.told, [["close", "transport close", false, "1006"]]);
    const failed = openSession();
    failed.transport.fail(new Error("reset"));
    failed.transport.end(false, "1006");
    assert.deepEqual(failed.told, [["close", "transport error", false, "reset"]]);
  });

  test("by packets that a client must not send", () => {
    for (const packet of ["0{}", "2", "2probe", "5", "6", "7", "", "x", "\u0000"]) {
      const { transport, session, told } = openSession();
      transport.receive(packet);
      assert.ok(!session.isOpen, packet);
      assert.equal(transport.ending, "invalid data");
      assert.equal(told[0]?.[1], "parse error");
    }
  });

  test("by what the layer above refuses", () => {
    const text = openSession();
    text.transport.receive("4breach");
    assert.deepEqual(text.told, [["close", "parse error", false, "breach"]]);
    const binary = openSession();
    binary.transport.receiveBinary(Buffer.from("breach"));
    assert.deepEqual(binary.told, [["close", "parse error", false, "breach"]]);
  });

  test("is said once, and nothing happens afterwards", () => {
    const { transport, session, told, clock } = openSession();
    session.close();
    transport.take();
    session.close();
    session.send("late", [Uint8Array.of(1)]);
    session.sendPrepared(new PreparedMessage("late"));
    session.sendBinary(Uint8Array.of(1));
    transport.receive("4late");
    transport.receive("4breach");
    transport.receive("3");
    transport.receive("1");
    transport.receiveBinary(Uint8Array.of(1));
    transport.end(true);
    clock.advance(10_000);
    assert.deepEqual(transport.take(), []);
    assert.equal(told.length, 1);
  });
});

test("a client that talks before it is answered gets the open packet first", () => {
  const { transport, received } = openSession((early) => {
    early.onStart = () => early.receive("4hasty");
  });
  assert.match(String(transport.sent[0]), /^0\{/);
  assert.deepEqual(received, ["hasty"]);
});

test("a client that breaks the rules before it is answered leaves no timer behind", () => {
  const { clock, session } = openSession((early) => {
    early.onStart = () => early.receive("4breach");
  });
  assert.ok(!session.isOpen);
  assert.equal(clock.pending, 0);
});

describe("a limit that drops", () => {
  const big = new Uint8Array(100);

  test("drops a message together with its attachments, or not at all", () => {
    const { open } = sessionsFor({ maxBufferedBytes: 400, overflow: "drop" });
    const transport = new MemoryTransport();
    const session = open(transport);
    transport.take();
    transport.bufferedBytes = 200;
    session.send("small");
    session.send("small", [big]);
    session.sendPrepared(new PreparedMessage("small", [big]));
    session.sendPrepared(new PreparedMessage("ä"));
    session.sendBinary(new Uint8Array(150));
    session.sendBinary(Uint8Array.of(1));
    assert.deepEqual(transport.take(), ["4small", "4ä", Uint8Array.of(1)]);
    transport.bufferedBytes = 0;
    session.send("small", [big]);
    assert.deepEqual(transport.take(), ["4small", big]);
  });

  test("of nothing drops nothing", () => {
    const { open } = sessionsFor({ maxBufferedBytes: 0, overflow: "drop" });
    const transport = new MemoryTransport();
    const session = open(transport);
    transport.bufferedBytes = 1e9;
    session.send("on");
    assert.equal(transport.sent.at(-1), "4on");
  });
});

test("a handler that closes the session at once leaves nothing behind", () => {
  const { clock, open, opened } = sessionsFor({}, ({ session }) => session.close());
  const transport = new MemoryTransport();
  assert.ok(!open(transport).isOpen);
  assert.equal(clock.pending, 0);
  assert.equal(transport.ending, "normal");
  assert.match(String(transport.sent[0]), /^0/);
  assert.equal(opened[0]!.told.length, 1);
});
