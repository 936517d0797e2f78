import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { delivery } from "../../../src/client/delivery/index.ts";
import type { ClientOptions } from "../../../src/client/options.ts";
import { fakeClient, recordEvents, settle } from "../../support/fake-client.ts";

const SEAT = { key: "k1", epoch: "e1", offset: 10, sequence: 0, window: 3 };

/** A client that has asked, and what it can be told. */
function deliveredClient(options: ClientOptions = {}) {
  const client = fakeClient({ delivery: delivery(), ...options });
  const { platform, clock, socket } = client;
  const join = (answer: object): void => {
    platform.webSocket.open();
    platform.webSocket.take();
    platform.webSocket.say(`40${JSON.stringify(answer)}`);
  };
  return {
    ...client,
    join,
    /** Loses the connection, and has the next one say this to what it asks for; returned is what it has asked. */
    comeBack(answer: object): (string | Uint8Array)[] {
      platform.webSocket.lose();
      clock.advance(5000);
      platform.webSocket.open();
      const asked = platform.webSocket.take();
      platform.webSocket.say(`40${JSON.stringify(answer)}`);
      return asked;
    },
    say: (...packets: string[]): void => {
      for (const packet of packets) platform.webSocket.say(packet);
    },
    sent: () => platform.webSocket.take(),
    events: recordEvents(socket, "connect", "gap", "disconnect", "n"),
  };
}

/** Of events, those of one name, with what they brought. */
function named(events: readonly unknown[][], name: string): unknown[] {
  return events.filter(([each]) => each === name).map(([, value]) => value);
}

describe("from the server", () => {
  test("it is asked for in the handshake, once for all namespaces", () => {
    const { platform } = deliveredClient({ query: { room: "1" } });
    const { searchParams } = new URL(platform.webSocket.url);
    assert.deepEqual([searchParams.get("delivery"), searchParams.get("room")], ["1", "1"]);
    assert.equal(new URL(fakeClient().platform.webSocket.url).searchParams.get("delivery"), null);
  });

  test("what is not what delivery() returns is a TypeError, at once", () => {
    for (const wrong of [true, {}, delivery]) {
      assert.throws(() => fakeClient({ delivery: wrong as never }), {
        name: "TypeError",
        message: /delivery/,
      });
    }
  });

  test("the seat is claimed with the offset of the last event, beside what the application gives", () => {
    const { join, say, comeBack, socket, events } = deliveredClient({ auth: { token: "t" } });
    join({ sid: "s", $seat: SEAT });
    say('42@11,["n",1]', '42@15,["n",2]');
    const asked = comeBack({ sid: "s", $seat: { ...SEAT, offset: 15, recovered: true } });
    assert.deepEqual(asked, ['40{"token":"t","$seat":{"key":"k1","epoch":"e1","offset":15}}']);
    assert.deepEqual([socket.recovered, socket.id], [true, "s"]);
    say('42@16,["n",3]');
    assert.deepEqual(named(events, "n"), [1, 2, 3]);
    assert.deepEqual(named(events, "gap"), []);
  });

  test("what came before comes no second time; what has no offset always comes", () => {
    const { join, say, events } = deliveredClient();
    join({ sid: "s", $seat: SEAT });
    say('42@11,["n",1]', '42@11,["n",1]', '42@9,["n",0]', '42["n",5]', '42["n",5]', '42@12,["n",2]');
    assert.deepEqual(named(events, "n"), [1, 5, 5, 2]);
  });

  test("a new seat in the place of the old one is a gap, before `connect`; the first one is none", () => {
    const { join, say, comeBack, socket, events } = deliveredClient();
    join({ sid: "s", $seat: SEAT });
    say('42@11,["n",1]');
    comeBack({ sid: "t", $seat: { ...SEAT, key: "k2", epoch: "e2", offset: 3 } });
    assert.equal(socket.recovered, false);
    assert.deepEqual(
      events.map(([name]) => name),
      ["connect", "n", "disconnect", "gap", "connect"],
    );
    // Its offsets count anew.
    say('42@4,["n",2]');
    assert.deepEqual(named(events, "n"), [1, 2]);
  });

  test("no seat in the place of the old one is a gap, too", () => {
    const { join, comeBack, events } = deliveredClient();
    join({ sid: "s", $seat: SEAT });
    comeBack({ sid: "t" });
    assert.equal(named(events, "gap").length, 1);
    const asked = comeBack({ sid: "u" });
    assert.deepEqual(asked, ["40"]);
    assert.equal(named(events, "gap").length, 1);
  });

  test("a gap while connected: the seat stays, and goes on behind it", () => {
    const { join, say, comeBack, socket, events } = deliveredClient();
    join({ sid: "s", $seat: SEAT });
    say('40{"$seat":{"epoch":"e1","offset":99}}', '42@50,["n",0]', '42@100,["n",1]');
    assert.deepEqual([socket.connected, named(events, "gap").length, named(events, "n")], [true, 1, [1]]);
    const asked = comeBack({ sid: "s", $seat: { ...SEAT, recovered: true } });
    assert.deepEqual(asked, ['40{"$seat":{"key":"k1","epoch":"e1","offset":100}}']);
  });

  test("who leaves, or is put out, has no seat any more; that is no gap", () => {
    for (const isOurs of [true, false]) {
      const { join, say, sent, socket, events, platform } = deliveredClient();
      join({ sid: "s", $seat: SEAT });
      if (isOurs) socket.disconnect();
      else say("41");
      socket.connect();
      platform.webSocket.open();
      assert.deepEqual(sent(), ["40"]);
      say('40{"sid":"t","$seat":{"key":"k2","epoch":"e1","offset":10}}');
      assert.deepEqual(named(events, "gap"), []);
    }
  });
});

describe("to the server", () => {
  test("events are numbered, many are under way, and go when they are done", () => {
    const { join, say, sent, socket } = deliveredClient();
    socket.emit("a", 1);
    join({ sid: "s", $seat: SEAT });
    for (let value = 2; value <= 5; value += 1) socket.emit("a", value);
    assert.deepEqual(sent(), ['42@1,["a",1]', '42@2,["a",2]', '42@3,["a",3]']);
    assert.equal(socket.bufferedEvents, 5);
    say("43@2");
    assert.deepEqual(sent(), ['42@4,["a",4]', '42@5,["a",5]']);
    say("43@5");
    assert.deepEqual([socket.bufferedEvents, socket.bufferedBytes], [0, 0]);
  });

  test("what is not done is sent again in the next session, with its number, and bytes behind it", () => {
    const { join, say, sent, comeBack, socket } = deliveredClient();
    join({ sid: "s", $seat: SEAT });
    socket
      .emit("a", 1)
      .emit("a", new Uint8Array([7]))
      .emit("a", 3)
      .emit("a", 4);
    sent();
    say("43@1");
    comeBack({ sid: "s", $seat: { ...SEAT, sequence: 2, recovered: true } });
    assert.deepEqual(sent(), ['42@3,["a",3]', '42@4,["a",4]']);
    comeBack({ sid: "s", $seat: { ...SEAT, sequence: 2, recovered: true } });
    assert.deepEqual(sent(), ['42@3,["a",3]', '42@4,["a",4]']);
    comeBack({ sid: "t", $seat: { ...SEAT, key: "k2", sequence: undefined } });
    socket.emit("a", new Uint8Array([7]));
    assert.deepEqual(sent(), [
      '42@1,["a",3]',
      '42@2,["a",4]',
      '451-@3,["a",{"_placeholder":true,"num":0}]',
      new Uint8Array([7]),
    ]);
  });

  test("an answer is waited for over connections, and comes once", async () => {
    const { join, say, comeBack, socket } = deliveredClient();
    join({ sid: "s", $seat: SEAT });
    const answer = socket.emitWithAck("ask");
    const failure = socket.emitWithAck("ask");
    say("43@2");
    comeBack({ sid: "s", $seat: { ...SEAT, sequence: 2, recovered: true } });
    say('43@11,0["yes"]', '43@11,0["no"]', '44@12,1{"code":"no","message":"No.","data":1}');
    assert.equal(await answer, "yes");
    await assert.rejects(failure, { name: "EventError", code: "no", data: 1 });
  });

  test("an answer that will not come any more fails with the seat; that of an event that is sent again does not", async () => {
    const { join, say, comeBack, socket } = deliveredClient();
    join({ sid: "s", $seat: SEAT });
    const done = socket.emitWithAck("done");
    const undone = socket.emitWithAck("undone");
    say("43@1");
    comeBack({ sid: "t", $seat: { ...SEAT, key: "k2", sequence: 1 } });
    await assert.rejects(done, { code: "disconnected" });
    say('43@11,1["yes"]');
    assert.equal(await undone, "yes");
  });

  test("an answer that is late is given up, and the event is still sent", async () => {
    const { join, sent, clock, socket } = deliveredClient();
    const late = socket.timeout(50).emitWithAck("ask");
    clock.advance(50);
    await assert.rejects(late, { code: "timeout" });
    join({ sid: "s", $seat: SEAT });
    assert.deepEqual(sent(), ['42@1,0["ask"]']);
  });

  test("too many are refused: the acknowledgement fails, and nothing else is lost", async () => {
    const { join, sent, socket } = deliveredClient({ maxBufferedEvents: 2 });
    join({ sid: "s", $seat: SEAT });
    socket.emit("a", 1).emit("a", 2);
    await assert.rejects(socket.emitWithAck("a", 3), { code: "buffer_full" });
    assert.deepEqual(sent(), ['42@1,["a",1]', '42@2,["a",2]']);
  });

  test("volatile events have no number, and are dropped while there is no connection", () => {
    const { join, sent, socket } = deliveredClient();
    socket.volatile.emit("v", 1);
    join({ sid: "s", $seat: SEAT });
    socket.volatile.emit("v", 2);
    assert.deepEqual(sent(), ['42["v",2]']);
  });

  test("a server without it gets events as ever, once; answers fail with the connection", async () => {
    const { join, sent, comeBack, socket } = deliveredClient();
    socket.emit("a", 1);
    join({ sid: "s" });
    const answer = socket.emitWithAck("ask");
    assert.deepEqual(sent(), ['42["a",1]', '420["ask"]']);
    assert.equal(socket.bufferedEvents, 0);
    comeBack({ sid: "t" });
    await assert.rejects(answer, { code: "disconnected" });
    await settle();
    assert.deepEqual(sent(), []);
  });

  test("`retries` beside it is a TypeError", () => {
    assert.throws(() => deliveredClient({ retries: 1 }), { name: "TypeError", message: /retries/ });
  });
});
