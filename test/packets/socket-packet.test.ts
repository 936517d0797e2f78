import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  decodeSocketPacket,
  encodeSocketPacket,
  isBinaryPacket,
  PacketError,
  RESERVED_EVENTS,
  type SocketPacket,
  SocketPacketDecoder,
} from "../../src/packets/index.ts";
import { decodeWhole, packet } from "../support/packets.ts";

const BYTES = Uint8Array.of(1, 2, 3);

/** The protocol's own examples: what is on the wire, and what it means. */
const EXAMPLES: readonly (readonly [
  wire: string,
  means: SocketPacket,
  attachments?: readonly Uint8Array[],
])[] = [
  ["0", packet("connect")],
  ['0{"token":"x"}', packet("connect", { token: "x" })],
  ['0/admin,{"token":"x"}', packet("connect", { token: "x" }, { namespace: "/admin" })],
  ["0/admin,", packet("connect", undefined, { namespace: "/admin" })],
  ['0{"sid":"abc"}', packet("connect", { sid: "abc" })],
  [
    '4/admin,{"message":"Not authorized","data":{"code":1}}',
    packet("connect_error", { message: "Not authorized", data: { code: 1 } }, { namespace: "/admin" }),
  ],
  [
    '4/x,{"message":"Invalid namespace"}',
    packet("connect_error", { message: "Invalid namespace" }, { namespace: "/x" }),
  ],
  ['4"No"', packet("connect_error", "No")],
  ['2["ev",1]', packet("event", ["ev", 1])],
  ["2[1]", packet("event", [1])],
  ['2/admin,13["ev",1]', packet("event", ["ev", 1], { id: 13, namespace: "/admin" })],
  ['20["ev"]', packet("event", ["ev"], { id: 0 })],
  ['3/admin,13["r"]', packet("ack", ["r"], { id: 13, namespace: "/admin" })],
  ["30[]", packet("ack", [], { id: 0 })],
  ['51-["ev",{"_placeholder":true,"num":0}]', packet("event", ["ev", BYTES]), [BYTES]],
  ['61-15[{"_placeholder":true,"num":0}]', packet("ack", [BYTES], { id: 15 }), [BYTES]],
  [
    '51-/admin,7["ev",{"_placeholder":true,"num":0}]',
    packet("event", ["ev", BYTES], { id: 7, namespace: "/admin" }),
    [BYTES],
  ],
  ["1", packet("disconnect")],
  ["1/admin,", packet("disconnect", undefined, { namespace: "/admin" })],
];

for (const [wire, means, attachments = []] of EXAMPLES) {
  test(`${wire} is written and read`, () => {
    assert.deepEqual(encodeSocketPacket(means), { text: wire, attachments });
    assert.deepEqual(decodeWhole(wire, attachments), means);
  });
}

describe("namespaces", () => {
  test("end at the first comma, or at the end", () => {
    assert.deepEqual(decodeWhole("0/custom"), packet("connect", undefined, { namespace: "/custom" }));
    assert.deepEqual(decodeWhole("1/custom"), packet("disconnect", undefined, { namespace: "/custom" }));
    assert.deepEqual(decodeWhole('2/a,["x","b,c"]'), packet("event", ["x", "b,c"], { namespace: "/a" }));
    assert.deepEqual(decodeWhole("0/,{}"), packet("connect", {}));
  });

  test("may look like anything else", () => {
    for (const namespace of ["/admin?token=1&x=[]", "/{}", "/1", "/a/b", "/ä€😀", "/#", "/ "]) {
      const event = packet("event", ["ev"], { id: 4, namespace });
      const { text } = encodeSocketPacket(event);
      assert.equal(text, `2${namespace},4["ev"]`);
      assert.deepEqual(decodeWhole(text), event);
    }
  });
});

describe("acknowledgement ids", () => {
  test("go up to what a number holds exactly", () => {
    assert.equal(decodeWhole('2007["ev"]').id, 7);
    assert.equal(decodeWhole(`2${Number.MAX_SAFE_INTEGER}["ev"]`).id, Number.MAX_SAFE_INTEGER);
    for (const id of ["9007199254740992", "99999999999999999999", "9".repeat(400)]) {
      assert.throws(() => decodeWhole(`2${id}["ev"]`), PacketError);
      assert.throws(() => decodeWhole(`3${id}[]`), PacketError);
    }
  });
});

test("text travels as it is", () => {
  for (const text of ["", "ä€😀", "\u2028\u2029", '"\\\n\u0000', "\ud800 alone", "__proto__"]) {
    const event = packet("event", ["ev", text]);
    assert.deepEqual(decodeWhole(encodeSocketPacket(event).text), event);
  }
});

test("keys that mean something to JavaScript are data like any other, but for __proto__, which is left out", () => {
  for (const key of [
    "__proto__",
    "\\u005f_proto__",
    "__\\u0070roto__",
    "__p\\u0072\\u006Fto__",
    "__proto\\u005F\\u005F",
  ]) {
    const decoded = decodeWhole(
      `2["ev",{"${key}":{"admin":true},"a":[{"${key}":1,"b":2}],"constructor":{"prototype":1},"toString":2}]`,
    );
    const [, value] = decoded.data as [string, { a: object[] }];
    assert.equal(Object.getPrototypeOf(value), Object.prototype);
    assert.deepEqual(Object.keys(value), ["a", "constructor", "toString"], key);
    assert.deepEqual(value.a, [{ b: 2 }]);
    assert.equal(Object.hasOwn({}, "admin") || "admin" in {}, false);
  }
  assert.deepEqual(decodeWhole('2["__proto__","\\u005f","__proto__"]').data, ["__proto__", "_", "__proto__"]);
});

test("__proto__ is left out however deep it stands", () => {
  const depth = 100_000;
  const { data } = decodeSocketPacket(
    `2["ev",${"[".repeat(depth)}{"__proto__":{"admin":true},"a":1}${"]".repeat(depth)}]`,
  );
  let value = (data as unknown[])[1];
  while (Array.isArray(value)) [value] = value as unknown[];
  assert.deepEqual(Object.keys(value as object), ["a"]);
});

test("a nesting made to exhaust the stack is refused like any breach, also where keys are left out", () => {
  const depth = 100_000;
  for (const key of ["x", "__proto__"]) {
    const text = `2["ev",${`{"${key}":`.repeat(depth)}1${"}".repeat(depth)}]`;
    try {
      decodeSocketPacket(text);
    } catch (error) {
      assert.ok(error instanceof PacketError);
    }
  }
});

test("a packet without attachments is decoded by itself", () => {
  for (const text of ['2["ev",1]', '0{"a":1}', "1", "3/x,7[1]"]) {
    assert.equal(isBinaryPacket(text), false);
    assert.deepEqual(decodeSocketPacket(text), decodeWhole(text));
  }
  for (const text of ['51-["ev"]', "60-1[]"]) assert.equal(isBinaryPacket(text), true);
  assert.throws(() => decodeSocketPacket("9"), PacketError);
});

describe("breaches", () => {
  const breaches: Readonly<Record<string, readonly string[]>> = {
    "an unknown type": ["", "7", "9[]", "a", "-1", " 2", "\u0000", "/", "{}", '["ev"]'],
    "CONNECT with anything but an object": ["0[]", "0null", "0 1", "0true", '0"x"', "0/admin,[]", "0{"],
    "DISCONNECT with anything": ["1{}", "1[]", '1"x"', "1null", "1/admin,{}"],
    "CONNECT_ERROR with neither string nor object": ["4", "4[]", "4null", "4true", "4/x,"],
    "an ACK without an array": ["3", "31", "31{}", '31"x"', "31null", "60-1", "60-1{}"],
    "an EVENT without an array": ["2", "2{}", "21", "2null", '2"ev"', "2/admin,", "50-", "50-{}"],
    "an EVENT without a name": ["2[]", "2[null]", "2[true]", "2[{}]", '2[["ev"]]', "50-[{}]"],
    "a reserved name": [...RESERVED_EVENTS].flatMap((name) => [
      `2["${name}"]`,
      `20["${name}",1]`,
      `50-["${name}"]`,
    ]),
    "bad JSON": [
      "2[",
      '2["ev"',
      '2["ev",]',
      '2["ev"]]',
      '2["ev"]x',
      "2['ev']",
      '2["ev",NaN]',
      "0{a:1}",
      "31[}",
    ],
    "a count of attachments that is none": [
      '5["ev"]',
      '5-["ev"]',
      '51["ev"]',
      '5-1-["ev"]',
      '51.5-["ev"]',
      '51e0-["ev"]',
      '5x-["ev"]',
      '5 1-["ev"]',
      "5",
      "51",
      "6-[]",
      "6[]",
    ],
    "too many attachments": ['511-["ev"]', '599999999999-["ev"]', `5${"9".repeat(400)}-["ev"]`, "611-1[]"],
  };
  for (const [what, texts] of Object.entries(breaches)) {
    test(what, () => {
      for (const text of texts) {
        assert.throws(() => new SocketPacketDecoder().addText(text), PacketError, JSON.stringify(text));
      }
    });
  }

  test("the six reserved names are those of the protocol", () => {
    const names = [
      "connect",
      "connect_error",
      "disconnect",
      "disconnecting",
      "newListener",
      "removeListener",
    ];
    assert.deepEqual([...RESERVED_EVENTS].toSorted(), names);
  });

  test("text while attachments are due", () => {
    const decoder = new SocketPacketDecoder();
    assert.equal(
      decoder.addText('52-["ev",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]'),
      undefined,
    );
    assert.equal(decoder.addBinary(BYTES), undefined);
    assert.throws(() => decoder.addText('2["ev"]'), PacketError);
  });

  test("binary while none is due", () => {
    const decoder = new SocketPacketDecoder();
    assert.throws(() => decoder.addBinary(BYTES), PacketError);
    decoder.addText('51-["ev",{"_placeholder":true,"num":0}]');
    assert.ok(decoder.addBinary(BYTES));
    assert.throws(() => decoder.addBinary(BYTES), PacketError);
  });
});

describe("what can't be sent", () => {
  test("a circular value is named", () => {
    const circular: Record<string, unknown> = {};
    circular["left"] = circular;
    circular["right"] = circular;
    assert.throws(() => encodeSocketPacket(packet("event", ["ev", circular])), /circular/);
    assert.throws(() => encodeSocketPacket(packet("event", ["ev", BYTES, circular])), /circular/);
    assert.throws(() => encodeSocketPacket(packet("ack", [circular], { id: 1 })), /circular/);
  });

  test("a bigint", () => {
    assert.throws(() => encodeSocketPacket(packet("event", ["ev", 1n])), TypeError);
  });
});
