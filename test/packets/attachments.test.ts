import assert from "node:assert/strict";
import { File } from "node:buffer";
import { describe, test } from "node:test";
import {
  encodeSocketPacket,
  hasBinary,
  MAX_ATTACHMENTS,
  PacketError,
  putAttachments,
  SocketPacketDecoder,
  takeAttachments,
} from "../../src/packets/index.ts";
import { decodeWhole, packet } from "../support/packets.ts";
import { type SeededRandom, SeededRandom as Seeded } from "../../src/testing/seeded-random.ts";

const place = (num: unknown): unknown => ({ _placeholder: true, num });

/** `depth` arrays around a value. */
function nest(value: unknown, depth: number): unknown {
  let nested = value;
  for (let level = 0; level < depth; level++) nested = [nested];
  return nested;
}

describe("taking", () => {
  test("every kind of bytes is seen, and only their own part of the memory goes", () => {
    const memory = Uint8Array.of(9, 1, 2, 3, 9).buffer;
    const kinds: readonly (ArrayBuffer | ArrayBufferView)[] = [
      Buffer.from([1, 2, 3]),
      Uint8Array.of(1, 2, 3),
      Uint8Array.of(1, 2, 3).buffer,
      new Uint8Array(memory, 1, 3),
      new DataView(memory, 1, 3),
      Buffer.from(memory, 1, 3),
    ];
    for (const bytes of kinds) {
      assert.ok(hasBinary({ deep: [{ bytes }] }));
      const attachments: Uint8Array[] = [];
      assert.deepEqual(takeAttachments(bytes, attachments), place(0));
      assert.equal(attachments.length, 1);
      assert.deepEqual([...attachments[0]!], [1, 2, 3]);
    }
    const wide: Uint8Array[] = [];
    takeAttachments(Uint16Array.of(0x0201, 0x0403), wide);
    assert.equal(wide[0]!.byteLength, 4);
  });

  test("what is not bytes is not seen", () => {
    for (const value of [
      null,
      undefined,
      1,
      "text",
      true,
      {},
      [],
      [[{ a: [null] }]],
      new Date(0),
      new Map(),
    ]) {
      assert.equal(hasBinary(value), false);
    }
  });

  test("the value given is left as it is", () => {
    const inner = Uint8Array.of(7);
    const value = { a: [inner, { b: inner }], c: 1 };
    const attachments: Uint8Array[] = [];
    assert.deepEqual(takeAttachments(value, attachments), { a: [place(0), { b: place(1) }], c: 1 });
    assert.deepEqual(value, { a: [inner, { b: inner }], c: 1 });
    assert.equal(attachments.length, 2);
  });

  test("keys that mean something to JavaScript are kept", () => {
    const value = JSON.parse('{"__proto__":{"x":1},"constructor":2}') as Record<string, unknown>;
    value["bytes"] = Uint8Array.of(1);
    const taken = takeAttachments(value, []) as object;
    assert.equal(
      JSON.stringify(taken),
      `{"__proto__":{"x":1},"constructor":2,"bytes":${JSON.stringify(place(0))}}`,
    );
    assert.equal(Object.getPrototypeOf(taken), Object.prototype);
  });

  test("a value that says what it is in JSON is asked, not looked into", () => {
    class Picture {
      readonly bytes = Uint8Array.of(1);
      toJSON(): string {
        return "a picture";
      }
    }
    assert.deepEqual(encodeSocketPacket(packet("event", ["ev", new Picture()])), {
      text: '2["ev","a picture"]',
      attachments: [],
    });
    const { text, attachments } = encodeSocketPacket(
      packet("event", ["ev", new Date(0), new Picture(), Uint8Array.of(2)]),
    );
    assert.equal(text, `51-["ev","1970-01-01T00:00:00.000Z","a picture",${JSON.stringify(place(0))}]`);
    assert.deepEqual(attachments, [Uint8Array.of(2)]);
  });

  test("a Blob or a File, which JSON would make {} of, is refused, with the way out", () => {
    const file = Object.assign(new File(["x"], "a.txt"), { path: "./a.txt" });
    for (const value of [new Blob(["x"]), file, { deep: [file] }, [Uint8Array.of(1), file]]) {
      for (const type of ["event", "ack"] as const) {
        assert.throws(
          () => encodeSocketPacket(packet(type, ["ev", value], { id: 1 })),
          (error) => error instanceof TypeError && /a Blob .* arrayBuffer\(\)/i.test(error.message),
        );
      }
    }
  });

  test(`${MAX_ATTACHMENTS} attachments go in one packet, more do not`, () => {
    const bytes = Array.from({ length: 10 }, (_, index) => Uint8Array.of(index));
    const { text, attachments } = encodeSocketPacket(packet("event", ["ev", ...bytes]));
    assert.ok(text.startsWith('510-["ev",'));
    assert.deepEqual(decodeWhole(text, attachments).data, ["ev", ...bytes]);
    assert.throws(
      () => encodeSocketPacket(packet("event", ["ev", ...bytes, Uint8Array.of(10)])),
      PacketError,
    );
    assert.throws(() => encodeSocketPacket(packet("ack", [bytes, [bytes]], { id: 1 })), PacketError);
  });

  test("depth: what JSON can hold goes, and nothing takes for ever", () => {
    const deep = nest("x", 2000);
    // Compared as text: node:assert itself would run out of stack.
    const { data } = decodeWhole(encodeSocketPacket(packet("event", ["ev", deep])).text);
    assert.equal(JSON.stringify(data), JSON.stringify(["ev", deep]));
    const withBytes = nest(Uint8Array.of(1), 400);
    const { text, attachments } = encodeSocketPacket(packet("event", ["ev", withBytes]));
    assert.deepEqual(decodeWhole(text, attachments).data, ["ev", withBytes]);
    assert.throws(() => takeAttachments([Uint8Array.of(1), nest("x", 600)], []), PacketError);
  });
});

describe("putting back", () => {
  const bytes = [Uint8Array.of(0), Uint8Array.of(1)];

  test("at any place, in any order, once or twice", () => {
    assert.deepEqual(putAttachments([place(1), { a: { b: [place(0)] } }, place(1)], bytes), [
      bytes[1],
      { a: { b: [bytes[0]] } },
      bytes[1],
    ]);
    assert.equal(putAttachments(place(0), bytes), bytes[0]);
  });

  test("what only looks like a placeholder stays", () => {
    const values = [
      { _placeholder: "true", num: 0 },
      { _placeholder: 1, num: 0 },
      { num: 0 },
      { _placeholder: false },
    ];
    assert.deepEqual(putAttachments(structuredClone(values), bytes), values);
    // Without attachments nothing is a placeholder.
    const event = packet("event", ["ev", place(0)]);
    assert.deepEqual(decodeWhole(encodeSocketPacket(event).text), event);
  });

  test("a number that is none of the attachments is refused", () => {
    for (const num of [2, -1, 0.5, 1e21, "0", "length", "__proto__", null, undefined, true, [0], {}]) {
      assert.throws(() => putAttachments(["ev", place(num)], bytes), PacketError, JSON.stringify(num));
      const text = `51-${JSON.stringify(["ev", place(num)])}`;
      assert.throws(() => decodeWhole(text, [Uint8Array.of(1)]), PacketError, text);
    }
  });

  test("a placeholder can't replace a prototype", () => {
    const text = `51-["ev",{"__proto__":${JSON.stringify(place(0))}}]`;
    assert.deepEqual(decodeWhole(text, [Uint8Array.of(1)]).data, ["ev", {}]);
    const own = JSON.parse(`{"__proto__":${JSON.stringify(place(0))}}`) as object;
    assert.throws(() => putAttachments(own, [Uint8Array.of(1)]), PacketError);
    const nested = `51-["ev",{"constructor":${JSON.stringify(place(0))},"__proto__":{"x":1}}]`;
    const [, value] = decodeWhole(nested, [Uint8Array.of(1)]).data as [string, object];
    assert.equal(Object.getPrototypeOf(value), Object.prototype);
    assert.deepEqual(Object.keys(value), ["constructor"]);
  });

  test("no attachments announced means that none is awaited", () => {
    assert.deepEqual(decodeWhole(`50-["ev",1]`), packet("event", ["ev", 1]));
    assert.deepEqual(decodeWhole(`50-/a,3["ev"]`), packet("event", ["ev"], { id: 3, namespace: "/a" }));
    assert.deepEqual(decodeWhole("60-7[]"), packet("ack", [], { id: 7 }));
  });

  test("attachments that no placeholder asks for are dropped", () => {
    assert.deepEqual(decodeWhole('51-["ev"]', [Uint8Array.of(1)]), packet("event", ["ev"]));
  });

  test("a nesting made to exhaust the stack is refused like any breach", () => {
    const decoder = new SocketPacketDecoder();
    const depth = 400_000;
    decoder.addText(`51-["ev",${"[".repeat(depth)}${"]".repeat(depth)}]`);
    assert.throws(() => decoder.addBinary(Uint8Array.of(1)), PacketError);
  });

  test("the limit on attachments is the decoder's", () => {
    const decoder = new SocketPacketDecoder(1);
    assert.equal(decoder.addText(`51-["ev",${JSON.stringify(place(0))}]`), undefined);
    assert.deepEqual(decoder.addBinary(Uint8Array.of(5))?.data, ["ev", Uint8Array.of(5)]);
    assert.throws(() => decoder.addText('52-["ev"]'), PacketError);
  });
});

test("what is sent is what is read: 2,000 packets of every kind", () => {
  const random = new Seeded(2024);
  const decoder = new SocketPacketDecoder();
  for (let round = 0; round < 2000; round++) {
    const sent = packet(
      random.pick(["event", "ack"] as const),
      ["name", ...randomArray(random, { left: 10 }, 0)],
      {
        id: random.pick([0, 1, 12, 4_294_967_296]),
        namespace: random.pick(["/", "/admin", "/a/b?c=d", "/ß"]),
      },
    );
    const { text, attachments } = encodeSocketPacket(sent);
    assert.equal(text.startsWith("5") || text.startsWith("6"), attachments.length > 0);
    let received = decoder.addText(text);
    for (const bytes of attachments) received = decoder.addBinary(bytes);
    assert.deepEqual(received, sent, text);
  }
});

function randomArray(random: SeededRandom, budget: { left: number }, depth: number): unknown[] {
  return Array.from({ length: random.integer(0, 3) }, () => randomValue(random, budget, depth + 1));
}

function randomValue(random: SeededRandom, budget: { left: number }, depth: number): unknown {
  const kind = random.integer(0, depth > 4 ? 5 : 8);
  if (kind === 0) return random.integer(-1_000_000, 1_000_000) / 8;
  if (kind === 1) return random.pick(["", "text", "ä€😀", '"\\', "\u2028", '{"_placeholder":true}']);
  if (kind === 2) return random.pick([null, true, false]);
  if (kind <= 5) {
    if (budget.left === 0) return "no more bytes";
    budget.left -= 1;
    return random.bytes(random.integer(0, 20));
  }
  if (kind === 6) return randomArray(random, budget, depth);
  const keys = ["a", "b", "num", "toString", "constructor", ""];
  return Object.fromEntries(
    Array.from({ length: random.integer(0, 3) }, () => [
      random.pick(keys),
      randomValue(random, budget, depth + 1),
    ]),
  );
}
