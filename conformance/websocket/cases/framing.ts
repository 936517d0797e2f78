import { type Case, session } from "../case.ts";
import { applyMask, OPCODE } from "../../lib/wire/frame.ts";
import type { Kind } from "../wire/peer.ts";
import { sample } from "./samples.ts";

const KINDS = ["text", "binary"] as const;
/** Both sides of each change in the length's form, and some ordinary sizes. */
const LENGTHS = [
  0, 1, 2, 7, 8, 63, 64, 124, 125, 126, 127, 128, 255, 256, 1000, 4096, 16384, 65534, 65535, 65536, 65537,
  131072,
];
const CHOPPED: readonly [length: number, size: number][] = [
  ...[0, 1, 2, 125, 126, 127, 128].map((length): [number, number] => [length, 1]),
  ...[2, 3, 5, 7].flatMap((size) => [13, 125, 126, 300].map((length): [number, number] => [length, size])),
  ...[997, 4096].flatMap((size) => [65535, 65536, 65537].map((length): [number, number] => [length, size])),
];

function echo(kind: Kind, length: number): Case {
  return session(
    `framing/${kind}-${length}`,
    "6455 §5.2",
    `Echoes ${kind} of ${length} bytes.`,
    async (peer) => {
      const message = sample(kind, length);
      await peer.send({ opcode: OPCODE[kind], payload: message });
      await peer.expectMessage(kind, message);
      await peer.finish();
    },
  );
}

function chopped(kind: Kind, length: number, size: number): Case {
  const id = `framing/${kind}-${length}-chopped-${size}`;
  return session(id, "6455 §5.2", `Echoes a frame that comes in segments of ${size}.`, async (peer) => {
    const message = sample(kind, length);
    await peer.sendChopped(peer.encode({ opcode: OPCODE[kind], payload: message }), size);
    await peer.expectMessage(kind, message);
    await peer.finish();
  });
}

function cutInHeader(length: number, at: number): Case {
  const id = `framing/binary-${length}-cut-at-${at}`;
  return session(
    id,
    "6455 §5.2",
    `Waits for the rest when a segment ends ${at} bytes into the header.`,
    async (peer) => {
      const message = sample("binary", length);
      const frame = peer.encode({ opcode: OPCODE.binary, payload: message });
      await peer.sendChopped(frame.subarray(0, at), at);
      await peer.sendBytes(frame.subarray(at));
      await peer.expectBinary(message);
      await peer.finish();
    },
  );
}

/** Many messages in one write; each must come back, in order. */
function together(
  name: string,
  sentence: string,
  messages: readonly (readonly [Kind, number])[],
  tail = 0,
): Case {
  return session(`framing/together-${name}`, "6455 §5.4", sentence, async (peer) => {
    const frames = messages.map(([kind, length]) => ({
      opcode: OPCODE[kind],
      payload: sample(kind, length),
    }));
    const all = peer.encode(...frames);
    await peer.sendBytes(all.subarray(0, all.length - tail));
    if (tail > 0) {
      for (const [kind, length] of messages.slice(0, -1))
        await peer.expectMessage(kind, sample(kind, length));
      await peer.sendBytes(all.subarray(all.length - tail));
    }
    for (const [kind, length] of tail > 0 ? messages.slice(-1) : messages) {
      await peer.expectMessage(kind, sample(kind, length));
    }
    await peer.finish();
  });
}

function repeat(count: number, of: (i: number) => readonly [Kind, number]): (readonly [Kind, number])[] {
  return Array.from({ length: count }, (_, i) => of(i));
}

const TOGETHER: Case[] = [
  together(
    "2",
    "Takes two frames from one segment.",
    repeat(2, () => ["text", 20]),
  ),
  together(
    "empty",
    "Takes ten empty frames from one segment.",
    repeat(10, (i) => [i % 2 ? "text" : "binary", 0]),
  ),
  together(
    "100",
    "Takes a hundred frames from one segment, in order.",
    repeat(100, (i) => ["binary", i]),
  ),
  together(
    "1000",
    "Takes a thousand messages in a row, in order.",
    repeat(1000, (i) => ["text", i % 40]),
  ),
  together(
    "kinds",
    "Keeps text and binary apart.",
    repeat(20, (i) => [i % 2 ? "text" : "binary", 10 + i]),
  ),
  together("boundaries", "Takes lengths of every form side by side.", [
    ["text", 125],
    ["binary", 126],
    ["text", 65535],
    ["binary", 65536],
    ["text", 0],
    ["binary", 127],
    ["text", 1],
  ]),
  together("large-then-small", "Keeps small messages behind a large one.", [
    ["binary", 1 << 20],
    ...repeat(50, (i) => ["text", i] as const),
  ]),
  together("small-then-large", "Keeps a large message behind small ones.", [
    ...repeat(50, (i) => ["text", i] as const),
    ["binary", 1 << 20],
  ]),
  together(
    "one-and-a-half",
    "Answers the whole frame before the half one is complete.",
    repeat(2, () => ["text", 200]),
    100,
  ),
  together(
    "and-a-byte",
    "Answers nine frames while the tenth lacks its last byte.",
    repeat(10, () => ["binary", 126]),
    1,
  ),
];

function nonMinimal(length: number, lengthBytes: 2 | 8): Case {
  const id = `framing/length-${length}-in-${lengthBytes}-bytes`;
  return session(
    id,
    "6455 §5.2",
    `Refuses the length ${length} written in ${lengthBytes} bytes.`,
    async (peer) => {
      await peer.send({ opcode: OPCODE.binary, payload: sample("binary", length), lengthBytes });
      await peer.expectFailure(1002);
    },
  );
}

function impossible(name: string, announcedLength: bigint): Case {
  const id = `framing/length-${name}`;
  return session(
    id,
    "6455 §5.2",
    "Refuses an impossible length as soon as it is announced.",
    async (peer) => {
      await peer.send({ opcode: OPCODE.binary, announcedLength, lengthBytes: 8 });
      await peer.expectFailure(1002, 1009);
    },
  );
}

function wrongMasking(name: keyof typeof OPCODE, length: number): Case {
  const id = `framing/wrong-masking-${name}-${length}`;
  const sentence = "Fails the connection on an unmasked frame from a client, or a masked one from a server.";
  return session(id, "6455 §5.1", sentence, async (peer) => {
    await peer.send({ opcode: OPCODE[name], payload: sample("text", length), mask: peer.role === "server" });
    await peer.expectFailure(1002);
  });
}

function maskKey(name: string, key: readonly number[]): Case {
  return session(
    `framing/mask-key-${name}`,
    "6455 §5.3",
    "Unmasks with whatever key the client chose.",
    async (peer) => {
      for (const length of [1, 3, 4, 5, 31, 64, 125, 126, 1023, 65537]) {
        const message = sample("binary", length);
        const mask = peer.role === "client" ? Uint8Array.from(key) : false;
        await peer.send({ opcode: OPCODE.binary, payload: message, mask });
        await peer.expectBinary(message);
      }
      await peer.finish();
    },
  );
}

const MASKS: Case[] = [
  maskKey("zero", [0, 0, 0, 0]),
  maskKey("ones", [255, 255, 255, 255]),
  maskKey("high-bit", [0x80, 0, 0, 0]),
  maskKey("last-byte", [0, 0, 0, 1]),
  session(
    "framing/mask-key-changes",
    "6455 §5.3",
    "Uses the key of each frame for that frame.",
    async (peer) => {
      for (let i = 0; i < 50; i++) {
        const message = sample("binary", 60 + i);
        const key = Uint8Array.of(i, 255 - i, i * 5, i * 11);
        await peer.send({
          opcode: OPCODE.binary,
          payload: message,
          mask: peer.role === "client" ? key : false,
        });
        await peer.expectBinary(message);
      }
      await peer.finish();
    },
  ),
  session(
    "framing/mask-key-hides-bytes",
    "6455 §5.3",
    "Reads payload bytes that masked look like a frame.",
    async (peer) => {
      const key = Uint8Array.of(1, 2, 3, 4);
      const message = Buffer.from("8800888080818081000000000000".repeat(20), "hex");
      applyMask(message, key);
      await peer.send({
        opcode: OPCODE.binary,
        payload: message,
        mask: peer.role === "client" ? key : false,
      });
      await peer.expectBinary(message);
      await peer.finish();
    },
  ),
];

/** The frame's form: lengths, masks, and any way of cutting it into segments. */
export const framing: Case[] = [
  ...KINDS.flatMap((kind) => LENGTHS.map((length) => echo(kind, length))),
  ...KINDS.flatMap((kind) => CHOPPED.map(([length, size]) => chopped(kind, length, size))),
  ...[1, 2, 5].map((at) => cutInHeader(125, at)),
  ...[1, 2, 3, 4, 7, 8].map((at) => cutInHeader(126, at)),
  ...[1, 2, 3, 5, 9, 10, 11, 13, 14].map((at) => cutInHeader(65536, at)),
  ...TOGETHER,
  ...[0, 1, 125].map((length) => nonMinimal(length, 2)),
  ...[0, 1, 125, 126, 65535].map((length) => nonMinimal(length, 8)),
  impossible("top-bit", 1n << 63n),
  impossible("top-bit-and-5", (1n << 63n) + 5n),
  impossible("all-ones", (1n << 64n) - 1n),
  impossible("2-to-62", 1n << 62n),
  ...(["text", "binary", "continuation", "ping", "pong", "close"] as const).map((name) =>
    wrongMasking(name, 0),
  ),
  ...(["text", "binary", "ping", "pong"] as const).map((name) => wrongMasking(name, 20)),
  ...MASKS,
];
