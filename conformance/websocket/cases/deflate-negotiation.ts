import { type Case, serverHandshake, session } from "../case.ts";
import type { Door } from "../door.ts";
import { must, NotApplicable } from "../../lib/verdict.ts";
import { OPCODE } from "../../lib/wire/frame.ts";
import { type DeflateWish, writeExtension } from "../wire/extension.ts";
import { field, readAnswer } from "../../lib/wire/http.ts";
import type { Peer } from "../wire/peer.ts";
import { json, noise } from "./samples.ts";

const BITS = [8, 9, 10, 11, 12, 13, 14, 15];

async function checkCompressedEcho(peer: Peer): Promise<void> {
  for (const message of ["Hello", "Hello", "Hello, compressed world"]) {
    await peer.sendCompressed("text", message);
    await peer.expectText(message);
  }
  await peer.sendCompressed("binary", json(40));
  await peer.expectBinary(json(40));
  await peer.finish();
}

/** A valid offer; whatever the server makes of it must hold afterwards. */
function offer(name: string, wish: DeflateWish): Case {
  const optional = wish.serverMaxWindowBits === 8 || wish.clientMaxWindowBits === 8;
  const sentence = `Takes up the offer "${writeExtension(wish)}" in a valid way.`;
  return session(`deflate/offer-${name}`, "7692 §7.1", sentence, checkCompressedEcho, { wish, optional });
}

/** Repeats noise from further back than the window: a sender that kept a larger one would refer to it. */
function keepsWindow(bits: number): Case {
  const wish: DeflateWish = { serverMaxWindowBits: bits, clientMaxWindowBits: bits };
  const sentence = `Compresses within the window of ${bits} bits that was agreed on.`;
  return session(
    `deflate/window-${bits}`,
    "7692 §7.1.2",
    sentence,
    async (peer) => {
      const block = noise(2 ** bits + 100);
      for (const message of [Buffer.concat([block, block]), block, block.subarray(0, 300)]) {
        await peer.sendCompressed("binary", message);
        await peer.expectBinary(message);
      }
      await peer.finish();
    },
    { wish, optional: bits === 8 },
  );
}

const OFFERS: Case[] = [
  offer("bare", {}),
  offer("server-no-context", { serverNoContextTakeover: true }),
  offer("client-no-context", { clientNoContextTakeover: true }),
  offer("no-context", { serverNoContextTakeover: true, clientNoContextTakeover: true }),
  offer("client-bits", { clientMaxWindowBits: true }),
  ...BITS.map((bits) => offer(`client-bits-${bits}`, { clientMaxWindowBits: bits })),
  ...BITS.map((bits) => offer(`server-bits-${bits}`, { serverMaxWindowBits: bits })),
  offer("bits-12-and-11", { serverMaxWindowBits: 12, clientMaxWindowBits: 11 }),
  offer("server-no-context-bits-10", { serverNoContextTakeover: true, serverMaxWindowBits: 10 }),
  offer("client-no-context-bits-10", { clientNoContextTakeover: true, clientMaxWindowBits: 10 }),
  offer("everything", {
    serverNoContextTakeover: true,
    clientNoContextTakeover: true,
    serverMaxWindowBits: 10,
    clientMaxWindowBits: 10,
  }),
];

/** Gives up as not applicable unless the server negotiates permessage-deflate at its plainest. */
async function demandDeflate(door: Door): Promise<void> {
  const peer = await door.enter({}, [{}]);
  if (!peer.negotiated) throw new NotApplicable("the server declined permessage-deflate");
  await peer.finish();
}

/** Several offers, as text and as what they mean. */
function offers(
  name: string,
  sentence: string,
  text: string | readonly string[],
  wishes: readonly DeflateWish[],
): Case {
  return serverHandshake(`deflate/offers-${name}`, "7692 §5.1", sentence, async (door) => {
    await demandDeflate(door);
    const peer = await door.enter({ set: { "Sec-WebSocket-Extensions": text } }, wishes);
    must(peer.negotiated !== undefined, "one of the offers taken up", "no extension");
    await checkCompressedEcho(peer);
  });
}

const PREFERENCE = "Takes up the first of several offers that it supports.";

const SEVERAL: Case[] = [
  offers("twice", PREFERENCE, "permessage-deflate, permessage-deflate", [{}, {}]),
  offers("with-fallback", PREFERENCE, "permessage-deflate; server_max_window_bits=10, permessage-deflate", [
    { serverMaxWindowBits: 10 },
    {},
  ]),
  offers(
    "in-two-fields",
    PREFERENCE,
    ["permessage-deflate; server_no_context_takeover", "permessage-deflate"],
    [{ serverNoContextTakeover: true }, {}],
  ),
  offers("behind-unknown", "Skips an extension it does not know.", "x-unknown; a=1, permessage-deflate", [
    {},
  ]),
  offers("before-unknown", "Leaves out an extension it does not know.", "permessage-deflate, x-unknown", [
    {},
  ]),
  offers("quoted", "Reads a value in quotes.", 'permessage-deflate; server_max_window_bits="11"', [
    { serverMaxWindowBits: 11 },
  ]),
  offers(
    "without-spaces",
    "Needs no spaces.",
    "permessage-deflate;server_no_context_takeover;client_max_window_bits",
    [{ serverNoContextTakeover: true, clientMaxWindowBits: true }],
  ),
  offers("with-spaces", "Ignores spaces and tabs.", "permessage-deflate  ;\t server_max_window_bits=12 ", [
    { serverMaxWindowBits: 12 },
  ]),
  offers(
    "invalid-first",
    "Goes on to a valid offer behind an invalid one.",
    "permessage-deflate; x-bogus, permessage-deflate",
    [{}],
  ),
  offers(
    "invalid-value-first",
    "Goes on to a valid offer behind an invalid one.",
    "permessage-deflate; server_max_window_bits=99, permessage-deflate",
    [{}],
  ),
];

/** An offer with a fault must be declined (§7.1): the connection opens without the extension. */
function declines(name: string, parameters: string): Case {
  const sentence = `Declines "${parameters}" and opens without compression.`;
  return serverHandshake(`deflate/declines-${name}`, "7692 §7.1", sentence, async (door) => {
    await demandDeflate(door);
    const stream = await door.dial();
    await stream.write(
      door.request({ set: { "Sec-WebSocket-Extensions": `permessage-deflate; ${parameters}` } }),
    );
    const peer = await door.expectOpen(stream);
    await peer.send({ opcode: OPCODE.text, payload: "plain" });
    await peer.expectText("plain");
    await peer.send({ opcode: OPCODE.text, payload: Buffer.from("f248cdc9c90700", "hex"), rsv: 4 });
    await peer.expectFailure(1002);
  });
}

const DECLINED: Case[] = [
  declines("unknown-parameter", "x-bogus"),
  declines("unknown-parameter-with-value", "max_window_bits=10"),
  declines("server-no-context-value", "server_no_context_takeover=1"),
  declines("client-no-context-value", "client_no_context_takeover=true"),
  declines("server-bits-without-value", "server_max_window_bits"),
  ...["7", "16", "0", "08", "-10", "1.5", "ten", "99999999999999999999"].flatMap((value) => [
    declines(`server-bits-${value}`, `server_max_window_bits=${value}`),
    declines(`client-bits-${value}`, `client_max_window_bits=${value}`),
  ]),
  declines("server-no-context-twice", "server_no_context_takeover; server_no_context_takeover"),
  declines("client-no-context-twice", "client_no_context_takeover; client_no_context_takeover"),
  declines("server-bits-twice", "server_max_window_bits=10; server_max_window_bits=10"),
  declines("client-bits-twice", "client_max_window_bits; client_max_window_bits=10"),
];

const UNASKED: Case = serverHandshake(
  "deflate/not-unasked",
  "6455 §9.1",
  "Negotiates no compression that was not offered, and refuses RSV1 then.",
  async (door) => {
    await demandDeflate(door);
    const stream = await door.dial();
    await stream.write(door.request());
    const answer = await readAnswer(stream);
    must(
      typeof answer !== "string" && answer.status === 101,
      "HTTP 101",
      typeof answer === "string" ? answer : `HTTP ${answer.status}`,
    );
    const text = field(answer, "sec-websocket-extensions");
    must(text === undefined, "no extension", `Sec-WebSocket-Extensions: ${text}`);
  },
);

/** What is agreed on about compression, and that it then holds. */
export const deflateNegotiation: Case[] = [
  ...OFFERS,
  ...BITS.slice(0, -1).map(keepsWindow),
  ...SEVERAL,
  ...DECLINED,
  UNASKED,
];
