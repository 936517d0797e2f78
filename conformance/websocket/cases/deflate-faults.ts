import { type Case, clientHandshake, session } from "../case.ts";
import { deflateMessage, storedBlocks } from "../wire/deflate.ts";
import { closeBody, type Frame, fragments, OPCODE, pieces } from "../../lib/wire/frame.ts";
import { noise } from "./samples.ts";
import { CUT_OFF, INVALID } from "./utf8-samples.ts";

const { text, binary, continuation, ping, pong, close } = OPCODE;

/**
 * The RFC names no code for data that does not inflate, so each of these is taken: 1007 (the data does not fit its
 * type), 1002 (a broken protocol), 1003 (data that cannot be accepted), 1011 (the extension could not go on).
 */
const CORRUPT_CODES = [1002, 1003, 1007, 1011];

function hex(digits: string): Buffer {
  return Buffer.from(digits, "hex");
}

function fault(
  name: string,
  section: string,
  sentence: string,
  codes: readonly number[],
  ...frames: Frame[]
): Case {
  const run: Parameters<typeof session>[3] = async (peer) => {
    await peer.send(...frames);
    await peer.expectFailure(...codes);
  };
  return session(`deflate/${name}`, section, sentence, run, { wish: {} });
}

const begun: Frame = { opcode: text, payload: hex("f248"), fin: false, rsv: 4 };
const HELLO = hex("f248cdc9c90700");
const ON_FIRST = "Refuses RSV1 on a continuation.";

const BITS: Case[] = [
  fault("rsv1-on-continuation", "7692 §6.1", ON_FIRST, [1002], begun, {
    opcode: continuation,
    payload: hex("cdc9c90700"),
    rsv: 4,
  }),
  fault("rsv1-on-continuation-not-last", "7692 §6.1", ON_FIRST, [1002], begun, {
    opcode: continuation,
    rsv: 4,
    fin: false,
  }),
  fault(
    "rsv1-on-plain-continuation",
    "7692 §6.1",
    ON_FIRST,
    [1002],
    { opcode: text, payload: "a", fin: false },
    { opcode: continuation, payload: HELLO, rsv: 4 },
  ),
  fault("rsv1-on-ping", "7692 §6", "Refuses RSV1 on a ping.", [1002], {
    opcode: ping,
    payload: HELLO,
    rsv: 4,
  }),
  fault("rsv1-on-pong", "7692 §6", "Refuses RSV1 on a pong.", [1002], {
    opcode: pong,
    payload: HELLO,
    rsv: 4,
  }),
  fault("rsv1-on-close", "7692 §6", "Refuses RSV1 on a close.", [1002], {
    opcode: close,
    payload: closeBody(1000),
    rsv: 4,
  }),
  fault("rsv1-on-ping-inside", "7692 §6.1", "Refuses RSV1 on a ping between fragments.", [1002], begun, {
    opcode: ping,
    rsv: 4,
  }),
  fault("rsv2", "6455 §5.2", "Refuses RSV2 all the same.", [1002], { opcode: text, payload: "x", rsv: 2 }),
  fault("rsv3", "6455 §5.2", "Refuses RSV3 all the same.", [1002], { opcode: text, payload: "x", rsv: 1 }),
  fault("rsv1-and-2", "6455 §5.2", "Refuses RSV2 on a compressed message.", [1002], {
    opcode: text,
    payload: HELLO,
    rsv: 6,
  }),
  fault("rsv1-and-3", "6455 §5.2", "Refuses RSV3 on a compressed message.", [1002], {
    opcode: binary,
    payload: HELLO,
    rsv: 5,
  }),
  fault("rsv1-and-reserved-opcode", "6455 §5.2", "Refuses a reserved opcode with RSV1.", [1002], {
    opcode: 3,
    payload: HELLO,
    rsv: 4,
  }),
  fault("text-inside-message", "6455 §5.4", "Refuses a new message inside a compressed one.", [1002], begun, {
    opcode: text,
    payload: HELLO,
    rsv: 4,
  }),
];

function corrupt(name: string, sentence: string, data: Uint8Array): Case[] {
  return [
    fault(`corrupt-${name}`, "7692 §7.2.2", sentence, CORRUPT_CODES, {
      opcode: binary,
      payload: data,
      rsv: 4,
    }),
    fault(
      `corrupt-${name}-in-fragments`,
      "7692 §7.2.2",
      sentence,
      CORRUPT_CODES,
      ...fragments(binary, pieces(data, 1), 4),
    ),
  ];
}

const CORRUPT: Case[] = [
  ...corrupt("block-type", "Fails on a block of the reserved type.", hex("0700")),
  ...corrupt("stored-length", "Fails on a stored block whose lengths disagree.", hex("000500000048656c6c6f")),
  ...corrupt("distance", "Fails on a reference to before the first byte.", hex("f200110000")),
  ...corrupt("code-lengths", "Fails on impossible code lengths.", hex("04ffffffffffffff")),
  ...corrupt("ones", "Fails on bytes that are all ones.", Buffer.alloc(40, 0xff)),
  ...corrupt(
    "plain-text",
    "Fails on plain text marked as compressed.",
    Buffer.from("this is not compressed at all"),
  ),
  ...corrupt(
    "after-good-start",
    "Fails when the second block is broken.",
    Buffer.concat([storedBlocks([noise(100)]), hex("07ff")]),
  ),
];

const DEAD_AFTER: Case = session(
  "deflate/corrupt-then-silent",
  "6455 §7.1.7",
  "Answers nothing behind a message that does not inflate.",
  async (peer) => {
    await peer.send({ opcode: binary, payload: hex("0700"), rsv: 4 }, { opcode: text, payload: "late" });
    await peer.expectFailure(...CORRUPT_CODES);
    if (peer.role === "server") peer.endStream();
    await peer.expectEnd();
  },
  { wish: {} },
);

function notUtf8(name: string, message: Buffer): Case[] {
  const data = deflateMessage(message);
  const sentence = "Fails with 1007 on compressed text that is not UTF-8.";
  return [
    fault(`not-utf8-${name}`, "6455 §8.1", sentence, [1007], { opcode: text, payload: data, rsv: 4 }),
    fault(
      `not-utf8-${name}-in-fragments`,
      "6455 §8.1",
      sentence,
      [1007],
      ...fragments(text, pieces(data, 2), 4),
    ),
  ];
}

const NOT_UTF8 = [
  ...INVALID.filter((_, i) => i % 6 === 0).map(
    ([name, possible, fatal]) => [name, `61${possible}${fatal}62`] as const,
  ),
  ...CUT_OFF.filter((_, i) => i % 2 === 0).map(
    ([name, digits]) => [`cut-off-${name}`, `61${digits}`] as const,
  ),
];

/** An answer to a client's offer that no server may give: the client must fail the connection. */
function badAnswer(name: string, parameters: string): Case {
  const sentence = `Refuses an answer with "${parameters}".`;
  return clientHandshake(`deflate/answer-${name}`, "7692 §7.1", sentence, async (visit) => {
    visit.demandDeflateOffer();
    await visit.answer({ set: { "Sec-WebSocket-Extensions": `permessage-deflate; ${parameters}` } });
    await visit.expectLeaving();
  });
}

const ANSWERS: Case[] = [
  badAnswer("unknown-parameter", "x-bogus"),
  badAnswer("server-no-context-value", "server_no_context_takeover=1"),
  badAnswer("client-no-context-value", "client_no_context_takeover=1"),
  badAnswer("server-bits-without-value", "server_max_window_bits"),
  badAnswer("client-bits-without-value", "client_max_window_bits"),
  badAnswer("server-bits-7", "server_max_window_bits=7"),
  badAnswer("server-bits-16", "server_max_window_bits=16"),
  badAnswer("client-bits-16", "client_max_window_bits=16"),
  badAnswer("twice", "server_no_context_takeover; server_no_context_takeover"),
];

/** Compressed messages as they must not be. */
export const deflateFaults: Case[] = [
  ...BITS,
  ...CORRUPT,
  DEAD_AFTER,
  ...NOT_UTF8.flatMap(([name, digits]) => notUtf8(name, Buffer.from(digits, "hex"))),
  ...ANSWERS,
];
