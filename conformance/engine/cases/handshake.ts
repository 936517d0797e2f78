import { must } from "../../lib/verdict.ts";
import { field } from "../../lib/wire/http.ts";
import { type Case, group } from "../case.ts";
import type { Visit } from "../visit.ts";
import { expectPayload } from "../wire/exchange.ts";
import { type Handshake, parseHandshake } from "../wire/handshake.ts";
import type { RequestOptions } from "../wire/request.ts";

const make = group("handshake", "Handshake");
const SESSIONS = 50;

/** The handshake by the transport of this name. */
async function shake(visit: Visit, transport: string): Promise<Handshake> {
  if (transport === "websocket") return (await visit.openSocket()).handshake;
  return (await visit.openPolling()).handshake;
}

function both(
  name: string,
  sentence: string,
  run: (visit: Visit, transport: string) => Promise<void>,
): Case[] {
  return ["polling", "websocket"].map((transport) =>
    make(`${transport}-${name}`, `${sentence} (${transport})`, (visit) => run(visit, transport)),
  );
}

/** A handshake that is unusual and right. */
function opens(name: string, sentence: string, options: RequestOptions): Case[] {
  return [
    make(`polling-${name}`, `${sentence} (polling)`, async (visit) => {
      const session = await visit.openPolling(options);
      await session.echo("in");
    }),
    make(`websocket-${name}`, `${sentence} (websocket)`, async (visit) => {
      const { socket } = await visit.openSocket(options);
      await socket.echo("in");
    }),
  ];
}

/** What a new session is told, and how. */
export const handshakes: Case[] = [
  ...both(
    "opens",
    "Opens with exactly sid, upgrades, pingInterval, pingTimeout and maxPayload.",
    async (visit, transport) => {
      await shake(visit, transport);
    },
  ),
  make("polling-upgrades", "Offers websocket as the upgrade of a session on polling.", async (visit) => {
    const { upgrades } = await shake(visit, "polling");
    must(upgrades.includes("websocket"), `upgrades with "websocket"`, JSON.stringify(upgrades));
  }),
  make("websocket-upgrades", "Offers no upgrades to a session on WebSocket.", async (visit) => {
    const { upgrades } = await shake(visit, "websocket");
    must(upgrades.length === 0, "upgrades []", JSON.stringify(upgrades));
  }),
  ...both("sid-unique", `Gives ${SESSIONS} sessions as many sids.`, async (visit, transport) => {
    const sids = await Promise.all(
      Array.from({ length: SESSIONS }, async () => (await shake(visit, transport)).sid),
    );
    const different = new Set(sids).size;
    must(different === SESSIONS, `${SESSIONS} different sids`, `${different}`);
  }),
  make("same-values", "Tells the same intervals and limit on both transports.", async (visit) => {
    const values = async (transport: string): Promise<string> => {
      const { pingInterval, pingTimeout, maxPayload } = await shake(visit, transport);
      return JSON.stringify({ pingInterval, pingTimeout, maxPayload });
    };
    const [onPolling, onWebSocket] = [await values("polling"), await values("websocket")];
    must(onPolling === onWebSocket, `${onPolling} on WebSocket too`, onWebSocket);
  }),
  make("polling-fields", "Answers as text in UTF-8 that is never stored.", async (visit) => {
    expectPayload(await visit.ask());
  }),
  make("polling-first-packet", "Begins the first payload with the open packet.", async (visit) => {
    const [first = ""] = expectPayload(await visit.ask());
    parseHandshake(first);
  }),
  make("polling-keep-alive", "Serves a handshake, a POST and a GET on one connection.", async (visit) => {
    const stream = await visit.dial();
    const fields = { Connection: "keep-alive" };
    const handshake = await (await visit.requestOn(stream, { fields })).answer();
    const { sid } = parseHandshake(expectPayload(handshake)[0] ?? "");
    const query = { sid };
    await (await visit.requestOn(stream, { method: "POST", query, fields, body: "4one by one" })).answer();
    const packets = expectPayload(await (await visit.requestOn(stream, { query, fields })).answer());
    must(packets.includes("4one by one"), "the message back", packets.join(" and "));
  }),
  make("cookies-only-once", "Sets cookies at the handshake at most, not on later answers.", async (visit) => {
    const session = await visit.openPolling();
    const answers = [await session.post("4a"), await (await session.get()).answer()];
    const cookies = answers.map((answer) => field(answer, "set-cookie")).filter((one) => one !== undefined);
    must(cookies.length === 0, "no Set-Cookie after the handshake", `Set-Cookie: ${cookies[0]}`);
  }),
  ...opens("longer-path", "Serves every path that begins with its own.", { pathSuffix: "foo" }),
  ...opens("longer-path-deep", "Serves a path with more steps.", { pathSuffix: "foo/bar/" }),
  ...opens("cache-buster", "Takes the parameter t of clients that fear caches.", { query: { t: "pqX1a.0" } }),
  ...opens("other-parameters", "Ignores parameters that are not its own.", {
    query: { token: "a b&c=d", __proto__x: "1", "": "nameless", ünï: "🙂" },
  }),
  ...opens("parameter-named-prototype", "Takes parameters named like an object's own.", {
    query: { constructor: "1", toString: "2", hasOwnProperty: "3" },
  }),
  ...opens("origin", "Takes an Origin, as browsers send it.", { fields: { Origin: "https://example.com" } }),
];
