import { must } from "../../lib/verdict.ts";
import { type Case, group } from "../case.ts";
import type { Visit } from "../visit.ts";
import { expectOk, expectPayload, expectStatus } from "../wire/exchange.ts";
import { messagePacket, payload } from "../wire/packets.ts";
import { BINARIES, bytes, SIZES, text, TEXTS } from "./samples.ts";

const make = group("polling", "HTTP long-polling");

function echoed(name: string, sentence: string, data: string | Buffer): Case {
  return make(name, sentence, async (visit) => {
    const session = await visit.openPolling();
    await session.echo(data);
  });
}

/** Several packets in one POST come back in their order. */
function together(name: string, sentence: string, packets: readonly string[]): Case {
  return make(`together-${name}`, sentence, async (visit) => {
    const session = await visit.openPolling();
    await session.send(...packets);
    for (const packet of packets) await session.expectPacket(packet);
    session.expectQuiet();
  });
}

const CONTENT_TYPES: readonly (readonly [name: string, type: string | undefined])[] = [
  ["plain", "text/plain"],
  ["plain-utf8", "text/plain;charset=UTF-8"],
  ["html", "text/html"],
  ["json", "application/json"],
  ["form", "application/x-www-form-urlencoded"],
  ["none", undefined],
];

/** A body that comes in pieces is read as one. */
function chunked(name: string, chunkBytes: number): Case {
  return make(`chunked-${name}`, `Reads a chunked body in chunks of ${chunkBytes} bytes.`, async (visit) => {
    const session = await visit.openPolling();
    const packets = ["4κόσμε 🙂", messagePacket(bytes(50)), "4end"];
    expectOk(await session.post(payload(...packets), { chunkBytes }));
    for (const packet of packets) await session.expectPacket(packet);
  });
}

async function manyRounds(visit: Visit): Promise<void> {
  const session = await visit.openPolling();
  for (let i = 0; i < 30; i++) await session.echo(`round ${i}`);
}

/** Messages over polling, both ways. */
export const pollingMessages: Case[] = [
  ...TEXTS.map(([name, data]) => echoed(`text-${name}`, `Carries a text message: ${name}.`, data)),
  ...BINARIES.map(([name, data]) => echoed(`binary-${name}`, `Carries a binary message: ${name}.`, data)),
  ...SIZES.map((size) => echoed(`text-${size}`, `Carries a text of ${size} characters.`, text(size))),
  ...SIZES.map((size) => echoed(`binary-${size}`, `Carries ${size} bytes.`, bytes(size))),
  echoed("emoji-20000", "Carries 20,000 characters of four bytes.", "🙂".repeat(20000)),
  together("two", "Takes two packets in one payload.", ["4a", "4b"]),
  together(
    "texts",
    "Takes every text in one payload.",
    TEXTS.map(([, data]) => messagePacket(data)),
  ),
  together("kinds", "Keeps the order of text and binary.", ["4a", "bAQ==", "4b", "bAg==", "bAw==", "4c"]),
  together(
    "many",
    "Takes 500 packets in one payload.",
    Array.from({ length: 500 }, (_, i) => `4${i}`),
  ),
  make("rounds", "Carries 30 messages one after the other.", manyRounds),
  make("posts-in-order", "Keeps the order of messages from many POSTs in one payload.", async (visit) => {
    const session = await visit.openPolling();
    for (let i = 0; i < 10; i++) await session.send(`4${i}`);
    for (let i = 0; i < 10; i++) await session.expectPacket(`4${i}`);
    session.expectQuiet();
  }),
  make("ok", "Answers a POST with 200 and ok, never to be stored.", async (visit) => {
    const session = await visit.openPolling();
    expectOk(await session.post("4a"));
  }),
  make("payload-fields", "Answers a GET as text in UTF-8, never to be stored.", async (visit) => {
    const session = await visit.openPolling();
    await session.send("4κόσμε");
    expectPayload(await (await session.get()).answer());
  }),
  make("held", "Holds a GET until there is a message.", async (visit) => {
    const session = await visit.openPolling();
    const held = await session.hold();
    await session.send("4now");
    await session.expectAnswer(held, "4now");
  }),
  make("held-binary", "Answers a held GET with a binary message.", async (visit) => {
    const session = await visit.openPolling();
    const held = await session.hold();
    await session.send("bAQIDBA==");
    await session.expectAnswer(held, "bAQIDBA==");
  }),
  make("held-again", "Holds the next GET again, with nothing left over.", async (visit) => {
    const session = await visit.openPolling();
    for (const packet of ["4one", "4two", "4three"]) {
      const held = await session.hold();
      await session.send(packet);
      await session.expectAnswer(held, packet);
    }
  }),
  make("buffered", "Keeps messages for the next GET while none is held.", async (visit) => {
    const session = await visit.openPolling();
    await session.send("4a", "4b");
    const [first, second] = [await session.next(), await session.next()];
    must(first === "4a" && second === "4b", "4a and 4b", `${first} and ${second}`);
  }),
  make("not-mixed", "Keeps the messages of two sessions apart.", async (visit) => {
    const [one, two] = [await visit.openPolling(), await visit.openPolling()];
    await Promise.all([one.send("4for one"), two.send("4for two")]);
    await Promise.all([one.expectPacket("4for one"), two.expectPacket("4for two")]);
  }),
  make("pong-unasked", "Takes a pong that nobody asked for.", async (visit) => {
    const session = await visit.openPolling();
    await session.pong();
    await session.echo("after");
  }),
  ...CONTENT_TYPES.map(([name, type]) =>
    make(`content-type-${name}`, `Takes a body of the type ${type ?? "that is not said"}.`, async (visit) => {
      const session = await visit.openPolling();
      expectOk(await session.post("4typed", { fields: { "Content-Type": type } }));
      await session.expectPacket("4typed");
    }),
  ),
  make("content-type-octet-stream", "Refuses a body of bytes with 400.", async (visit) => {
    const session = await visit.openPolling();
    const answer = await session.post("4a", { fields: { "Content-Type": "application/octet-stream" } });
    expectStatus(answer, 400);
  }),
  chunked("of-1", 1),
  chunked("of-2", 2),
  chunked("of-1000", 1000),
  make("body-byte-by-byte", "Reads a body that comes byte by byte.", async (visit) => {
    const session = await visit.openPolling();
    const body = Buffer.from("4κόσμε 🙂");
    const exchange = await session.startPost("", { announcedLength: body.length });
    await exchange.stream.writeApart(Array.from(body, (byte) => Buffer.of(byte)));
    expectOk(await exchange.answer());
    await session.expectPacket("4κόσμε 🙂");
  }),
  make("longer-path", "Serves a session on every path that begins with its own.", async (visit) => {
    const session = await visit.openPolling();
    expectOk(await session.post("4a", { pathSuffix: "foo" }));
    const answer = await (await session.get({ pathSuffix: "bar/baz" })).answer();
    must(expectPayload(answer).includes("4a"), "the message", answer.body);
  }),
];
