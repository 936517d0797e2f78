/**
 * What an encoder writes, the decoder reads back unchanged, but for keys called `__proto__`, which never come in; whatever else a peer writes is
 * either a packet, which then survives another round trip, or a `PacketError`, and never any other error.
 */
import assert from "node:assert/strict";
import {
  encodeEnginePacket,
  encodeSocketPacket,
  ENGINE_PACKET_TYPES,
  enginePacketType,
  PacketError,
  parseOpenPayload,
  type SocketPacket,
  SocketPacketDecoder,
} from "../src/packets/index.ts";
import type { SeededRandom } from "../src/testing/seeded-random.ts";
import { fuzzer, type Run } from "./lib/fuzzer.ts";
import { mutateText } from "./lib/mutate.ts";

const ALPHABET = [
  "0",
  "5",
  "9",
  "-",
  "/",
  ",",
  "[",
  "]",
  "{",
  "}",
  '"',
  "null",
  "1e999",
  "9".repeat(20),
  "[".repeat(600),
  '{"_placeholder":true,"num":0}',
  '"__proto__":',
  '"num":-1',
  "\u2028",
  "\ud800",
  "é",
  "2[",
  "51-",
  "60-",
  "@",
  "@7,",
];
const NAMES = ["message", "x", "", "news!", "connected", "é"];
const KEYS = ["a", "b", "__proto__", "constructor", "toString", "_placeholder", "num", ""];

export const run: Run = fuzzer("packets", (random) => {
  const draw = random.fraction();
  if (draw < 0.1) return tryEnginePacket(random);
  const packet = positioned(socketPacket(random), random);
  const { text, attachments } = encodeSocketPacket(packet);
  if (draw < 0.5) {
    const decoded = decode(new SocketPacketDecoder(), text, attachments);
    assert.deepEqual(decoded, { ...packet, data: withoutProto(packet.data) }, text);
    return attachments.length > 0 ? "binary round trip" : "round trip";
  }
  return tryForeign(mutateText(text, random, ALPHABET), attachments, random);
});

function tryEnginePacket(random: SeededRandom): string {
  const type = random.pick(ENGINE_PACKET_TYPES);
  const data = random.pick(["", "probe", '{"sid":"x"}', "2[1]"]);
  const text = encodeEnginePacket(type, data);
  assert.equal(enginePacketType(text), type);
  assert.equal(text.slice(1), data);
  const open = `{"sid":"abc","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}`;
  const foreign = mutateText(random.pick([text, open]), random, ALPHABET);
  unlessPacketError(() => enginePacketType(foreign));
  const payload = unlessPacketError(() => parseOpenPayload(foreign));
  if (payload === undefined) return "engine refused";
  assert.equal(typeof payload.sid, "string", foreign);
  assert.ok(payload.pingInterval > 0 && payload.pingTimeout > 0 && payload.maxPayload >= 0, foreign);
  return "engine open";
}

/** Text that no encoder of ours has written, perhaps with binary data that it does not speak of. */
function tryForeign(text: string, attachments: readonly Uint8Array[], random: SeededRandom): string {
  const decoder = new SocketPacketDecoder(random.pick([0, 1, 10]));
  const more = random.fraction() < 0.3 ? [...attachments, Buffer.of(1)] : attachments;
  const packet = unlessPacketError(() => decode(decoder, text, more));
  assert.equal(({} as Record<string, unknown>)["polluted"], undefined, text);
  if (packet === undefined) return "refused";
  assert.deepEqual(packet.data, withoutProto(packet.data), text);
  let again;
  try {
    again = encodeSocketPacket(packet);
  } catch (error) {
    assert.ok(error instanceof PacketError || error instanceof RangeError, text);
    return "too deep to be sent on";
  }
  const read = decode(new SocketPacketDecoder(), again.text, again.attachments);
  // JSON has no infinities and no negative zero, which a peer can write all the same.
  assert.equal(JSON.stringify(read), JSON.stringify(packet), text);
  return "foreign round trip";
}

/** All of a packet; undefined if attachments are still due at the end. */
function decode(
  decoder: SocketPacketDecoder,
  text: string,
  attachments: readonly Uint8Array[],
): SocketPacket | undefined {
  let packet = decoder.addText(text);
  for (const attachment of attachments) packet = decoder.addBinary(attachment);
  return packet;
}

/** A copy without such keys. */
function withoutProto(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutProto);
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return value;
  const kept = Object.entries(value).filter(([key]) => key !== "__proto__");
  return Object.fromEntries(kept.map(([key, item]) => [key, withoutProto(item)]));
}

function unlessPacketError<Result>(work: () => Result): Result | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof PacketError) return undefined;
    throw error;
  }
}

/** Where a packet may carry a position, some do; an ACK that has nothing else says what is done. */
function positioned(packet: SocketPacket, random: SeededRandom): SocketPacket {
  const { type, id } = packet;
  const mayHave = type === "event" || type === "ack" || (type === "connect_error" && id !== undefined);
  if (!mayHave || random.fraction() < 0.5) return { ...packet, position: undefined };
  const position = random.integer(0, 2 ** 40);
  const isDone = type === "ack" && random.fraction() < 0.2;
  return isDone ? { ...packet, id: undefined, data: undefined, position } : { ...packet, position };
}

function socketPacket(random: SeededRandom): SocketPacket {
  const namespace = random.pick(["/", "/", "/admin", "/a/b?c=1", "/9"]);
  const id = random.fraction() < 0.4 ? random.integer(0, 2 ** 40) : undefined;
  switch (random.integer(0, 4)) {
    case 0:
      return {
        type: "connect",
        namespace,
        id: undefined,
        data: random.pick([undefined, { token: "x" }, {}]),
      };
    case 1:
      return { type: "disconnect", namespace, id: undefined, data: undefined };
    case 2:
      return {
        type: "connect_error",
        namespace,
        id: undefined,
        data: random.pick(["no", { message: "no" }]),
      };
    case 3:
      return { type: "ack", namespace, id: random.integer(0, 1000), data: list(random, { left: 10 }) };
    default: {
      const name = random.pick([...NAMES, 7]);
      return { type: "event", namespace, id, data: [name, ...list(random, { left: 10 })] };
    }
  }
}

function list(random: SeededRandom, attachments: { left: number }): unknown[] {
  return Array.from({ length: random.integer(0, 3) }, () => value(random, attachments, 0));
}

function value(random: SeededRandom, attachments: { left: number }, depth: number): unknown {
  const kind = random.integer(0, depth > 3 ? 4 : 7);
  switch (kind) {
    case 0:
      return random.pick([null, true, false]);
    case 1:
      return random.pick([0, -1.5, 1e21, 2 ** 53]);
    case 2:
    case 3:
      return random.pick(["", "text", '"\\', "\u2028 é 😀", "451-[", "\ud800"]);
    case 4:
      if (attachments.left === 0) return "no more";
      attachments.left -= 1;
      return random.bytes(random.integer(0, 5));
    case 5:
      return Array.from({ length: random.integer(0, 3) }, () => value(random, attachments, depth + 1));
    default: {
      const entries = Array.from({ length: random.integer(0, 3) }, () => [
        random.pick(KEYS),
        value(random, attachments, depth + 1),
      ]);
      const made = Object.fromEntries(entries) as Record<string, unknown>;
      // It would mean an attachment, and one can't stand at "__proto__".
      delete made["_placeholder"];
      if (typeof made["__proto__"] === "object") delete made["__proto__"];
      return made;
    }
  }
}
