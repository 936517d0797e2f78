import { must } from "../../lib/verdict.ts";
import { type Case, group } from "../case.ts";
import { Disturbed } from "../disturbed.ts";
import type { PollingSession } from "../polling-session.ts";
import type { Visit } from "../visit.ts";
import { describeAnswer, expectError, expectOk, expectPayload, expectStatus } from "../wire/exchange.ts";
import { describePacket, messagePacket, payload, TYPE } from "../wire/packets.ts";
import { bytes, text } from "./samples.ts";

const make = group("requests", "HTTP long-polling");

/** Bodies with something that is no packet. */
const UNPARSABLE: readonly (readonly [name: string, body: string])[] = [
  ["empty", ""],
  ["letter", "abc"],
  ["digit-7", "7"],
  ["digit-9", "9x"],
  ["space", " 4a"],
  ["line-end", "\n4a"],
  ["json", `{"type":"message"}`],
  ["separator-alone", "\u001e"],
  ["separator-first", "\u001e4a"],
  ["separator-last", "4a\u001e"],
  ["second", payload("4a", "x", "4b")],
  ["last", payload("4a", "4b", "z")],
  ["upper-case-binary", "BAQIDBA=="],
  ["not-ascii", "🙂"],
];

/** A session is closed because of what a POST holds, whether the POST is answered with ok, with an error or not at all. */
async function expectParseError(session: PollingSession, body: string): Promise<void> {
  const held = await session.hold();
  await (await session.startPost(body)).end();
  const packets = expectPayload(await held.answer());
  if (packets.includes(TYPE.ping)) throw new Disturbed("a ping took the held GET");
  // A message before the bad packet may have taken the GET.
  const right = packets.at(-1) === TYPE.close || (packets.join() === "4a" && body.startsWith("4a"));
  must(right, "a close packet on the held GET", packets.map(describePacket).join(" and "));
  await session.expectGone();
}

/** Packets that are well formed, and not a client's to send: the session may go on or be closed, nothing else. */
const NOT_A_CLIENTS: readonly (readonly [name: string, packet: string])[] = [
  ["open", "0"],
  ["open-with-json", `0{"sid":"AAAAAAAAAAAAAAAAAAAA"}`],
  ["ping", "2"],
  ["ping-probe", "2probe"],
  ["upgrade", "5"],
  ["noop", "6"],
];

const METHODS = ["PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"];

/** Sends a body and expects 413, after which the session goes on. */
async function expectTooLarge(
  visit: Visit,
  makeBody: (limit: number) => string,
  chunkBytes?: number,
): Promise<void> {
  const session = await visit.openPolling();
  const body = makeBody(session.handshake.maxPayload);
  expectStatus(await session.post(body, chunkBytes ? { chunkBytes } : {}), 413);
  await session.echo("still here");
}

async function expectFits(visit: Visit, makePacket: (limit: number) => string): Promise<void> {
  const session = await visit.openPolling();
  const packet = makePacket(session.handshake.maxPayload);
  expectOk(await session.post(packet));
  await session.expectPacket(packet);
}

const limits: Case[] = [
  make("limit-exact", "Takes a body of exactly maxPayload bytes.", (visit) =>
    expectFits(visit, (limit) => messagePacket(text(limit - 1))),
  ),
  make("limit-exact-binary", "Takes binary whose base64 just fits maxPayload.", (visit) =>
    expectFits(visit, (limit) => messagePacket(bytes(Math.floor((limit - 1) / 4) * 3))),
  ),
  make("limit-over", "Answers a body of one byte more with 413, and the session stays.", (visit) =>
    expectTooLarge(visit, (limit) => messagePacket(text(limit))),
  ),
  make("limit-double", "Answers a body of twice maxPayload with 413, and the session stays.", (visit) =>
    expectTooLarge(visit, (limit) => messagePacket(text(limit * 2))),
  ),
  make("limit-chunked", "Counts a chunked body too: 413, and the session stays.", (visit) =>
    expectTooLarge(visit, (limit) => messagePacket(text(limit)), 50_000),
  ),
  make("limit-in-bytes", "Counts bytes, not characters.", (visit) =>
    expectTooLarge(visit, (limit) => messagePacket("€".repeat(Math.ceil(limit / 3)))),
  ),
  make("limit-many-packets", "Counts all packets of a payload together.", (visit) =>
    expectTooLarge(visit, (limit) =>
      payload(...Array.from({ length: 11 }, () => messagePacket(text(limit / 10)))),
    ),
  ),
  make("limit-not-delivered", "Delivers nothing of a body that is too large.", async (visit) => {
    const session = await visit.openPolling();
    const body = payload("4first", messagePacket(text(session.handshake.maxPayload)));
    expectStatus(await session.post(body), 413);
    await session.echo("second");
    session.expectQuiet();
  }),
];

const overlaps: Case[] = [
  make(
    "second-get",
    "Answers a second GET with 400, ends the first with a close packet, and the session.",
    async (visit) => {
      const session = await visit.openPolling();
      const first = await session.hold();
      const second = await (await session.get()).answer();
      await session.expectAnswer(first, "1");
      expectStatus(second, 400);
      await session.expectGone();
    },
  ),
  make(
    "second-post",
    "Answers a second POST with 400, ends the session, and takes nothing of the first.",
    async (visit) => {
      const session = await visit.openPolling();
      const first = await session.startPost("4ha", { announcedLength: 10 });
      await visit.barrier();
      expectStatus(await session.post("4second"), 400);
      await first.stream.write("lf of it");
      const answer = await first.end();
      must(answer?.status !== 200, "the first POST to fail too", "HTTP 200");
      await session.expectGone();
    },
  ),
  make("get-beside-post", "Serves a GET while a POST is on its way.", async (visit) => {
    const session = await visit.openPolling();
    const slow = await session.startPost("4slow", { announcedLength: 10 });
    const held = await session.hold();
    await slow.stream.write(" body");
    expectOk(await slow.answer());
    await session.expectAnswer(held, "4slow body");
  }),
  make("get-aborted", "Ends the session when the client breaks off the held GET.", async (visit) => {
    const session = await visit.openPolling();
    (await session.hold()).abort();
    await session.expectGone();
  }),
  make("get-aborted-then-get", "Takes no GET after one that was broken off.", async (visit) => {
    const session = await visit.openPolling();
    (await session.hold()).abort();
    await visit.barrier();
    expectStatus(await (await session.get()).answer(), 400);
  }),
  make("post-aborted", "Delivers nothing of a POST that was broken off.", async (visit) => {
    const [session, other] = [await visit.openPolling(), await visit.openPolling()];
    const post = await session.startPost("4never whole", { announcedLength: 100 });
    await visit.barrier();
    post.abort();
    await visit.barrier();
    const answer = await session.post("4next");
    // Whether the session goes on is the server's choice.
    if (answer.status === 200) await session.expectPacket("4next");
    else expectError(answer, 1);
    await other.echo("another");
  }),
];

/** Which requests a session takes on polling, and what the others do to it. */
export const pollingRequests: Case[] = [
  ...overlaps,
  ...limits,
  ...UNPARSABLE.map(([name, body]) =>
    make(`unparsable-${name}`, `Ends the session on a body with no packet in it: ${name}.`, async (visit) =>
      expectParseError(await visit.openPolling(), body),
    ),
  ),
  make(
    "unparsable-after-message",
    "Ends the session on a bad packet, whatever was good before.",
    async (visit) => {
      const session = await visit.openPolling();
      await session.echo("good");
      await expectParseError(session, "nonsense");
    },
  ),
  ...NOT_A_CLIENTS.map(([name, packet]) =>
    make(
      `not-a-clients-${name}`,
      `Ignores or ends the session on what is not a client's to send: ${name}.`,
      async (visit) => {
        const session = await visit.openPolling();
        await (await session.startPost(packet)).end();
        const answer = await session.post("4next");
        if (answer.status === 200) await session.expectPacket("4next");
        else expectError(answer, 1);
      },
    ),
  ),
  ...METHODS.map((method) =>
    make(
      `method-${method.toLowerCase()}`,
      `Does nothing by ${method}, and the session goes on.`,
      async (visit) => {
        const session = await visit.openPolling();
        const body = method === "PUT" || method === "PATCH" ? { body: "4a" } : {};
        const answer = await visit.ask({ method, query: { sid: session.sid }, ...body });
        // Answers to OPTIONS are a matter of CORS.
        const right = answer.status >= 400 || (method === "OPTIONS" && answer.status < 300);
        must(right, "an HTTP error", describeAnswer(answer));
        await session.echo("still here");
        session.expectQuiet();
      },
    ),
  ),
  make(
    "eio-later",
    "Does not take another version for an unknown one once the session is open.",
    async (visit) => {
      const session = await visit.openPolling();
      const answer = await session.post("4a", { query: { EIO: undefined } });
      // The version counts at the handshake; newer engine.io calls its absence later a bad request.
      if (answer.status === 200) await session.expectPacket("4a");
      else expectError(answer, 3);
      await session.echo("still here");
    },
  ),
];
