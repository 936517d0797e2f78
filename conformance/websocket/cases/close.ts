import { type Case, session } from "../case.ts";
import { must } from "../../lib/verdict.ts";
import { describe } from "../../lib/wire/describe.ts";
import { closeBody, type Frame, isCloseCode, OPCODE } from "../../lib/wire/frame.ts";
import { INVALID } from "./utf8-samples.ts";

const { text, binary, continuation, ping, pong, close } = OPCODE;

const CODES = [
  1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3001, 3999, 4000, 4001, 4999,
];
const BAD_CODES = [
  0, 1, 500, 999, 1004, 1005, 1006, 1015, 1016, 1100, 1999, 2000, 2999, 5000, 5001, 32767, 65535,
];
/** How long an endpoint may take to end the stream once nothing is left to do. */
const ENDING_MS = 3000;

function echoed(code: number): Case {
  return session(
    `close/code-${code}`,
    "6455 §5.5.1",
    `Answers close ${code} with the same code.`,
    async (peer) => {
      await peer.send({ opcode: close, payload: closeBody(code) });
      await peer.expectClose([code]);
    },
  );
}

function reason(name: string, words: string): Case {
  return session(
    `close/reason-${name}`,
    "6455 §5.5.1",
    "Answers a close with a reason by its code.",
    async (peer) => {
      await peer.send({ opcode: close, payload: closeBody(1000, words) });
      await peer.expectClose([1000]);
    },
  );
}

function refused(id: string, sentence: string, code: number, body: Uint8Array): Case {
  return session(`close/${id}`, "6455 §7.1.7", sentence, async (peer) => {
    await peer.send({ opcode: close, payload: body });
    await peer.expectFailure(code);
  });
}

function silentAfter(
  id: string,
  sentence: string,
  frames: readonly Frame[],
  garbage = Buffer.alloc(0),
): Case {
  return session(`close/then-${id}`, "6455 §5.5.1", sentence, async (peer) => {
    const frame = peer.encode({ opcode: close, payload: closeBody(1000) }, ...frames);
    await peer.sendBytes(Buffer.concat([frame, garbage]));
    await peer.expectClose([1000]);
    if (peer.role === "server") peer.endStream();
    await peer.expectEnd(ENDING_MS);
  });
}

const AFTER = "Answers the close once, and nothing that follows it.";

const COURSE: Case[] = [
  session("close/without-code", "6455 §7.1.5", "Answers a close without a body.", async (peer) => {
    await peer.send({ opcode: close });
    await peer.expectClose([undefined, 1000]);
  }),
  session("close/byte-by-byte", "6455 §5.5.1", "Answers a close that comes byte by byte.", async (peer) => {
    await peer.sendChopped(peer.encode({ opcode: close, payload: closeBody(1001, "slowly") }), 1);
    await peer.expectClose([1001]);
  }),
  session(
    "close/ends-the-stream",
    "6455 §7.1.1",
    "Ends the stream once both sides have closed.",
    async (peer) => {
      await peer.send({ opcode: close, payload: closeBody(1000) });
      await peer.expectClose([1000]);
      if (peer.role === "server") peer.endStream();
      await peer.expectEnd(ENDING_MS);
    },
  ),
  session(
    "close/ends-the-stream-without-code",
    "6455 §7.1.1",
    "Ends the stream after a close without a code.",
    async (peer) => {
      await peer.send({ opcode: close });
      await peer.expectClose([undefined, 1000]);
      if (peer.role === "server") peer.endStream();
      await peer.expectEnd(ENDING_MS);
    },
  ),
  session(
    "close/ends-the-stream-after-failure",
    "6455 §7.1.7",
    "Ends the stream after it failed the connection.",
    async (peer) => {
      await peer.send({ opcode: 3 });
      await peer.expectFailure(1002);
      await peer.send({ opcode: close, payload: closeBody(1002) });
      if (peer.role === "server") peer.endStream();
      await peer.expectEnd(ENDING_MS);
    },
  ),
  session(
    "close/stream-ends-without",
    "6455 §7.1.5",
    "Ends its side when the stream ends without a close.",
    async (peer) => {
      peer.endStream();
      const received = await peer.next("the end of the stream", ENDING_MS);
      // A close frame before the end is polite, though nobody waits for it.
      if (received.type === "close") await peer.expectEnd(ENDING_MS);
      else must(received.type === "end", "the end of the stream", describe(received));
    },
  ),
  session(
    "close/stream-ends-in-header",
    "6455 §7.1.5",
    "Ends its side when the stream ends inside a frame's header.",
    async (peer) => {
      await peer.sendBytes(peer.encode({ opcode: binary, payload: Buffer.alloc(70000) }).subarray(0, 5));
      peer.endStream();
      const received = await peer.next("the end of the stream", ENDING_MS);
      if (received.type === "close") await peer.expectEnd(ENDING_MS);
      else must(received.type === "end", "the end of the stream", describe(received));
    },
  ),
  session(
    "close/inside-message",
    "6455 §5.4",
    "Answers a close between fragments and drops the message.",
    async (peer) => {
      await peer.send(
        { opcode: text, payload: "begun", fin: false },
        { opcode: close, payload: closeBody(1001) },
      );
      await peer.expectClose([1001]);
      if (peer.role === "server") peer.endStream();
      await peer.expectEnd(ENDING_MS);
    },
  ),
  session(
    "close/behind-message",
    "6455 §5.5.1",
    "Answers a message before the close that follows it at once.",
    async (peer) => {
      await peer.send({ opcode: text, payload: "last words" }, { opcode: close, payload: closeBody(1000) });
      await peer.expectText("last words");
      await peer.expectClose([1000]);
    },
  ),
  session(
    "close/behind-many-messages",
    "6455 §5.5.1",
    "Answers 100 messages before the close that follows.",
    async (peer) => {
      const frames: Frame[] = Array.from({ length: 100 }, (_, i) => ({
        opcode: text,
        payload: `message ${i}`,
      }));
      await peer.send(...frames, { opcode: close, payload: closeBody(1000) });
      for (let i = 0; i < 100; i++) await peer.expectText(`message ${i}`);
      await peer.expectClose([1000]);
    },
  ),
];

/** The end of a connection. */
export const closing: Case[] = [
  ...CODES.map(echoed),
  ...BAD_CODES.map((code) =>
    refused(`bad-code-${code}`, `Refuses the close code ${code}.`, 1002, closeBody(code)),
  ),
  refused(
    "bad-code-1005-with-reason",
    "Refuses the code 1005, whatever the reason.",
    1002,
    closeBody(1005, "no code"),
  ),
  refused("body-of-1", "Refuses a close body of one byte.", 1002, Buffer.of(3)),
  refused("body-of-126", "Refuses a close frame over 125 bytes.", 1002, closeBody(1000, "x".repeat(124))),
  refused("body-of-65536", "Refuses a close frame over 125 bytes.", 1002, closeBody(1000, "x".repeat(65534))),
  reason("of-1", "x"),
  reason("usual", "going home"),
  reason("of-122", "x".repeat(122)),
  reason("of-123", "x".repeat(123)),
  reason("of-123-in-3-byte-characters", "€".repeat(41)),
  reason("characters", "κόσμε 🙂 \u{10ffff}"),
  reason("zero-character", "a\u0000b"),
  ...INVALID.filter((_, i) => i % 3 === 0).map(([name, possible, fatal]) =>
    refused(
      `reason-not-utf8-${name}`,
      "Refuses a reason that is not UTF-8.",
      1007,
      closeBody(1000, Buffer.from(possible + fatal, "hex")),
    ),
  ),
  refused(
    "reason-cut-off",
    "Refuses a reason that ends inside a character.",
    1007,
    closeBody(1000, Buffer.from("6f6b20f09f99", "hex")),
  ),
  ...COURSE,
  silentAfter("text", AFTER, [{ opcode: text, payload: "late" }]),
  silentAfter("binary", AFTER, [{ opcode: binary, payload: "late" }]),
  silentAfter("ping", AFTER, [{ opcode: ping, payload: "late" }]),
  silentAfter("pong", AFTER, [{ opcode: pong }]),
  silentAfter("close", AFTER, [{ opcode: close, payload: closeBody(1000) }]),
  silentAfter("other-close", AFTER, [{ opcode: close, payload: closeBody(1001) }]),
  silentAfter("bad-close", AFTER, [{ opcode: close, payload: closeBody(1005) }]),
  silentAfter("continuation", AFTER, [{ opcode: continuation, payload: "late" }]),
  silentAfter("reserved-opcode", AFTER, [{ opcode: 3 }]),
  silentAfter(
    "many-frames",
    AFTER,
    Array.from({ length: 200 }, () => ({ opcode: text, payload: "late" })),
  ),
  silentAfter("garbage", AFTER, [], Buffer.alloc(500, 0xff)),
];

must(
  CODES.every(isCloseCode) && !BAD_CODES.some(isCloseCode),
  "lists of codes that agree with the reader",
  "others",
);
