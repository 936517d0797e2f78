import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { allSessions } from "../../src/client/engine-session.ts";
import type { ClientOptions } from "../../src/client/options.ts";
import { webSocketSessions } from "../../src/client/websocket-session.ts";
import * as fake from "../support/fake-client.ts";
import { recordEvents } from "../support/fake-client.ts";
import { FakePlatform } from "../support/fake-platform.ts";

for (const [name, sessionsTo] of Object.entries({ allSessions, webSocketSessions })) {
  const fakeClient = (options?: ClientOptions, platform?: FakePlatform) =>
    fake.fakeClient(options, platform, sessionsTo);
  const joinedClient = (options?: ClientOptions) => fake.joinedClient(options, sessionsTo);

  describe(`a session of ${name}`, () => {
    describe("the handshake", () => {
      test("must come in time", () => {
        const { platform, clock, socket } = fakeClient({ timeout: 1000, reconnection: false });
        const events = recordEvents(socket, "connect_error", "disconnect");
        clock.advance(999);
        assert.deepEqual(events, []);
        clock.advance(1);
        assert.equal(platform.webSocket.isClosed, true);
        assert.equal(events.length, 1);
        assert.match((events[0]![1] as Error).message, /1000 ms/);
        assert.equal(clock.pending, 0);
      });

      test("must be an open packet that makes sense", () => {
        const packets = [
          "0",
          "0{",
          "0{}",
          "0null",
          '0{"sid":"x"}',
          "2",
          "40",
          "4",
          "x",
          "",
          '0{"sid":"x","pingInterval":0,"pingTimeout":1}',
        ];
        for (const packet of packets) {
          const { platform, clock, socket } = fakeClient({ reconnection: false });
          const events = recordEvents(socket, "connect", "connect_error");
          platform.webSocket.say(packet);
          assert.equal(events.length, 1, packet);
          assert.equal((events[0]![1] as Error).name, "PacketError");
          assert.equal(platform.webSocket.isClosed, true);
          assert.equal(clock.pending, 0);
        }
      });

      test("keeps the options' time: the default is 20 s", () => {
        const { clock, socket } = fakeClient({ reconnection: false });
        const events = recordEvents(socket, "connect_error");
        clock.advance(19_999);
        assert.equal(events.length, 0);
        clock.advance(1);
        assert.equal(events.length, 1);
      });

      test("that can't even begin leaves nothing behind", () => {
        const platform = new FakePlatform();
        platform.refusal = new SyntaxError("no");
        assert.throws(() => fakeClient({}, platform), SyntaxError);
        assert.equal(platform.clock.pending, 0);
      });
    });

    describe("the heartbeat", () => {
      test("is answered, with what the ping carried", () => {
        const { platform } = joinedClient();
        platform.webSocket.say("2", "2probe");
        assert.deepEqual(platform.webSocket.take(), ["3", "3probe"]);
      });

      test("that stops is noticed exactly after interval and timeout", () => {
        const { platform, clock, socket } = joinedClient({ reconnection: false });
        const events = recordEvents(socket, "disconnect");
        clock.advance(499);
        platform.webSocket.say("2");
        clock.advance(499);
        platform.webSocket.say('42["not a ping"]');
        assert.deepEqual(events, []);
        clock.advance(1);
        assert.equal(events[0]![1], "ping timeout");
        assert.match((events[0]![2] as Error).message, /500 ms/);
        assert.equal(platform.webSocket.isClosed, true);
        assert.equal(clock.pending, 0);
      });

      test("may be as slow as a server likes", () => {
        const { platform, clock, socket } = fakeClient();
        platform.webSocket.open(2 ** 31, 2 ** 31);
        platform.webSocket.say('40{"sid":"x"}');
        clock.advance(2 ** 31 - 2);
        assert.equal(socket.connected, true);
      });
    });

    test("packets that a server must not send end the session", () => {
      for (const packet of ["0{}", "3", "5", "7", "", "x", "42[", '42["connect"]', "45", Uint8Array.of(1)]) {
        const { platform, clock, socket } = joinedClient({ reconnection: false });
        const events = recordEvents(socket, "disconnect");
        platform.webSocket.say(packet);
        assert.equal(events[0]?.[1], "parse error", String(packet));
        assert.equal((events[0]![2] as Error).name, "PacketError");
        assert.equal(platform.webSocket.isClosed, true);
        assert.equal(clock.pending, 0);
      }
    });

    test("the end is said once, and what comes after it is ignored", () => {
      const { platform, socket } = joinedClient({ reconnection: false });
      const events = recordEvents(socket, "disconnect", "late", "connect_error");
      platform.webSocket.say("1");
      platform.webSocket.say('42["late"]', "2", "x", Uint8Array.of(1), '40{"sid":"again"}');
      platform.webSocket.lose(new Error("late"));
      assert.deepEqual(events, [["disconnect", "transport close"]]);
      assert.deepEqual(platform.webSocket.take(), []);
    });

    test("a noop is nothing", () => {
      const { platform, socket } = joinedClient();
      platform.webSocket.say("6");
      assert.equal(socket.connected, true);
    });
  });
}
