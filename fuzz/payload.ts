/**
 * What is put into a polling payload is read back unchanged; any other payload is read to the same packets however it came to be, or ends
 * in a `PacketError`, and never in any other error. The same holds for a link's counts.
 */
import assert from "node:assert/strict";
import { base64 } from "../src/engine/base64.ts";
import {
  encodeLinkMove,
  encodePayloadPacket,
  joinPayload,
  PacketError,
  parseCount,
  parseLinkMove,
  type PayloadSink,
  readPayload,
} from "../src/packets/index.ts";
import type { SeededRandom } from "../src/testing/seeded-random.ts";
import { fuzzer, type Run } from "./lib/fuzzer.ts";
import { mutateText } from "./lib/mutate.ts";

const ALPHABET = [
  "\u001E",
  "b",
  "bAAA=",
  "b=",
  "bA",
  "b A==",
  "4",
  "é",
  "\ud800",
  "\0",
  "\u001E\u001E",
  "b".repeat(70),
];
const COUNTS = [
  "0",
  "00",
  "7",
  "-1",
  "1e3",
  "9".repeat(15),
  "9".repeat(16),
  " 1",
  "1 ",
  "",
  "٣",
  "0x1",
  "1,2",
  ",",
];

class Packets implements PayloadSink {
  readonly all: (string | Buffer)[] = [];

  receivePacket(packet: string): void {
    this.all.push(packet);
  }

  receiveBinary(data: Uint8Array): void {
    this.all.push(Buffer.from(data));
  }
}

export const run: Run = fuzzer("payload", (random) => {
  if (random.fraction() < 0.1) return tryCount(random);
  const packets = Array.from({ length: random.integer(1, 5) }, () => packet(random));
  const payload = joinPayload(packets.map((each) => encodePayloadPacket(each, base64)));
  if (random.fraction() < 0.4) {
    assert.deepEqual(read(payload), packets, payload);
    return "round trip";
  }
  const foreign = mutateText(payload, random, ALPHABET);
  const once = read(foreign);
  if (once === undefined) return "refused";
  assert.deepEqual(
    read(joinPayload(once.map((each) => encodePayloadPacket(each, base64)))),
    once,
    JSON.stringify(foreign),
  );
  return "foreign round trip";
});

function tryCount(random: SeededRandom): string {
  const move = { move: random.integer(0, 1000), ack: random.integer(0, 2 ** 40) };
  assert.deepEqual(parseLinkMove(encodeLinkMove(move)), move);
  const text = mutateText(random.pick(COUNTS), random, COUNTS);
  try {
    const count = parseCount(text);
    assert.ok(Number.isSafeInteger(count) && count >= 0 && /^[0-9]+$/.test(text), text);
    return "count";
  } catch (error) {
    assert.ok(error instanceof PacketError, text);
    return "count refused";
  }
}

function read(payload: string): (string | Buffer)[] | undefined {
  const packets = new Packets();
  try {
    readPayload(payload, base64, packets);
  } catch (error) {
    assert.ok(error instanceof PacketError, JSON.stringify(payload));
    return undefined;
  }
  return packets.all;
}

function packet(random: SeededRandom): string | Buffer {
  if (random.fraction() < 0.4) return Buffer.from(random.bytes(random.integer(0, 20)));
  return random.pick([
    "4",
    "2",
    "3probe",
    "4hello",
    '42["é😀",1]',
    "4b",
    "4\r\n",
    "6",
    `4${"x".repeat(300)}`,
  ]);
}
