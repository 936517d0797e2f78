import assert from "node:assert/strict";
import { isUtf8 } from "node:buffer";
import { describe, test } from "node:test";
import { FrameParser, type FrameParserOptions } from "../../src/protocol/frame-parser.ts";
import * as expected from "../support/recording-sink.ts";
import { parseHoweverCut, RecordingSink, type SinkEvent } from "../support/recording-sink.ts";
import { SeededRandom } from "../../src/testing/seeded-random.ts";
import { closeBody, frame, type FrameOptions, OPCODE } from "../support/wire-frames.ts";

const SERVER: FrameParserOptions = { role: "server", maxMessageBytes: 0 };
const CLIENT: FrameParserOptions = { role: "client", maxMessageBytes: 0 };

/** Where the form of the length changes, where unmasking goes over to words, and their neighbours. */
const LENGTHS = [
  0, 1, 2, 3, 4, 5, 63, 64, 65, 95, 96, 97, 98, 99, 124, 125, 126, 127, 128, 1000, 65534, 65535, 65536, 65537,
];

function events(bytes: Uint8Array, options: FrameParserOptions): readonly SinkEvent[] {
  const result = parseHoweverCut(bytes, options);
  assert.equal(result.error, undefined);
  return result.events;
}

describe("a message in one frame", () => {
  for (const length of LENGTHS) {
    test(`of ${length} bytes`, () => {
      const random = new SeededRandom(length);
      const greek = "!".repeat(length % 2) + "λ".repeat(length >> 1);
      const bytes = random.bytes(length);
      const mask = [...random.bytes(4)];
      for (const [options, masking] of [
        [SERVER, { mask }],
        [CLIENT, { mask: false }],
      ] as const) {
        assert.deepEqual(events(frame(OPCODE.text, greek, masking), options), [expected.text(greek)]);
        assert.deepEqual(events(frame(OPCODE.binary, bytes, masking), options), [expected.binary(bytes)]);
      }
    });
  }

  test("the examples of RFC 6455 §5.7", () => {
    const unmaskedHello = Buffer.from("810548656c6c6f", "hex");
    const maskedHello = Buffer.from("818537fa213d7f9f4d5158", "hex");
    const fragmented = Buffer.from("010348656c80026c6f", "hex");
    assert.deepEqual(events(unmaskedHello, CLIENT), [expected.text("Hello")]);
    assert.deepEqual(events(maskedHello, SERVER), [expected.text("Hello")]);
    assert.deepEqual(events(fragmented, CLIENT), [expected.text("Hello")]);
    assert.deepEqual(events(Buffer.from("890548656c6c6f", "hex"), CLIENT), [expected.ping("Hello")]);
    assert.deepEqual(events(Buffer.from("8a8537fa213d7f9f4d5158", "hex"), SERVER), [expected.pong("Hello")]);
  });

  test("a native UTF-8 check gives the same", () => {
    const words = "ÄÖÜ 漢字 🙂 ".repeat(40);
    assert.deepEqual(events(frame(OPCODE.text, words), { ...SERVER, isUtf8 }), [expected.text(words)]);
  });

  test("many frames in one chunk come in order", () => {
    const numbers = Array.from({ length: 300 }, (_, index) => String(index));
    const bytes = Buffer.concat(numbers.map((number) => frame(OPCODE.text, number)));
    assert.deepEqual(
      events(bytes, SERVER),
      numbers.map((number) => expected.text(number)),
    );
  });
});

describe("control frames", () => {
  for (const length of [0, 1, 124, 125]) {
    test(`ping and pong of ${length} bytes`, () => {
      const payload = new SeededRandom(length).bytes(length);
      const bytes = Buffer.concat([frame(OPCODE.ping, payload), frame(OPCODE.pong, payload)]);
      assert.deepEqual(events(bytes, SERVER), [expected.ping(payload), expected.pong(payload)]);
    });
  }

  test("a ping's payload does not change when the chunk is used again", () => {
    const sink = new RecordingSink();
    let kept: Uint8Array = new Uint8Array(0);
    sink.receivePing = (payload) => {
      kept = payload;
    };
    const chunk = frame(OPCODE.ping, "stay");
    new FrameParser(sink, SERVER).receive(chunk);
    chunk.fill(0);
    assert.equal(Buffer.from(kept).toString(), "stay");
  });

  const CLOSES: readonly [string, Buffer, SinkEvent][] = [
    ["without a body: 1005", Buffer.alloc(0), expected.close(1005)],
    ["with a code", closeBody(1000), expected.close(1000)],
    ["with a code of an application", closeBody(4999), expected.close(4999)],
    [
      "with the longest reason",
      closeBody(1001, "é".repeat(61) + "!"),
      expected.close(1001, "é".repeat(61) + "!"),
    ],
  ];
  for (const [name, body, event] of CLOSES) {
    test(`a close frame ${name}`, () => {
      assert.deepEqual(events(frame(OPCODE.close, body), SERVER), [event]);
    });
  }

  test("whatever comes after a close frame is ignored, were it garbage", () => {
    const bytes = Buffer.concat([frame(OPCODE.close, closeBody(1000)), Buffer.from("ffffffffffff", "hex")]);
    assert.deepEqual(events(bytes, SERVER), [expected.close(1000)]);
  });
});

describe("fragmented messages", () => {
  test("text that is cut inside a character", () => {
    const bytes = Buffer.from("κόσμε 🙂");
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      const wire = Buffer.concat([
        frame(OPCODE.text, bytes.subarray(0, cut), { fin: false }),
        frame(OPCODE.continuation, bytes.subarray(cut)),
      ]);
      assert.deepEqual(events(wire, SERVER), [expected.text(bytes)], `cut at ${cut}`);
    }
  });

  test("empty fragments, at every place", () => {
    const wire = Buffer.concat([
      frame(OPCODE.text, "", { fin: false }),
      frame(OPCODE.continuation, "", { fin: false }),
      frame(OPCODE.continuation, "a", { fin: false }),
      frame(OPCODE.continuation, ""),
      frame(OPCODE.binary, "", { fin: false }),
      frame(OPCODE.continuation, ""),
    ]);
    assert.deepEqual(events(wire, SERVER), [expected.text("a"), expected.binary(Buffer.alloc(0))]);
  });

  test("control frames between fragments come first and do not touch the message", () => {
    const wire = Buffer.concat([
      frame(OPCODE.text, "κ".slice(0, 1), { fin: false }),
      frame(OPCODE.ping, "one"),
      frame(OPCODE.continuation, Buffer.from("ό").subarray(0, 1), { fin: false }),
      frame(OPCODE.pong, "two"),
      frame(OPCODE.ping, ""),
      frame(OPCODE.continuation, Buffer.from("ό").subarray(1)),
      frame(OPCODE.binary, Buffer.of(255)),
    ]);
    assert.deepEqual(events(wire, SERVER), [
      expected.ping("one"),
      expected.pong("two"),
      expected.ping(""),
      expected.text("κό"),
      expected.binary(Buffer.of(255)),
    ]);
  });

  test("a close frame ends a message that has begun", () => {
    const wire = Buffer.concat([
      frame(OPCODE.text, "half", { fin: false }),
      frame(OPCODE.close, closeBody(1001)),
      frame(OPCODE.continuation, "other half"),
    ]);
    assert.deepEqual(events(wire, SERVER), [expected.close(1001)]);
  });

  test("65,537 fragments of one byte", () => {
    const count = 65_537;
    const one = frame(OPCODE.continuation, "x", { fin: false });
    const pieces = [frame(OPCODE.text, "x", { fin: false })];
    for (let index = 2; index < count; index += 1) pieces.push(one);
    pieces.push(frame(OPCODE.continuation, "x"));
    const result = expected.parsePieces([Buffer.concat(pieces)], SERVER);
    assert.equal(result.error, undefined);
    assert.deepEqual(result.events, [expected.text("x".repeat(count))]);
  });
});

describe("compressed messages, when negotiated", () => {
  const options: FrameParserOptions = { ...SERVER, allowCompressed: true };

  test("RSV1 on the first frame marks the whole message, and its text is not validated here", () => {
    const body = Buffer.from("ff00fe", "hex");
    const wire = Buffer.concat([
      frame(OPCODE.text, body, { rsv: 4 }),
      frame(OPCODE.text, body, { rsv: 4, fin: false }),
      frame(OPCODE.ping),
      frame(OPCODE.continuation, body),
      frame(OPCODE.binary, body),
    ]);
    assert.deepEqual(events(wire, options), [
      { kind: "text", payload: body, compressed: true },
      expected.ping(),
      { kind: "text", payload: Buffer.concat([body, body]), compressed: true },
      expected.binary(body),
    ]);
  });
});

describe("random conversations", () => {
  test("three hundred, cut in many ways, come out as they went in", () => {
    const random = new SeededRandom(6455);
    for (let round = 0; round < 300; round += 1) {
      const role = random.pick([SERVER, CLIENT]);
      const options: FrameParserOptions = random.pick([role, { ...role, isUtf8 }]);
      const { wire, said } = conversation(random, role === SERVER);
      const result = parseHoweverCut(wire, options, round);
      assert.equal(result.error, undefined, `round ${round}`);
      assert.deepEqual(result.events, said, `round ${round}`);
    }
  });
});

function conversation(random: SeededRandom, masked: boolean): { wire: Buffer; said: SinkEvent[] } {
  const frames: Buffer[] = [];
  const said: SinkEvent[] = [];
  const add = (opcode: number, payload: Uint8Array, options: FrameOptions = {}): void => {
    frames.push(frame(opcode, payload, { ...options, mask: masked && [...random.bytes(4)] }));
  };
  const addControl = (): void => {
    const payload = random.bytes(random.integer(0, 125));
    const isPing = random.fraction() < 0.5;
    add(isPing ? OPCODE.ping : OPCODE.pong, payload);
    said.push(isPing ? expected.ping(payload) : expected.pong(payload));
  };
  for (let count = random.integer(1, 6); count > 0; count -= 1) {
    const isText = random.fraction() < 0.6;
    const length = random.pick([0, 1, 5, 40, 130, 700]);
    const payload = isText ? Buffer.from(randomText(random, length)) : random.bytes(length);
    let opcode: number = isText ? OPCODE.text : OPCODE.binary;
    let at = 0;
    for (let more = random.integer(0, 4); more > 0; more -= 1) {
      const end = random.integer(at, payload.length);
      add(opcode, payload.subarray(at, end), { fin: false });
      if (random.fraction() < 0.4) addControl();
      opcode = OPCODE.continuation;
      at = end;
    }
    add(opcode, payload.subarray(at));
    said.push(isText ? expected.text(payload) : expected.binary(payload));
    if (random.fraction() < 0.3) addControl();
  }
  return { wire: Buffer.concat(frames), said };
}

function randomText(random: SeededRandom, length: number): string {
  const alphabet = random.pick(["abc ", "aé", "aé漢🙂\u{10ffff}\u0000"]);
  return Array.from({ length }, () => random.pick([...alphabet])).join("");
}
