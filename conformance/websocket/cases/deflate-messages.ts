import { type Case, session } from "../case.ts";
import { storedBlocks } from "../wire/deflate.ts";
import type { DeflateWish } from "../wire/extension.ts";
import { type Frame, fragments, OPCODE, pieces } from "../../lib/wire/frame.ts";
import type { Kind, Peer } from "../wire/peer.ts";
import { ascii, bytes, json, noise, scripts } from "./samples.ts";

const { text, continuation, ping, pong } = OPCODE;
const PLAIN: DeflateWish = {};

const SETTINGS: readonly (readonly [name: string, wish: DeflateWish])[] = [
  ["takeover", PLAIN],
  ["no-context", { serverNoContextTakeover: true, clientNoContextTakeover: true }],
  ["server-no-context", { serverNoContextTakeover: true }],
  ["client-no-context", { clientNoContextTakeover: true }],
  ["bits-9", { serverMaxWindowBits: 9, clientMaxWindowBits: 9 }],
  ["bits-12", { serverMaxWindowBits: 12, clientMaxWindowBits: 12 }],
];

const PAYLOADS: readonly (readonly [name: string, kind: Kind, message: Buffer])[] = [
  ["empty", "text", Buffer.alloc(0)],
  ["empty-binary", "binary", Buffer.alloc(0)],
  ["a-byte", "binary", Buffer.of(0)],
  ["short", "text", Buffer.from("Hello")],
  ["125", "text", ascii(125)],
  ["126", "binary", bytes(126)],
  ["repetitive", "text", Buffer.from("abcabcabd".repeat(2000))],
  ["zeros", "binary", Buffer.alloc(70_000)],
  ["noise", "binary", noise(5000)],
  ["json", "text", json(200)],
  ["scripts", "text", scripts(6000)],
  ["65536", "text", ascii(65536)],
];

function compressed(
  name: string,
  section: string,
  sentence: string,
  run: (peer: Peer) => Promise<void>,
  wish = PLAIN,
): Case {
  return session(`deflate/${name}`, section, sentence, run, { wish });
}

function payload(setting: string, wish: DeflateWish, name: string, kind: Kind, message: Buffer): Case {
  const sentence = `Echoes the payload "${name}" three times compressed.`;
  return compressed(
    `${setting}-${name}`,
    "7692 §7.2",
    sentence,
    async (peer) => {
      for (let i = 0; i < 3; i++) {
        await peer.sendCompressed(kind, message);
        await peer.expectMessage(kind, message);
      }
      await peer.finish();
    },
    wish,
  );
}

function hex(digits: string): Buffer {
  return Buffer.from(digits, "hex");
}

function inFragments(kind: Kind, size: number): Case {
  const id = `${kind}-in-fragments-of-${size}`;
  return compressed(
    id,
    "7692 §6.1",
    "Inflates a message in fragments, RSV1 on the first alone.",
    async (peer) => {
      const message = kind === "text" ? scripts(3000) : json(30);
      for (let i = 0; i < 2; i++) {
        await peer.sendCompressed(kind, message, size);
        await peer.expectMessage(kind, message);
      }
      await peer.finish();
    },
  );
}

/** A compressed message with one empty fragment somewhere. */
function withEmptyFragment(name: string, at: number): Case {
  return compressed(
    `fragment-empty-${name}`,
    "7692 §6.1",
    "Takes an empty fragment of a compressed message.",
    async (peer) => {
      const data = await peer.compress("Hello");
      const parts = [data.subarray(0, 3), data.subarray(3)];
      parts.splice(at, 0, Buffer.alloc(0));
      await peer.send(...fragments(text, parts, 4));
      await peer.expectText("Hello");
      await peer.finish();
    },
  );
}

const COURSE: Case[] = [
  compressed(
    "context-is-kept",
    "7692 §7.2.3.2",
    "Inflates a message that refers to the one before.",
    async (peer) => {
      // The RFC's own example; with a fresh window the second message reaches back too far.
      await peer.send({ opcode: text, payload: hex("f248cdc9c90700"), rsv: 4 });
      await peer.expectText("Hello");
      if (
        peer.role === "client"
          ? peer.negotiated?.clientNoContextTakeover
          : peer.negotiated?.serverNoContextTakeover
      )
        return;
      await peer.send({ opcode: text, payload: hex("f200110000"), rsv: 4 });
      await peer.expectText("Hello");
      await peer.finish();
    },
  ),
  compressed(
    "context-is-kept-noise",
    "7692 §7.2.2",
    "Keeps its window over ten messages, in both directions.",
    async (peer) => {
      for (let i = 0; i < 10; i++) {
        const message = Buffer.concat([noise(900), Buffer.of(i)]);
        await peer.sendCompressed("binary", message);
        await peer.expectBinary(message);
      }
      await peer.finish();
    },
  ),
  compressed(
    "context-passes-plain-messages",
    "7692 §7.2.2",
    "Keeps its window while plain messages pass.",
    async (peer) => {
      for (let i = 0; i < 5; i++) {
        await peer.sendCompressed("binary", noise(700));
        await peer.send({ opcode: text, payload: "plain" });
        await peer.expectBinary(noise(700));
        await peer.expectText("plain");
      }
      await peer.finish();
    },
  ),
  compressed(
    "plain-messages",
    "7692 §6",
    "Takes plain messages though compression was agreed on.",
    async (peer) => {
      for (const message of [ascii(0), ascii(5), ascii(5000)]) {
        await peer.send({ opcode: text, payload: message });
        await peer.expectText(message);
      }
      await peer.send(...fragments(text, ["plain ", "in ", "fragments"]));
      await peer.expectText("plain in fragments");
      await peer.finish();
    },
  ),
  compressed("in-a-row", "7692 §6", "Answers 100 compressed messages in order.", async (peer) => {
    const messages = Array.from({ length: 100 }, (_, i) => json(i % 7));
    const frames: Frame[] = [];
    for (const message of messages)
      frames.push({ opcode: text, payload: await peer.compress(message), rsv: 4 });
    await peer.send(...frames);
    for (const message of messages) await peer.expectText(message);
    await peer.finish();
  }),
  compressed(
    "in-a-row-mixed",
    "7692 §6",
    "Keeps the order of compressed and plain messages, large and small.",
    async (peer) => {
      const messages = Array.from({ length: 40 }, (_, i) =>
        i % 4 === 0 ? json(400) : Buffer.from(`small ${i}`),
      );
      const frames: Frame[] = [];
      for (const [i, message] of messages.entries()) {
        frames.push(
          i % 2 === 0
            ? { opcode: text, payload: await peer.compress(message), rsv: 4 }
            : { opcode: text, payload: message },
        );
      }
      await peer.send(...frames);
      for (const message of messages) await peer.expectText(message);
      await peer.finish();
    },
  ),
  compressed("byte-by-byte", "7692 §6", "Inflates a frame that comes byte by byte.", async (peer) => {
    await peer.sendChopped(peer.encode({ opcode: text, payload: await peer.compress(json(10)), rsv: 4 }), 1);
    await peer.expectText(json(10));
    await peer.finish();
  }),
  compressed(
    "ping-inside",
    "7692 §6.1",
    "Answers a plain ping between compressed fragments.",
    async (peer) => {
      const [first, second, third] = fragments(text, pieces(await peer.compress("Hello, world!"), 6), 4);
      await peer.send(first!, { opcode: ping, payload: "now" });
      await peer.expectPong("now");
      await peer.send({ opcode: pong, payload: "unasked" }, second!, third!);
      await peer.expectText("Hello, world!");
      await peer.finish();
    },
  ),
  compressed(
    "close-behind",
    "6455 §5.5.1",
    "Answers a compressed message before the close behind it.",
    async (peer) => {
      const frame: Frame = { opcode: text, payload: await peer.compress(json(100)), rsv: 4 };
      await peer.send(frame, { opcode: OPCODE.close, payload: hex("03e8") });
      await peer.expectText(json(100));
      await peer.expectClose([1000]);
    },
  ),
  compressed(
    "character-over-fragments",
    "6455 §8.1",
    "Checks UTF-8 over the whole inflated text.",
    async (peer) => {
      const parts = pieces(storedBlocks(pieces(Buffer.from("κόσμε 🙂 你好"), 1)), 6);
      await peer.send(...fragments(text, [...parts, Buffer.of(0)], 4));
      await peer.expectText("κόσμε 🙂 你好");
      await peer.finish();
    },
  ),
  compressed(
    "continuation-plain",
    "7692 §6.1",
    "Inflates fragments that carry no RSV1 themselves.",
    async (peer) => {
      const data = await peer.compress(json(5));
      await peer.send({ opcode: text, payload: data.subarray(0, 10), fin: false, rsv: 4 });
      for (const piece of pieces(data.subarray(10), 10))
        await peer.send({ opcode: continuation, payload: piece, fin: false });
      await peer.send({ opcode: continuation });
      await peer.expectText(json(5));
      await peer.finish();
    },
  ),
];

function large(name: string, kind: Kind, make: () => Buffer, length: number, fragment = Infinity): Case {
  const run = async (peer: Peer): Promise<void> => {
    const message = make();
    await peer.sendCompressed(kind, message, fragment);
    await peer.expectMessage(kind, message);
    await peer.finish();
  };
  const extra = { wish: PLAIN, heavy: true, timeoutMs: 30_000, largestBytes: length };
  return session(`deflate/large-${name}`, "7692 §7.2", "Echoes a large message compressed.", run, extra);
}

const MIB = 1 << 20;

/** Compressed messages as they should be. */
export const deflateMessages: Case[] = [
  ...SETTINGS.flatMap(([setting, wish]) => PAYLOADS.map((one) => payload(setting, wish, ...one))),
  ...[1, 2, 7, 100, 1000].flatMap((size) => [inFragments("text", size), inFragments("binary", size)]),
  withEmptyFragment("first", 0),
  withEmptyFragment("middle", 1),
  withEmptyFragment("last", 2),
  ...COURSE,
  large("zeros-1m", "binary", () => Buffer.alloc(MIB), MIB),
  large("zeros-16m", "binary", () => Buffer.alloc(16 * MIB), 16 * MIB),
  large("noise-1m", "binary", () => noise(MIB), MIB),
  large("noise-1m-in-fragments", "binary", () => noise(MIB), MIB, 1000),
  large("scripts-4m", "text", () => scripts(4 * MIB), 4 * MIB),
  large("scripts-4m-in-fragments", "text", () => scripts(4 * MIB), 4 * MIB, 500),
  large("json-2m", "text", () => json(20_000), 2 * MIB),
];
