import { type Case, session } from "../case.ts";
import { fragments, OPCODE, pieces } from "../../lib/wire/frame.ts";
import { CUT_OFF, INVALID, VALID } from "./utf8-samples.ts";

const { text, binary, continuation, ping, pong } = OPCODE;
const BEFORE = Buffer.from("valid so far: ☃ ");
const AFTER = Buffer.from(" and on");

function hex(digits: string): Buffer {
  return Buffer.from(digits, "hex");
}

function valid(name: string, characters: string): Case[] {
  const message = Buffer.from(characters);
  return [
    session(`utf8/valid-${name}`, "6455 §5.6", "Takes and returns this text unchanged.", async (peer) => {
      await peer.send({ opcode: text, payload: message });
      await peer.expectText(message);
      await peer.finish();
    }),
    session(
      `utf8/valid-${name}-fragments`,
      "6455 §8.1",
      "Takes it cut into fragments anywhere, also inside characters.",
      async (peer) => {
        for (let at = 0; at <= message.length; at++) {
          await peer.send(...fragments(text, [message.subarray(0, at), message.subarray(at)]));
          await peer.expectText(message);
        }
        await peer.send(...fragments(text, pieces(message, 1)));
        await peer.expectText(message);
        await peer.finish();
      },
    ),
    session(
      `utf8/valid-${name}-segments`,
      "6455 §8.1",
      "Takes it byte by byte, in one frame.",
      async (peer) => {
        await peer.sendChopped(peer.encode({ opcode: text, payload: message }), 1);
        await peer.expectText(message);
        await peer.finish();
      },
    ),
  ];
}

function invalid(name: string, possible: string, fatal: string): Case[] {
  const bad = Buffer.concat([BEFORE, hex(possible), hex(fatal), AFTER]);
  const start = Buffer.concat([BEFORE, hex(possible)]);
  return [
    session(
      `utf8/invalid-${name}`,
      "6455 §8.1",
      "Fails with 1007 on text that is not UTF-8.",
      async (peer) => {
        await peer.send({ opcode: text, payload: bad });
        await peer.expectFailure(1007);
      },
    ),
    session(
      `utf8/invalid-${name}-fragments`,
      "6455 §8.1",
      "Fails with 1007 when the bad bytes are spread over fragments.",
      async (peer) => {
        await peer.send(...fragments(text, pieces(bad, 1)));
        await peer.expectFailure(1007);
      },
    ),
    session(
      `utf8/fail-fast-${name}`,
      "6455 §8.1",
      "Fails at the bad byte, though fragments are still to come.",
      async (peer) => {
        await peer.send(
          { opcode: text, payload: start, fin: false },
          { opcode: continuation, payload: hex(fatal), fin: false },
          // Whoever waits for the end of the message answers this instead.
          { opcode: ping, payload: "too late" },
        );
        await peer.expectFailure(1007);
      },
    ),
  ];
}

/** A few ways to be wrong, where the frame itself stays unfinished: time alone tells that nothing comes. */
const INSIDE_FRAME = [
  "continuation-80",
  "overlong-2-c0",
  "overlong-3-zero",
  "surrogate-first-high",
  "too-high-110000",
  "byte-ff",
];
const PATIENCE_MS = 1500;

function failFastInFrame(name: string, possible: string, fatal: string): Case {
  const id = `utf8/fail-fast-in-frame-${name}`;
  return session(
    id,
    "6455 §8.1",
    "Fails at the bad byte, though the frame is not complete.",
    async (peer) => {
      const frame = peer.encode({
        opcode: text,
        payload: Buffer.concat([BEFORE, hex(possible), hex(fatal.slice(0, 2)), Buffer.alloc(500)]),
      });
      await peer.sendBytes(frame.subarray(0, frame.length - 500));
      await peer.expectClose([1007], PATIENCE_MS);
    },
  );
}

function cutOff(name: string, bytes: string): Case[] {
  const message = Buffer.concat([BEFORE, hex(bytes)]);
  const sentence = "Fails with 1007 when the message ends inside a character.";
  return [
    session(`utf8/cut-off-${name}`, "6455 §8.1", sentence, async (peer) => {
      await peer.send({ opcode: text, payload: message });
      await peer.expectFailure(1007);
    }),
    session(`utf8/cut-off-${name}-empty-end`, "6455 §8.1", sentence, async (peer) => {
      await peer.send({ opcode: text, payload: message, fin: false }, { opcode: continuation });
      await peer.expectFailure(1007);
    }),
    session(
      `utf8/cut-off-${name}-completed`,
      "6455 §8.1",
      "Waits for the rest of a character in the next fragment.",
      async (peer) => {
        const full = { c: "é", e: "€", f: "🙂" }[bytes[0]!]!;
        const rest = Buffer.from(full).subarray(bytes.length / 2);
        const first = Buffer.concat([BEFORE, Buffer.from(full).subarray(0, bytes.length / 2)]);
        await peer.send({ opcode: text, payload: first, fin: false }, { opcode: ping, payload: "inside" });
        await peer.expectPong("inside");
        await peer.send({ opcode: continuation, payload: rest });
        await peer.expectText(Buffer.concat([first, rest]));
        await peer.finish();
      },
    ),
  ];
}

const OTHERS: Case[] = [
  session("utf8/not-in-binary", "6455 §5.6", "Takes any bytes at all in a binary message.", async (peer) => {
    for (const [, possible, fatal] of INVALID) {
      const message = hex(possible + fatal);
      await peer.send({ opcode: binary, payload: message });
      await peer.expectBinary(message);
    }
    await peer.finish();
  }),
  session(
    "utf8/not-in-binary-fragments",
    "6455 §5.6",
    "Takes any bytes in the fragments of a binary message.",
    async (peer) => {
      const message = Buffer.concat(INVALID.map(([, possible, fatal]) => hex(possible + fatal)));
      await peer.send(...fragments(binary, pieces(message, 3)));
      await peer.expectBinary(message);
      await peer.finish();
    },
  ),
  session(
    "utf8/control-inside-character",
    "6455 §5.4",
    "Keeps half a character over a ping and a pong.",
    async (peer) => {
      const [first, last] = fragments(text, [hex("f09f"), hex("9982")]);
      await peer.send(
        first!,
        { opcode: ping, payload: hex("9982") },
        { opcode: pong, payload: hex("ff") },
        last!,
      );
      await peer.expectPong(hex("9982"));
      await peer.expectText("🙂");
      await peer.finish();
    },
  ),
  session(
    "utf8/fresh-after-binary",
    "6455 §8.1",
    "Forgets half a character at the end of a binary message.",
    async (peer) => {
      await peer.send({ opcode: binary, payload: hex("f09f") }, { opcode: text, payload: "fresh" });
      await peer.expectBinary(hex("f09f"));
      await peer.expectText("fresh");
      await peer.finish();
    },
  ),
  session(
    "utf8/bad-second-message",
    "6455 §8.1",
    "Answers a valid text, then fails on one that is not.",
    async (peer) => {
      await peer.send({ opcode: text, payload: "é" });
      await peer.expectText("é");
      await peer.send({ opcode: text, payload: hex("c3") });
      await peer.expectFailure(1007);
    },
  ),
  session(
    "utf8/bad-last-byte-of-64k",
    "6455 §8.1",
    "Sees one bad byte at the end of 64 KiB.",
    async (peer) => {
      await peer.send({ opcode: text, payload: Buffer.concat([Buffer.alloc(65535, "a"), hex("ff")]) });
      await peer.expectFailure(1007);
    },
  ),
  session(
    "utf8/bad-middle-byte-of-64k",
    "6455 §8.1",
    "Sees one bad byte in the middle of 64 KiB.",
    async (peer) => {
      await peer.send({
        opcode: text,
        payload: Buffer.concat([Buffer.alloc(32768, "a"), hex("80"), Buffer.alloc(32767, "a")]),
      });
      await peer.expectFailure(1007);
    },
  ),
];

/** Text is UTF-8, all of it, and what cannot become UTF-8 is refused there and then. */
export const utf8: Case[] = [
  ...VALID.flatMap(([name, characters]) => valid(name, characters)),
  ...INVALID.flatMap(([name, possible, fatal]) => invalid(name, possible, fatal)),
  ...INVALID.filter(([name]) => INSIDE_FRAME.includes(name)).map((one) => failFastInFrame(...one)),
  ...CUT_OFF.flatMap(([name, bytes]) => cutOff(name, bytes)),
  ...OTHERS,
];
