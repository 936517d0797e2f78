import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { MAX_CLOSE_REASON_BYTES } from "../../src/protocol/close-codes.ts";
import type { ProtocolErrorCode } from "../../src/protocol/errors.ts";
import { FrameParser, type FrameParserOptions } from "../../src/protocol/frame-parser.ts";
import { chop } from "../support/chop.ts";
import { parseHoweverCut, parsePieces, RecordingSink, text } from "../support/recording-sink.ts";
import { closeBody, frame, OPCODE } from "../support/wire-frames.ts";

const SERVER: FrameParserOptions = { role: "server", maxMessageBytes: 0 };
const CLIENT: FrameParserOptions = { role: "client", maxMessageBytes: 0 };
const DEFLATE: FrameParserOptions = { ...SERVER, allowCompressed: true };
const LIMITED: FrameParserOptions = { ...SERVER, maxMessageBytes: 1000 };

interface Breach {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly code: ProtocolErrorCode;
  readonly closeCode: number;
  /** The index of the byte that it is refused at when bytes come one by one. */
  readonly at: number;
  readonly options?: FrameParserOptions;
}

const begun = frame(OPCODE.text, "a", { fin: false });

/** The header of a masked frame: 6 bytes, 8 or 14. */
const SHORT = 6;

const BREACHES: Breach[] = [
  {
    name: "RSV1 without an extension",
    bytes: frame(OPCODE.text, "x", { rsv: 4 }),
    code: "WS_ERR_UNEXPECTED_RSV_1",
    closeCode: 1002,
    at: 0,
  },
  ...[OPCODE.ping, OPCODE.pong, OPCODE.close].map((opcode) => ({
    name: `RSV1 on control frame ${opcode}, compression negotiated`,
    bytes: frame(opcode, "", { rsv: 4 }),
    code: "WS_ERR_UNEXPECTED_RSV_1" as const,
    closeCode: 1002,
    at: 0,
    options: DEFLATE,
  })),
  {
    name: "RSV1 on a continuation, compression negotiated",
    bytes: Buffer.concat([
      frame(OPCODE.text, "a", { fin: false, rsv: 4 }),
      frame(OPCODE.continuation, "b", { rsv: 4 }),
    ]),
    code: "WS_ERR_UNEXPECTED_RSV_1",
    closeCode: 1002,
    at: 7,
    options: DEFLATE,
  },
  ...[1, 2, 3, 5, 6, 7].map((rsv) => ({
    name: `RSV bits ${rsv.toString(2).padStart(3, "0")}`,
    bytes: frame(OPCODE.binary, "x", { rsv }),
    code: "WS_ERR_UNEXPECTED_RSV_2_3" as const,
    closeCode: 1002,
    at: 0,
    options: DEFLATE,
  })),
  ...[3, 4, 5, 6, 7, 0xb, 0xc, 0xd, 0xe, 0xf].map((opcode) => ({
    name: `opcode 0x${opcode.toString(16)}`,
    bytes: frame(opcode, "x"),
    code: "WS_ERR_INVALID_OPCODE" as const,
    closeCode: 1002,
    at: 0,
  })),
  {
    name: "a continuation with nothing to continue",
    bytes: frame(OPCODE.continuation, "x"),
    code: "WS_ERR_INVALID_OPCODE",
    closeCode: 1002,
    at: 0,
  },
  {
    name: "a continuation after the last fragment",
    bytes: Buffer.concat([begun, frame(OPCODE.continuation, "b"), frame(OPCODE.continuation, "c")]),
    code: "WS_ERR_INVALID_OPCODE",
    closeCode: 1002,
    at: 14,
  },
  ...[OPCODE.text, OPCODE.binary].map((opcode) => ({
    name: `a new message (opcode ${opcode}) inside a fragmented one`,
    bytes: Buffer.concat([begun, frame(opcode, "b")]),
    code: "WS_ERR_INVALID_OPCODE" as const,
    closeCode: 1002,
    at: 7,
  })),
  ...[OPCODE.ping, OPCODE.pong, OPCODE.close].map((opcode) => ({
    name: `control frame ${opcode} without FIN`,
    bytes: frame(opcode, "", { fin: false }),
    code: "WS_ERR_EXPECTED_FIN" as const,
    closeCode: 1002,
    at: 0,
  })),
  ...[OPCODE.text, OPCODE.binary, OPCODE.ping, OPCODE.close].map((opcode) => ({
    name: `frame ${opcode} from a client, not masked`,
    bytes: frame(opcode, "", { mask: false }),
    code: "WS_ERR_EXPECTED_MASK" as const,
    closeCode: 1002,
    at: 1,
  })),
  ...[OPCODE.text, OPCODE.binary, OPCODE.ping, OPCODE.close].map((opcode) => ({
    name: `frame ${opcode} from a server, masked`,
    bytes: frame(opcode, ""),
    code: "WS_ERR_UNEXPECTED_MASK" as const,
    closeCode: 1002,
    at: 1,
    options: CLIENT,
  })),
  ...[126, 127].flatMap((length) =>
    [OPCODE.ping, OPCODE.pong, OPCODE.close].map((opcode) => ({
      name: `control frame ${opcode} of ${length} bytes`,
      bytes: frame(opcode, Buffer.alloc(length), { lengthBits: length === 126 ? 16 : 64 }),
      code: "WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH" as const,
      closeCode: 1002,
      at: 1,
    })),
  ),
  ...[0, 125].map((length) => ({
    name: `a 16-bit length for ${length} bytes`,
    bytes: frame(OPCODE.binary, Buffer.alloc(length), { lengthBits: 16 }),
    code: "WS_ERR_INVALID_PAYLOAD_LENGTH" as const,
    closeCode: 1002,
    at: 7,
  })),
  ...[0, 125, 126, 65535].map((length) => ({
    name: `a 64-bit length for ${length} bytes`,
    bytes: frame(OPCODE.binary, Buffer.alloc(length), { lengthBits: 64 }),
    code: "WS_ERR_INVALID_PAYLOAD_LENGTH" as const,
    closeCode: 1002,
    at: 13,
  })),
  {
    name: "a 64-bit length with the top bit set",
    bytes: frame(OPCODE.binary, "", { announced: 1n << 63n }),
    code: "WS_ERR_INVALID_PAYLOAD_LENGTH",
    closeCode: 1002,
    at: 13,
  },
  {
    name: "a length past 2^53",
    bytes: frame(OPCODE.binary, "", { announced: 1n << 53n }),
    code: "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH",
    closeCode: 1009,
    at: 13,
  },
  {
    name: "a close body of one byte, as soon as it is announced",
    bytes: frame(OPCODE.close, "\x03"),
    code: "WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH",
    closeCode: 1002,
    at: 1,
  },
  {
    name: "a close body of one byte, from a server",
    bytes: frame(OPCODE.close, "\x03", { mask: false }),
    code: "WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH",
    closeCode: 1002,
    at: 1,
    options: CLIENT,
  },
  ...[0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535].map((code) => ({
    name: `close code ${code}`,
    bytes: frame(OPCODE.close, closeBody(code)),
    code: "WS_ERR_INVALID_CLOSE_CODE" as const,
    closeCode: 1002,
    at: SHORT + 1,
  })),
  {
    name: "a close reason that is not UTF-8",
    bytes: frame(OPCODE.close, closeBody(1000, Buffer.of(0x61, 0xff))),
    code: "WS_ERR_INVALID_UTF8",
    closeCode: 1007,
    at: SHORT + 3,
  },
  {
    name: "a close reason that ends inside a character",
    bytes: frame(OPCODE.close, closeBody(1000, Buffer.of(0xe6, 0xbc))),
    code: "WS_ERR_INVALID_UTF8",
    closeCode: 1007,
    at: SHORT + 3,
  },
  {
    name: "text with a byte that can't stand anywhere",
    bytes: frame(OPCODE.text, Buffer.from("6162ff63", "hex")),
    code: "WS_ERR_INVALID_UTF8",
    closeCode: 1007,
    at: SHORT + 2,
  },
  {
    name: "text that ends inside a character",
    bytes: frame(OPCODE.text, Buffer.from("61e6bc", "hex")),
    code: "WS_ERR_INVALID_UTF8",
    closeCode: 1007,
    at: SHORT + 2,
  },
  {
    name: "an overlong form, at its second byte",
    bytes: frame(OPCODE.text, Buffer.from("e08080", "hex")),
    code: "WS_ERR_INVALID_UTF8",
    closeCode: 1007,
    at: SHORT + 1,
  },
  {
    name: "a surrogate, at its second byte",
    bytes: frame(OPCODE.text, Buffer.from("eda080", "hex")),
    code: "WS_ERR_INVALID_UTF8",
    closeCode: 1007,
    at: SHORT + 1,
  },
  {
    name: "a code point above U+10FFFF, at its second byte",
    bytes: frame(OPCODE.text, Buffer.from("f4908080", "hex")),
    code: "WS_ERR_INVALID_UTF8",
    closeCode: 1007,
    at: SHORT + 1,
  },
  {
    name: "a fragment that does not continue the character of the one before",
    bytes: Buffer.concat([
      frame(OPCODE.text, Buffer.of(0xe6), { fin: false }),
      frame(OPCODE.ping, "z"),
      frame(OPCODE.continuation, "abc", { fin: false }),
    ]),
    code: "WS_ERR_INVALID_UTF8",
    closeCode: 1007,
    at: 7 + 7 + SHORT,
  },
  {
    name: "an empty last fragment inside a character",
    bytes: Buffer.concat([
      frame(OPCODE.text, Buffer.of(0xe6), { fin: false }),
      frame(OPCODE.continuation, ""),
    ]),
    code: "WS_ERR_INVALID_UTF8",
    closeCode: 1007,
    at: 7 + SHORT - 1,
  },
  {
    name: "one byte more than the limit, as soon as it is announced",
    bytes: frame(OPCODE.binary, Buffer.alloc(1001)),
    code: "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH",
    closeCode: 1009,
    at: 7,
    options: LIMITED,
  },
  {
    name: "gigabytes announced",
    bytes: frame(OPCODE.binary, "", { announced: 1n << 40n }),
    code: "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH",
    closeCode: 1009,
    at: 13,
    options: LIMITED,
  },
  {
    name: "fragments that add up to more than the limit",
    bytes: Buffer.concat([
      frame(OPCODE.text, "a".repeat(600), { fin: false }),
      frame(OPCODE.continuation, "b".repeat(401)),
    ]),
    code: "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH",
    closeCode: 1009,
    at: 608 + 7,
    options: LIMITED,
  },
];

describe("what breaks the protocol", () => {
  for (const { name, bytes, code, closeCode, at, options = SERVER } of BREACHES) {
    test(`${name}: ${code}, ${closeCode}`, () => {
      const { error, events } = parseHoweverCut(bytes, options);
      assert.ok(error !== undefined, "nothing was thrown");
      assert.equal(error.code, code);
      assert.equal(error.closeCode, closeCode);
      assert.equal(
        events.some((event) => event.kind === "text" || event.kind === "binary"),
        name.includes("after the last fragment"),
      );
      assert.equal(parsePieces(chop(bytes, 1), options).failedAt, at, "refused at the wrong byte");
      assert.match(error.message, /^[A-Z].*\.$/);
      assert.ok(Buffer.byteLength(error.message) <= MAX_CLOSE_REASON_BYTES, "fits in a close frame");
    });
  }

  test("every code has a case here", () => {
    // Only whoever inflates a message can see that it can't be inflated.
    const codes: Record<Exclude<ProtocolErrorCode, "WS_ERR_INVALID_COMPRESSED_DATA">, true> = {
      WS_ERR_UNEXPECTED_RSV_1: true,
      WS_ERR_UNEXPECTED_RSV_2_3: true,
      WS_ERR_INVALID_OPCODE: true,
      WS_ERR_EXPECTED_FIN: true,
      WS_ERR_EXPECTED_MASK: true,
      WS_ERR_UNEXPECTED_MASK: true,
      WS_ERR_INVALID_PAYLOAD_LENGTH: true,
      WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH: true,
      WS_ERR_INVALID_CLOSE_CODE: true,
      WS_ERR_INVALID_UTF8: true,
      WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: true,
    };
    assert.deepEqual(new Set(BREACHES.map((breach) => breach.code)), new Set(Object.keys(codes)));
  });

  test("messages before the breach are handed over, whatever comes after it is not", () => {
    const sink = new RecordingSink();
    const parser = new FrameParser(sink, SERVER);
    const wire = Buffer.concat([frame(OPCODE.text, "good"), frame(3), frame(OPCODE.text, "bad")]);
    assert.throws(() => parser.receive(wire), { code: "WS_ERR_INVALID_OPCODE" });
    parser.receive(frame(OPCODE.text, "more"));
    parser.resume();
    assert.deepEqual(sink.events, [text("good")]);
  });
});

describe("the limit", () => {
  test("a message of just the limit is taken, whole and in fragments", () => {
    const full = "x".repeat(1000);
    const wire = Buffer.concat([
      frame(OPCODE.text, full),
      frame(OPCODE.text, full.slice(0, 999), { fin: false }),
      frame(OPCODE.continuation, "x", { fin: false }),
      frame(OPCODE.continuation, ""),
      frame(OPCODE.text, full),
    ]);
    const { error, events } = parseHoweverCut(wire, LIMITED);
    assert.equal(error, undefined);
    assert.deepEqual(events, [text(full), text(full), text(full)]);
  });

  test("control frames are not held against it", () => {
    const wire = Buffer.concat([
      frame(OPCODE.text, "a", { fin: false }),
      frame(OPCODE.ping, "x".repeat(125)),
      frame(OPCODE.continuation, "b"),
    ]);
    const { error, events } = parseHoweverCut(wire, { ...SERVER, maxMessageBytes: 2 });
    assert.equal(error, undefined);
    assert.equal(events.length, 2);
  });
});
