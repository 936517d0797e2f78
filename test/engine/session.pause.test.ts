/** `pauseReading` and `resumeReading`, over each transport. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, test } from "node:test";
import type { EngineSocket } from "../../src/engine/index.ts";
import { PollingTransport } from "../../src/engine/transports/polling.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { EngineClient } from "../support/engine-client.ts";
import { openPolling, send, startEngine, WEBSOCKET_PATH } from "../support/engine-server.ts";
import { FakeExchange } from "../support/fake-exchange.ts";
import { MemoryTransport } from "../support/memory-transport.ts";
import { openLink, openOnWebSocket } from "../support/open-link.ts";
import { requestOptions, sessionsFor } from "../support/sessions.ts";
import { until } from "../support/until.ts";
import { frame, OPCODE } from "../support/wire-frames.ts";

/** A plain session that polls, whose handler pauses over each message. */
async function openPausing() {
  const { sessions, clock, opened, open } = sessionsFor({}, ({ session, received, told }) => {
    session.handle({
      receiveText: (text) => {
        received.push(text);
        session.pauseReading();
      },
      receiveBinary: (data) => {
        received.push(data);
        session.pauseReading();
      },
      onClose: (...args) => void told.push(args),
    });
  });
  const transport = new PollingTransport(requestOptions(clock));
  const session = open(transport, { upgrades: ["websocket"] });
  transport.receiveExchange(FakeExchange.get({}));
  await Promise.resolve();
  const post = (body: string): FakeExchange => {
    const exchange = FakeExchange.post(body);
    session.receiveExchange(exchange, "polling");
    return exchange;
  };
  return { sessions, clock, transport, post, ...opened[0]!, session };
}

describe("on a WebSocket", () => {
  test("what comes behind a pause waits, also of the same read; sending goes on", async (t) => {
    const { engine, port } = await startEngine(t);
    const received: unknown[] = [];
    let socket: EngineSocket | undefined;
    engine.on("connection", (opened) => {
      socket = opened;
      opened.on("message", (data) => {
        received.push(data);
        opened.send(`${String(data)} was received`);
        if (data === "two") opened.session.pauseReading();
      });
    });
    const client = await EngineClient.open(t, port, WEBSOCKET_PATH);
    const frames = ["4one", "4two", "4three", "4four"].map((packet) => frame(OPCODE.text, packet));
    await client.raw.send(Buffer.concat(frames));
    assert.equal(await client.next(), "4one was received");
    assert.equal(await client.next(), "4two was received");
    socket!.send("still there?");
    assert.equal(await client.next(), "4still there?");
    assert.deepEqual(received, ["one", "two"]);
    socket!.session.resumeReading();
    assert.deepEqual(received, ["one", "two", "three", "four"]);
    await client.send("4five");
    for (const one of ["three", "four", "five"]) assert.equal(await client.next(), `4${one} was received`);
  });

  test("the client is made to wait: what it sends stays with it", async (t) => {
    const { engine, port } = await startEngine(t);
    let bytes = 0;
    let socket: EngineSocket | undefined;
    engine.on("connection", (opened) => {
      socket = opened;
      opened.session.pauseReading();
      opened.on("message", (data) => (bytes += data.length));
    });
    const client = await EngineClient.open(t, port, WEBSOCKET_PATH);
    const { stream } = client.raw;
    const message = frame(OPCODE.binary, new Uint8Array(500_000));
    // Kernels hold some MB; beyond them nothing is taken any more.
    const count = 60;
    for (let sent = 0; sent < count; sent++) stream.write(message);
    // Until nothing more is taken, over some turns.
    let last = -1;
    for (let still = 0; still < 50; still = stream.writableLength === last ? still + 1 : 0) {
      last = stream.writableLength;
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.ok(last > (count * message.length) / 2, `${last} bytes are left`);
    assert.equal(bytes, 0);
    const drained = once(stream, "drain");
    socket!.session.resumeReading();
    await drained;
    await until(() => bytes === count * 500_000);
  });

  test("pings go on and pongs are not waited for; a client that is there stays", async (t) => {
    const clock = new FakeClock();
    const { engine, port } = await startEngine(t, { clock, pingInterval: 300, pingTimeout: 200 });
    const reasons: string[] = [];
    let socket: EngineSocket | undefined;
    engine.on("connection", (opened) => {
      socket = opened;
      opened.on("close", (reason) => reasons.push(reason));
    });
    const client = await EngineClient.open(t, port, WEBSOCKET_PATH);
    socket!.session.pauseReading();
    for (let beat = 0; beat < 3; beat++) {
      clock.advance(300);
      assert.equal(await client.next(), "2");
      await client.send("3");
    }
    const heard = new Promise((resolve) => socket!.once("heartbeat", () => resolve(undefined)));
    socket!.session.resumeReading();
    await heard;
    clock.advance(299);
    assert.deepEqual(reasons, []);
    clock.advance(1);
    assert.equal(await client.next(), "2");
    clock.advance(200);
    assert.deepEqual(reasons, ["ping timeout"]);
  });

  test("one that has left is noticed when something that is sent fails", async (t) => {
    const clock = new FakeClock();
    const { engine, port } = await startEngine(t, { clock });
    let reason: string | undefined;
    engine.on("connection", (opened) => {
      opened.session.pauseReading();
      opened.on("close", (why) => (reason = why));
    });
    const client = await EngineClient.open(t, port, WEBSOCKET_PATH);
    // Unread bytes at the server's end: a reset, sooner or later.
    client.raw.destroy();
    await client.raw.closed();
    while (reason === undefined) {
      clock.advance(25_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.match(reason, /^transport (close|error)$/);
  });

  test("an end does not wait: the close handshake is done", async (t) => {
    const { engine, port } = await startEngine(t);
    engine.on("connection", (socket) => {
      socket.on("message", () => {
        socket.session.pauseReading();
        setImmediate(() => socket.close());
      });
    });
    const client = await EngineClient.open(t, port, WEBSOCKET_PATH);
    await client.raw.send(Buffer.concat(["4one", "4two"].map((packet) => frame(OPCODE.text, packet))));
    assert.equal(await client.nextClose(), undefined);
  });
});

describe("on polling", () => {
  test("a POST is answered when all of it has been taken; a second one is refused meanwhile", async () => {
    const { session, post, received, told } = await openPausing();
    const posted = post("4one\x1E4two\x1EbAQI=");
    assert.deepEqual(received, ["one"]);
    assert.equal(posted.status, undefined);
    session.resumeReading();
    assert.deepEqual(received, ["one", "two"]);
    assert.equal(posted.status, undefined);
    session.resumeReading();
    assert.deepEqual(received, ["one", "two", Buffer.of(1, 2)]);
    // It is paused over the last one, too.
    assert.equal(posted.status, undefined);
    assert.equal(post("4second").status, 400);
    assert.equal(told[0]![0], "transport error");
    assert.equal(posted.status, 200);
  });

  test("a POST that comes during a pause waits as a whole", async () => {
    const { session, post, received } = await openPausing();
    session.pauseReading();
    const posted = post("3\x1E4one");
    assert.deepEqual([posted.status, received], [undefined, []]);
    session.resumeReading();
    assert.deepEqual([posted.status, received], [undefined, ["one"]]);
    session.resumeReading();
    assert.equal(posted.text, "ok");
    session.resumeReading();
    assert.equal(post("4two").status, undefined);
  });

  test("who pauses and resumes at once is answered at once", async () => {
    const { session, post, received } = await openPausing();
    session.handle({
      receiveText: (text) => {
        received.push(text);
        session.pauseReading();
        session.resumeReading();
      },
      receiveBinary: () => {},
      onClose: () => {},
    });
    assert.equal(post("4one\x1E4two\x1E4three").text, "ok");
    session.pauseReading();
    const posted = post("4four\x1E4five");
    session.resumeReading();
    assert.equal(posted.text, "ok");
    assert.deepEqual(received, ["one", "two", "three", "four", "five"]);
  });

  test("the end answers a POST that waits, and what it still has reaches nobody", async () => {
    for (const end of ["close", "in a handler"]) {
      const { session, post, received, told, clock } = await openPausing();
      const posted = post("4one\x1E4two\x1E4three");
      if (end === "close") session.close();
      else {
        session.handle({
          receiveText: () => {
            session.pauseReading();
            session.close();
          },
          receiveBinary: () => {},
          onClose: (...args) => void told.push(args),
        });
        session.resumeReading();
      }
      assert.equal(posted.status, 200, end);
      assert.deepEqual(received, ["one"]);
      assert.equal(told.length, 1);
      clock.advance(10_000);
      assert.equal(clock.pending, 0);
    }
  });

  test("a body that can't be read ends the session, also during a pause", async () => {
    const { post, received, told } = await openPausing();
    const posted = post("4one\x1E4two\x1Eb!");
    assert.equal(posted.status, 400);
    assert.deepEqual([received, told[0]![0]], [["one"], "parse error"]);
  });

  test("what a plain client has posted is taken, also if it does not wait for the answer", async () => {
    const { session, post, received } = await openPausing();
    const posted = post("4one\x1E4two");
    posted.abort();
    session.resumeReading();
    assert.deepEqual(received, ["one", "two"]);
  });

  test("on the wire: the answer comes when reading goes on, and polls are answered meanwhile", async (t) => {
    const { engine, port } = await startEngine(t);
    let socket: EngineSocket | undefined;
    const received: unknown[] = [];
    engine.on("connection", (opened) => {
      socket = opened;
      opened.on("message", (data) => {
        received.push(data);
        opened.session.pauseReading();
      });
    });
    const { path } = await openPolling(port);
    let isAnswered = false;
    const posted = send(port, path, { method: "POST", body: "4one\x1E4two" }).finally(
      () => (isAnswered = true),
    );
    await until(() => received.length === 1);
    socket!.send("hello");
    assert.equal((await send(port, path)).text, "4hello");
    assert.equal(isAnswered, false);
    socket!.session.resumeReading();
    assert.deepEqual(received, ["one", "two"]);
    socket!.session.resumeReading();
    assert.equal((await posted).text, "ok");
  });

  test("a client that is moving to a WebSocket has its time when it is not made to wait any more", async () => {
    const { session, post, clock, received } = await openPausing();
    const webSocket = new MemoryTransport();
    session.receiveWebSocket(webSocket);
    webSocket.receive("2probe");
    const posted = post("4one\x1E4two");
    // Beyond upgradeTimeoutMs; no ping is answered, and none is waited for.
    for (let times = 0; times < 30; times++) clock.advance(100);
    assert.equal(webSocket.ending, undefined);
    webSocket.receive("5");
    assert.equal(session.transportName, "polling");
    session.resumeReading();
    session.resumeReading();
    assert.equal(posted.text, "ok");
    assert.equal(session.transportName, "websocket");
    webSocket.receive("4three");
    assert.deepEqual(received, ["one", "two", "three"]);
    assert.ok(webSocket.isPaused);
  });

  test("one that does not move has only so long behind a pause", async () => {
    const { session, clock, post } = await openPausing();
    const webSocket = new MemoryTransport();
    session.receiveWebSocket(webSocket);
    webSocket.receive("2probe");
    session.pauseReading();
    for (let times = 0; times < 30; times++) clock.advance(100);
    session.resumeReading();
    for (let times = 0; times < 9; times++) {
      clock.advance(100);
      post("3");
    }
    assert.equal(webSocket.ending, undefined);
    clock.advance(100);
    post("3");
    clock.advance(100);
    assert.equal(webSocket.ending, "normal");
  });
});

describe("a link", () => {
  test("whose POST is cut sends again what was not taken, and nothing comes twice", async () => {
    const { session, post, received } = await openLink();
    session.pauseReading();
    const cut = post("4one\x1E4two", { seq: 1 });
    cut.abort();
    const again = post("4one\x1E4two\x1E4three", { seq: 1 });
    assert.equal(again.status, undefined);
    session.resumeReading();
    assert.equal(again.text, "ok");
    assert.deepEqual(received, ["one", "two", "three"]);
  });

  test("that moves meanwhile is paused there, too; what waited on the transport before comes again", async () => {
    const { session, post, probe, get, received } = await openLink();
    session.pauseReading();
    const left = post("4one", { seq: 1 });
    const webSocket = probe("51,0");
    assert.equal(left.status, 400);
    assert.deepEqual(webSocket.take(), ["60"]);
    assert.ok(webSocket.isPaused);
    webSocket.receive("4one");
    get({ move: 2, ack: 0 });
    const posted = post("4one\x1E4two", { move: 2, seq: 1 });
    session.resumeReading();
    assert.equal(posted.text, "ok");
    assert.deepEqual(received, ["one", "two"]);
  });

  test("that is lost during a pause ends when its time is over", () => {
    const { session, transport, clock, told } = openOnWebSocket();
    session.pauseReading();
    clock.advance(1000);
    assert.deepEqual(told, []);
    transport.end(false);
    clock.advance(200);
    assert.equal(told[0]![1], "transport close");
    assert.equal(clock.pending, 0);
  });
});

test("nothing happens to a session that is over, or paused already, or not paused", () => {
  const { session, transport, received } = openOnWebSocket();
  session.resumeReading();
  session.pauseReading();
  session.pauseReading();
  transport.receive("4one");
  assert.deepEqual(received, []);
  session.resumeReading();
  assert.deepEqual(received, ["one"]);
  session.close();
  session.pauseReading();
  assert.ok(!transport.isPaused);
});
