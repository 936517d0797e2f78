import { type Case, session } from "../case.ts";
import { must } from "../../lib/verdict.ts";
import { describe } from "../../lib/wire/describe.ts";
import { closeBody, type Frame, fragments, OPCODE, pieces } from "../../lib/wire/frame.ts";
import type { Kind, Peer } from "../wire/peer.ts";
import { sample } from "./samples.ts";

const { text, binary, continuation, ping, pong, close } = OPCODE;
const KINDS = ["text", "binary"] as const;

/** Shapes of a message as the lengths of its fragments. */
const SHAPES: readonly [name: string, lengths: readonly number[]][] = [
  ["2", [5, 7]],
  ["3", [5, 7, 9]],
  ["10", Array.from({ length: 10 }, (_, i) => i + 1)],
  ["100", Array.from({ length: 100 }, () => 10)],
  ["first-empty", [0, 10]],
  ["middle-empty", [5, 0, 5]],
  ["last-empty", [10, 0]],
  ["first-and-last-empty", [0, 10, 0]],
  ["all-empty", [0, 0, 0]],
  ["two-empty", [0, 0]],
  ["1000-empty-and-a-byte", [...Array.from({ length: 1000 }, () => 0), 1]],
  ["1000-of-a-byte", Array.from({ length: 1000 }, () => 1)],
  ["length-forms", [125, 126, 127, 128]],
  ["long-length-forms", [65535, 65536, 65537]],
  ["forms-fall", [65536, 126, 1, 0]],
  ["forms-rise", [0, 1, 126, 65536]],
];

function cut(message: Buffer, lengths: readonly number[]): Buffer[] {
  let at = 0;
  return lengths.map((length) => message.subarray(at, (at += length)));
}

function whole(kind: Kind, name: string, lengths: readonly number[]): Case {
  const id = `fragmentation/${kind}-${name}`;
  return session(id, "6455 §5.4", "Puts the fragments of a message together.", async (peer) => {
    const message = sample(
      kind,
      lengths.reduce((sum, length) => sum + length, 0),
    );
    await peer.send(...fragments(OPCODE[kind], cut(message, lengths)));
    await peer.expectMessage(kind, message);
    await peer.finish();
  });
}

function chopped(kind: Kind, lengths: readonly number[], size: number): Case {
  const id = `fragmentation/${kind}-${lengths.length}-chopped-${size}`;
  return session(
    id,
    "6455 §5.4",
    `Puts fragments together that come in segments of ${size}.`,
    async (peer) => {
      const message = sample(
        kind,
        lengths.reduce((sum, length) => sum + length, 0),
      );
      await peer.sendChopped(peer.encode(...fragments(OPCODE[kind], cut(message, lengths))), size);
      await peer.expectMessage(kind, message);
      await peer.finish();
    },
  );
}

function tiny(kind: Kind): Case {
  const id = `fragmentation/${kind}-65537-of-a-byte`;
  const sentence = "Takes 65,537 fragments of one byte: the protocol sets no limit to their number.";
  const run = async (peer: Peer): Promise<void> => {
    const message = sample(kind, 65537);
    await peer.sendAll(fragments(OPCODE[kind], pieces(message, 1)));
    await peer.expectMessage(kind, message);
    await peer.finish();
  };
  return session(id, "6455 §5.4", sentence, run, { heavy: true, timeoutMs: 20_000, largestBytes: 65537 });
}

function refused(id: string, sentence: string, ...frames: Frame[]): Case {
  return session(`fragmentation/${id}`, "6455 §5.4", sentence, async (peer) => {
    await peer.send(...frames);
    await peer.expectFailure(1002);
  });
}

/** As `refused`, where a complete message comes first and is answered. */
function refusedAfter(
  id: string,
  sentence: string,
  message: string,
  first: readonly Frame[],
  faulty: Frame,
): Case {
  return session(`fragmentation/${id}`, "6455 §5.4", sentence, async (peer) => {
    await peer.send(...first);
    await peer.expectText(message);
    await peer.send(faulty);
    await peer.expectFailure(1002);
  });
}

const begun: Frame = { opcode: text, payload: "begun, ", fin: false };
const NO_START = "Refuses a continuation of no message.";
const INSIDE = "Refuses a new message before the fragmented one has ended.";

const BROKEN: Case[] = [
  refused("continuation-first", NO_START, { opcode: continuation, payload: "x" }),
  refused("continuation-first-empty", NO_START, { opcode: continuation }),
  refused("continuation-first-not-last", NO_START, { opcode: continuation, payload: "x", fin: false }),
  refused("continuation-after-ping", NO_START, { opcode: pong }, { opcode: continuation, payload: "x" }),
  refused("continuation-announced", "Refuses a continuation of no message before its bytes come.", {
    opcode: continuation,
    announcedLength: 500n,
  }),
  refusedAfter("continuation-after-message", NO_START, "done", [{ opcode: text, payload: "done" }], {
    opcode: continuation,
  }),
  refusedAfter(
    "continuation-after-fragments",
    "Refuses a continuation once the last fragment has come.",
    "begun, done",
    [begun, { opcode: continuation, payload: "done" }],
    { opcode: continuation, payload: "more" },
  ),
  refused("text-inside-text", INSIDE, begun, { opcode: text, payload: "new" }),
  refused("binary-inside-text", INSIDE, begun, { opcode: binary, payload: "new" }),
  refused("text-inside-binary", INSIDE, { ...begun, opcode: binary }, { opcode: text, payload: "new" }),
  refused("binary-inside-binary", INSIDE, { ...begun, opcode: binary }, { opcode: binary, payload: "new" }),
  refused("start-inside-text", INSIDE, begun, { opcode: text, payload: "new", fin: false }),
  refused("empty-inside-text", INSIDE, begun, { opcode: text }),
  refused("text-inside-empty-start", INSIDE, { opcode: text, fin: false }, { opcode: text, payload: "new" }),
  refused(
    "text-inside-after-continuation",
    INSIDE,
    begun,
    { opcode: continuation, fin: false },
    { opcode: text },
  ),
  refused("text-inside-after-ping", INSIDE, begun, { opcode: pong }, { opcode: text, payload: "new" }),
  refused("text-inside-announced", "Refuses a new message inside another before its bytes come.", begun, {
    opcode: text,
    announcedLength: 500n,
  }),
  refused("close-fragmented", "Refuses a close frame without FIN.", {
    opcode: close,
    payload: closeBody(1000),
    fin: false,
  }),
  refused("close-fragmented-inside", "Refuses a close frame without FIN inside a message.", begun, {
    opcode: close,
    fin: false,
  }),
];

const MIXED: Case[] = [
  session(
    "fragmentation/messages-in-a-row",
    "6455 §5.4",
    "Starts afresh after each fragmented message.",
    async (peer) => {
      const frames = KINDS.flatMap((kind) =>
        [1, 2, 3].flatMap((n) => fragments(OPCODE[kind], pieces(sample(kind, n * 30), 20))),
      );
      await peer.send(...frames);
      for (const kind of KINDS)
        for (const n of [1, 2, 3]) await peer.expectMessage(kind, sample(kind, n * 30));
      await peer.finish();
    },
  ),
  session(
    "fragmentation/then-whole",
    "6455 §5.4",
    "Takes whole messages after a fragmented one.",
    async (peer) => {
      await peer.send(begun, { opcode: continuation, payload: "done" }, { opcode: binary, payload: "whole" });
      await peer.expectText("begun, done");
      await peer.expectBinary(Buffer.from("whole"));
      await peer.finish();
    },
  ),
  session(
    "fragmentation/waits-for-last",
    "6455 §5.4",
    "Says nothing of a message until its last fragment.",
    async (peer) => {
      await peer.send(
        begun,
        { opcode: continuation, payload: "more, ", fin: false },
        { opcode: ping, payload: "p" },
      );
      await peer.expectPong("p");
      await peer.send({ opcode: continuation, payload: "done" });
      await peer.expectText("begun, more, done");
      await peer.finish();
    },
  ),
  session(
    "fragmentation/one-byte-in-one-segment-each",
    "6455 §5.4",
    "Takes fragments that come one by one.",
    async (peer) => {
      for (const frame of fragments(text, pieces(sample("text", 60), 1)))
        await peer.sendChopped(peer.encode(frame), 100);
      await peer.expectText(sample("text", 60));
      await peer.finish();
    },
  ),
  session(
    "fragmentation/control-after-each",
    "6455 §5.4",
    "Takes a ping and a pong after each of 50 fragments.",
    async (peer) => {
      const parts = pieces(sample("binary", 500), 10);
      await peer.send(
        ...fragments(binary, parts).flatMap((frame, i) => [
          frame,
          ...(i < 49 ? [{ opcode: pong }, { opcode: ping }] : []),
        ]),
      );
      let received = await peer.next("pongs, then binary of 500 bytes");
      while (received.type === "pong") received = await peer.next("pongs, then binary of 500 bytes");
      const right = received.type === "binary" && received.data.equals(sample("binary", 500));
      must(right, "pongs, then the binary of 500 bytes that was sent", describe(received));
      await peer.finish();
    },
  ),
  session(
    "fragmentation/ends-inside",
    "6455 §7.1.5",
    "Ends the stream when we end it inside a message.",
    async (peer) => {
      await peer.send(begun);
      peer.endStream();
      const received = await peer.next("the end of the stream");
      // A close frame before the end is polite, though nobody waits for it.
      if (received.type === "close") await peer.expectEnd();
      else must(received.type === "end", "the end of the stream", describe(received));
    },
  ),
];

/** Messages in several frames. */
export const fragmentation: Case[] = [
  ...KINDS.flatMap((kind) => SHAPES.map(([name, lengths]) => whole(kind, name, lengths))),
  ...KINDS.flatMap((kind) => [
    chopped(kind, [5, 7], 1),
    chopped(kind, [0, 3, 0], 1),
    chopped(kind, [125, 126, 127, 128], 7),
    chopped(kind, [20, 20, 20, 20, 20], 3),
  ]),
  ...KINDS.map(tiny),
  ...MIXED,
  ...BROKEN,
];
