import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  type Base64,
  encodePayloadPacket,
  joinPayload,
  loneBinaryLength,
  loneBinaryPayloadLength,
  PacketError,
  type PayloadSink,
  readPayload,
  readPayloadPacket,
} from "../../src/packets/index.ts";
import { SeededRandom } from "../../src/testing/seeded-random.ts";

const base64: Base64 = {
  encode: (bytes) => Buffer.from(bytes).toString("base64"),
  decode(text) {
    if (text === "?") throw new PacketError("not base64");
    return new Uint8Array(Buffer.from(text, "base64"));
  },
};

/** Keeps what it takes. */
class Kept implements PayloadSink {
  readonly packets: (string | Uint8Array)[] = [];

  receivePacket(packet: string): void {
    this.packets.push(packet);
  }

  receiveBinary(data: Uint8Array): void {
    this.packets.push(data);
  }
}

function readWhole(payload: string): (string | Uint8Array)[] {
  const kept = new Kept();
  readPayload(payload, base64, kept);
  return kept.packets;
}

describe("a payload", () => {
  for (const [payload, packets] of [
    ["4", ["4"]],
    ["4hello", ["4hello"]],
    ["4a\x1E2\x1EbAQI=", ["4a", "2", Uint8Array.of(1, 2)]],
    ["b", [new Uint8Array(0)]],
    ["4b\x1Eb", ["4b", new Uint8Array(0)]],
    ["4\u{1F600}\n\x1E4ä", ["4\u{1F600}\n", "4ä"]],
  ] as const) {
    test(`${JSON.stringify(payload)} is read and written`, () => {
      assert.deepEqual(readWhole(payload), packets);
      assert.equal(joinPayload(packets.map((packet) => encodePayloadPacket(packet, base64))), payload);
    });
  }

  for (const payload of ["", "\x1E", "4a\x1E", "\x1E4a", "4a\x1E\x1E4b", "b?"]) {
    test(`${JSON.stringify(payload)} can't be read`, () => {
      assert.throws(() => readWhole(payload), PacketError);
    });
  }

  test("is handed over up to the packet that can't be read", () => {
    const kept = new Kept();
    assert.throws(() => readPayload("4a\x1E4b\x1Eb?\x1E4c", base64, kept), PacketError);
    assert.deepEqual(kept.packets, ["4a", "4b"]);
  });

  test("of anything comes back, whole and packet by packet", () => {
    const random = new SeededRandom(7);
    for (let round = 0; round < 500; round++) {
      const packets = Array.from({ length: random.integer(1, 8) }, () =>
        random.fraction() < 0.5
          ? random.bytes(random.integer(0, 50))
          : `${random.integer(0, 6)}${random.pick(["", "ä€", "b", "\n", "x".repeat(300)])}`,
      );
      const encoded = packets.map((packet) => encodePayloadPacket(packet, base64));
      assert.deepEqual(readWhole(joinPayload(encoded)), packets);
      const kept = new Kept();
      for (const packet of encoded) readPayloadPacket(packet, base64, kept);
      assert.deepEqual(kept.packets, packets);
    }
  });
});

describe("a payload that is one binary message", () => {
  test("is known by its length", () => {
    for (let length = 0; length < 10; length++) {
      const payload = encodePayloadPacket(new Uint8Array(length), base64);
      assert.equal(loneBinaryLength(payload), length);
      assert.equal(loneBinaryPayloadLength(length), payload.length);
    }
  });

  test("is nothing beside other packets, and no text", () => {
    const binary = encodePayloadPacket(new Uint8Array(3), base64);
    for (const payload of ["", "4b", joinPayload([binary, "4"]), joinPayload(["4", binary])]) {
      assert.equal(loneBinaryLength(payload), undefined);
    }
  });
});
