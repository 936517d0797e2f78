import { type Frame, fragments, OPCODE, pieces } from "../../lib/wire/frame.ts";
import { must } from "../../lib/verdict.ts";
import { describe } from "../../lib/wire/describe.ts";
import { type Case, group } from "../case.ts";
import { BINARIES, bytes, SIZES, text, TEXTS } from "./samples.ts";

const make = group("websocket", "WebSocket");

function echoed(name: string, sentence: string, data: string | Buffer): Case {
  return make(name, sentence, async (visit) => {
    const { socket } = await visit.openSocket();
    await socket.echo(data);
    await socket.echo("after");
  });
}

/** Frames of one message that come back as one. */
function fragmented(name: string, opcode: number, data: Buffer, size: number): Case {
  return make(`fragments-${name}`, `Joins the fragments of a message: ${name}.`, async (visit) => {
    const { socket } = await visit.openSocket();
    const frames: Frame[] = fragments(opcode, pieces(data, size));
    await socket.sendFrames(...frames);
    if (opcode === OPCODE.text) await socket.expectPacket(data.toString());
    else await socket.expectBinary(data);
  });
}

const UNPARSABLE: readonly (readonly [name: string, packet: string])[] = [
  ["empty", ""],
  ["letter", "abc"],
  ["binary-of-polling", "bAQIDBA=="],
  ["digit-7", "7"],
  ["digit-9", "9x"],
  ["space", " 4a"],
  ["json", `{"type":"message"}`],
  ["separator", "\u001e4a"],
  ["not-ascii", "🙂"],
];

const NOT_A_CLIENTS: readonly (readonly [name: string, packet: string])[] = [
  ["open", "0"],
  ["ping", "2"],
  ["ping-probe", "2probe"],
  ["upgrade", "5"],
  ["noop", "6"],
];

const limits: Case[] = [
  make("limit-exact-text", "Takes a text message of exactly maxPayload bytes.", async (visit) => {
    const { socket, handshake } = await visit.openSocket();
    await socket.echo(text(handshake.maxPayload - 1));
  }),
  make("limit-exact-binary", "Takes a binary message of exactly maxPayload bytes.", async (visit) => {
    const { socket, handshake } = await visit.openSocket();
    await socket.echo(bytes(handshake.maxPayload));
  }),
  make("limit-over-text", "Closes with 1009 on a text message of one byte more.", async (visit) => {
    const session = await visit.openSocket();
    await session.socket.send(`4${text(session.handshake.maxPayload)}`);
    await session.socket.expectCloseCode(1009);
    await visit.expectSocketGone(session);
  }),
  make("limit-over-binary", "Closes with 1009 on a binary message of one byte more.", async (visit) => {
    const session = await visit.openSocket();
    await session.socket.send(bytes(session.handshake.maxPayload + 1));
    await session.socket.expectCloseCode(1009);
    await visit.expectSocketGone(session);
  }),
  make("limit-over-fragments", "Closes with 1009 when fragments add up to more.", async (visit) => {
    const session = await visit.openSocket();
    const { maxPayload } = session.handshake;
    const parts = pieces(bytes(maxPayload + 1), Math.ceil(maxPayload / 5));
    await session.socket.sendFrames(...fragments(OPCODE.binary, parts));
    await session.socket.expectCloseCode(1009);
    await visit.expectSocketGone(session);
  }),
  make("limit-over-upgraded", "Keeps to the limit after an upgrade too.", async (visit) => {
    const session = await visit.openUpgraded();
    await session.socket.send(`4${text(session.handshake.maxPayload)}`);
    await session.socket.expectCloseCode(1009);
    await visit.expectSocketGone(session);
  }),
];

/** Messages over WebSocket, both ways, and what is none. */
export const websockets: Case[] = [
  ...TEXTS.map(([name, data]) => echoed(`text-${name}`, `Carries a text message: ${name}.`, data)),
  echoed("text-separator", "Carries the character that separates packets on polling.", "a\u001eb\u001e4c"),
  ...BINARIES.map(([name, data]) => echoed(`binary-${name}`, `Carries a binary message: ${name}.`, data)),
  ...SIZES.map((size) => echoed(`text-${size}`, `Carries a packet of ${size} bytes.`, text(size - 1))),
  ...SIZES.map((size) => echoed(`binary-${size}`, `Carries ${size} bytes.`, bytes(size))),
  echoed("emoji-20000", "Carries 20,000 characters of four bytes.", "🙂".repeat(20000)),
  fragmented("text", OPCODE.text, Buffer.from("4κόσμε 🙂"), 3),
  fragmented("type-apart", OPCODE.text, Buffer.from("4hello"), 1),
  fragmented("binary", OPCODE.binary, bytes(1000), 100),
  make("together", "Takes 500 messages in one segment, in their order.", async (visit) => {
    const { socket } = await visit.openSocket();
    const packets = Array.from({ length: 500 }, (_, i) => (i % 7 === 0 ? bytes(i) : `4${i}`));
    await socket.send(...packets);
    for (const packet of packets) {
      await (typeof packet === "string" ? socket.expectPacket(packet) : socket.expectBinary(packet));
    }
  }),
  make("not-mixed", "Keeps the messages of two sessions apart.", async (visit) => {
    const [one, two] = [await visit.openSocket(), await visit.openSocket()];
    await Promise.all([one.socket.echo("for one"), two.socket.echo("for two")]);
    one.socket.expectQuiet();
    two.socket.expectQuiet();
  }),
  make("pong-unasked", "Takes a pong that nobody asked for.", async (visit) => {
    const { socket } = await visit.openSocket();
    await socket.pong();
    await socket.echo("after");
  }),
  make("ping-frame", "Answers a ping frame with a pong frame.", async (visit) => {
    const { socket } = await visit.openSocket();
    await socket.sendFrames({ opcode: OPCODE.ping, payload: "frame" });
    const arrival = await socket.next("a pong frame");
    const right = arrival.type === "pong" && arrival.data.toString() === "frame";
    must(right, `a pong frame with "frame"`, describe(arrival));
  }),
  make("early-packets", "Reads packets that come with the request.", async (visit) => {
    const socket = await visit.enter();
    await socket.send("4early");
    await socket.next("an open packet");
    await socket.expectPacket("4early");
  }),
  ...limits,
  ...UNPARSABLE.map(([name, packet]) =>
    make(`unparsable-${name}`, `Ends the session on a message that is no packet: ${name}.`, async (visit) => {
      const session = await visit.openSocket();
      await session.socket.send(packet);
      await session.socket.expectClosed();
      await visit.expectSocketGone(session);
    }),
  ),
  make(
    "unparsable-after-message",
    "Answers what was good before it ends the session on what is bad.",
    async (visit) => {
      const session = await visit.openSocket();
      await session.socket.send("4good", "nonsense", "4late");
      await session.socket.expectPacket("4good");
      await session.socket.expectClosed();
      await visit.expectSocketGone(session);
    },
  ),
  ...NOT_A_CLIENTS.map(([name, packet]) =>
    make(
      `not-a-clients-${name}`,
      `Ignores or ends the session on what is not a client's to send: ${name}.`,
      async (visit) => {
        const { socket } = await visit.openSocket();
        await socket.send(packet, "4next");
        const arrival = await socket.next("the next message, or the end of the WebSocket");
        const goesOn = arrival.type === "text" && arrival.data.toString() === "4next";
        const ends = arrival.type === "close" || arrival.type === "end";
        must(goesOn || ends, "the next message, or the end of the WebSocket", describe(arrival));
      },
    ),
  ),
];
