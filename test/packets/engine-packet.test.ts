import assert from "node:assert/strict";
import { test } from "node:test";
import {
  ENGINE_PACKET_TYPES,
  encodeEnginePacket,
  enginePacketType,
  PacketError,
  parseOpenPayload,
} from "../../src/packets/index.ts";

test("a packet is a digit and its data", () => {
  const packets = ["0", "1", "2", "3", "4", "5", "6"];
  assert.deepEqual(
    ENGINE_PACKET_TYPES.map((type) => encodeEnginePacket(type)),
    packets,
  );
  assert.deepEqual(packets.map(enginePacketType), [...ENGINE_PACKET_TYPES]);
  assert.equal(encodeEnginePacket("message", "hello"), "4hello");
  assert.equal(encodeEnginePacket("pong", "probe"), "3probe");
  assert.equal(enginePacketType("2probe"), "ping");
});

test("a packet that begins with anything else is refused", () => {
  for (const text of ["", "7", "9", "-1", "a", "b4AAA=", " 4", "\u0000", "٤", "\ud800"]) {
    assert.throws(() => enginePacketType(text), PacketError, JSON.stringify(text));
  }
});

const OPEN = { sid: "abc", upgrades: ["websocket"], pingInterval: 300, pingTimeout: 200, maxPayload: 1000 };

test("an open packet is read, with or without what older servers leave out", () => {
  assert.deepEqual(parseOpenPayload(JSON.stringify(OPEN)), OPEN);
  assert.deepEqual(parseOpenPayload('{"sid":"x","pingInterval":1,"pingTimeout":2}'), {
    sid: "x",
    upgrades: [],
    pingInterval: 1,
    pingTimeout: 2,
    maxPayload: 0,
  });
});

test("keys of an open packet that nobody knows are left behind", () => {
  assert.deepEqual(parseOpenPayload(JSON.stringify({ ...OPEN, more: true })), OPEN);
});

test("an open packet without what a session needs is refused", () => {
  const broken: unknown[] = [
    null,
    [],
    "text",
    7,
    {},
    { ...OPEN, sid: undefined },
    { ...OPEN, sid: 1 },
    { ...OPEN, pingInterval: 0 },
    { ...OPEN, pingInterval: -1 },
    { ...OPEN, pingTimeout: "200" },
    { ...OPEN, pingTimeout: null },
  ];
  for (const value of broken) {
    assert.throws(() => parseOpenPayload(JSON.stringify(value)), PacketError, JSON.stringify(value));
  }
  for (const text of ["", "{", "undefined", '{"sid":"a"', "0{}"]) {
    assert.throws(() => parseOpenPayload(text), PacketError, text);
  }
});
