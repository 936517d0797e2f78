import { must } from "../../lib/verdict.ts";
import type { Answer } from "../../lib/wire/http.ts";
import { type Case, group } from "../case.ts";
import { describeAnswer, type ErrorCode, expectError, expectErrorText } from "../wire/exchange.ts";
import type { Query, RequestOptions } from "../wire/request.ts";

const make = group("refused", "Handshake");

const UNKNOWN_SID = "AAAAAAAAAAAAAAAAAAAA";

interface Refusal {
  name: string;
  sentence: string;
  code: ErrorCode;
  options: RequestOptions;
}

/** By polling the refusal is JSON. */
function byPolling({ name, sentence, code, options }: Refusal): Case {
  return make(`polling-${name}`, sentence, async (visit) => expectError(await visit.ask(options), code));
}

/** By an upgrade request it is text, and comes before any 101. */
function byUpgrade({ name, sentence, code, options }: Refusal): Case {
  return make(`websocket-${name}`, `${sentence} By an upgrade request: as text.`, async (visit) => {
    expectErrorText((await visit.knock(options)).answer, code);
  });
}

const TRANSPORTS: readonly (readonly [name: string, transport: string | undefined])[] = [
  ["missing", undefined],
  ["empty", ""],
  ["unknown", "carrier-pigeon"],
  ["proto", "__proto__"],
  ["constructor", "constructor"],
  ["to-string", "toString"],
  ["has-own-property", "hasOwnProperty"],
  ["value-of", "valueOf"],
  ["upper-case", "POLLING"],
  ["mixed-case", "WebSocket"],
  ["webtransport", "webtransport"],
  ["space", " polling"],
  ["list", "polling,websocket"],
  ["zero-character", "polling\u0000"],
];

const transports = TRANSPORTS.map(([name, transport]): Refusal => ({
  name: `transport-${name}`,
  sentence: `Knows no transport ${transport === undefined ? "where none is named" : JSON.stringify(transport)}.`,
  code: 0,
  options: { query: { transport } },
}));

const SIDS: readonly (readonly [name: string, sid: string])[] = [
  ["unknown", UNKNOWN_SID],
  ["proto", "__proto__"],
  ["constructor", "constructor"],
  ["to-string", "toString"],
  ["has-own-property", "hasOwnProperty"],
  ["short", "0"],
  ["long", "x".repeat(2000)],
  ["with-slashes", "../../sid"],
  ["emoji", "🙂"],
  ["zero-character", "\u0000"],
];

const sids = SIDS.map(([name, sid]): Refusal => ({
  name: `sid-${name}`,
  sentence: `Knows no session ${JSON.stringify(sid.slice(0, 30))}.`,
  code: 1,
  options: { query: { sid } },
}));

const VERSIONS: readonly (readonly [name: string, version: string | undefined])[] = [
  ["missing", undefined],
  ["empty", ""],
  ["0", "0"],
  ["2", "2"],
  ["3", "3"],
  ["5", "5"],
  ["44", "44"],
  ["abc", "abc"],
  ["4abc", "4abc"],
  ["4-point-0", "4.0"],
  ["negative", "-4"],
  ["proto", "__proto__"],
];

const versions = VERSIONS.map(([name, version]): Refusal => ({
  name: `eio-${name}`,
  sentence: `Speaks no version ${version === undefined ? "that is not named" : JSON.stringify(version)}.`,
  code: 5,
  options: { query: { EIO: version } },
}));

const METHODS = ["POST", "PUT", "DELETE", "PATCH"];

const methods = METHODS.map((method): Refusal => ({
  name: `method-${method.toLowerCase()}`,
  sentence: `Begins no session by ${method}.`,
  code: 2,
  options: { method },
}));

/** What can be wrong with one request. In the order in which it is looked at. */
const FLAWS: readonly (readonly [name: string, code: ErrorCode, flaw: RequestOptions])[] = [
  ["transport", 0, { query: { transport: "unknown" } }],
  ["sid", 1, { query: { sid: UNKNOWN_SID } }],
  ["method", 2, { method: "POST" }],
  ["eio", 5, { query: { EIO: "3" } }],
];

/** Every combination of two flaws and more: the first one is told. */
const orders = Array.from({ length: 1 << FLAWS.length }, (_, bits) => FLAWS.filter((_, i) => bits & (1 << i)))
  .filter((flaws) => flaws.length >= 2)
  .map((flaws): Refusal => {
    const names = flaws.map(([name]) => name);
    const options: RequestOptions = Object.assign({}, ...flaws.map(([, , flaw]) => flaw));
    const query: Query = Object.assign({}, ...flaws.map(([, , flaw]) => flaw.query));
    return {
      name: `order-${names.join("-")}`,
      sentence: `Tells of the ${names[0]} first, where ${names.slice(1).join(" and ")} would be refused too.`,
      code: flaws[0]![1],
      options: { ...options, query },
    };
  });

/** Requests that ask for the wrong transport of a session, with another flaw behind it. */
const MISMATCHES: readonly (readonly [name: string, sentence: string, options: RequestOptions])[] = [
  ["", "", {}],
  ["-post", " Also by POST.", { method: "POST", body: "4a" }],
  ["-put", " Also by PUT.", { method: "PUT", body: "4a" }],
  ["-delete", " Also by DELETE.", { method: "DELETE" }],
  ["-eio", " Also with another version.", { query: { EIO: "3" } }],
];

const mismatches = MISMATCHES.flatMap(([name, sentence, options]) => [
  make(
    `polling-for-websocket${name}`,
    `Takes no polling for a session on WebSocket.${sentence}`,
    async (visit) => {
      const { socket, handshake } = await visit.openSocket();
      const query = { ...options.query, sid: handshake.sid };
      expectError(await visit.ask({ ...options, query }), 3);
      await socket.echo("still here");
    },
  ),
  make(
    `plain-websocket-for-polling${name}`,
    `Takes no plain request for websocket with a sid of polling.${sentence}`,
    async (visit) => {
      const session = await visit.openPolling();
      const query = { ...options.query, sid: session.sid, transport: "websocket" };
      expectError(await visit.ask({ ...options, query }), 3);
      await session.echo("still here");
    },
  ),
]);

const INVALID_ORIGIN = { Origin: "https://exam\u0001ple.com" };

/** Node's parser refuses such a field before anyone is asked, with a bare 400: that is as good. */
function isRefusedByParser({ status, body }: Answer): boolean {
  return status === 400 && !body.includes('"code"');
}

function origin(name: string, sentence: string, options: RequestOptions, code: ErrorCode): Case[] {
  return [
    make(`polling-origin-${name}`, sentence, async (visit) => {
      const answer = await visit.ask({ ...options, fields: INVALID_ORIGIN });
      if (!isRefusedByParser(answer)) expectError(answer, code);
    }),
    make(`websocket-origin-${name}`, `${sentence} By an upgrade request.`, async (visit) => {
      const { answer } = await visit.knock({ ...options, fields: INVALID_ORIGIN });
      must(answer.status === 400, "HTTP 400", describeAnswer(answer));
    }),
  ];
}

/** Requests for a session that no session may come of, and in which order they are looked at. */
export const refusals: Case[] = [
  ...transports.map(byPolling),
  ...transports.map(byUpgrade),
  ...sids.map(byPolling),
  ...sids.map(byUpgrade),
  ...versions.map(byPolling),
  ...versions.map(byUpgrade),
  ...methods.map(byPolling),
  ...methods.map(byUpgrade),
  ...orders.map(byPolling),
  ...orders.map(byUpgrade),
  ...mismatches,
  make("plain-websocket", "Takes no plain request for websocket.", async (visit) => {
    expectError(await visit.ask({ query: { transport: "websocket" } }), 3);
  }),
  make(
    "plain-websocket-post",
    "Tells of the method before it looks whether the request is an upgrade.",
    async (visit) => {
      expectError(await visit.ask({ method: "POST", query: { transport: "websocket" } }), 2);
    },
  ),
  make("plain-websocket-eio", "Tells of the missing upgrade before the version.", async (visit) => {
    expectError(await visit.ask({ query: { transport: "websocket", EIO: "3" } }), 3);
  }),
  make("upgrade-for-polling", "Opens no WebSocket for transport=polling.", async (visit) => {
    await visit.expectNoEntry({ transport: "polling" });
  }),
  ...origin("invalid", "Takes no Origin with characters that no header may have.", {}, 3),
  ...origin(
    "after-transport",
    "Tells of the transport before the Origin.",
    { query: { transport: "unknown" } },
    0,
  ),
  ...origin("before-sid", "Tells of the Origin before the sid.", { query: { sid: UNKNOWN_SID } }, 3),
  ...origin("before-method", "Tells of the Origin before the method.", { method: "POST" }, 3),
  ...origin("before-eio", "Tells of the Origin before the version.", { query: { EIO: "3" } }, 3),
];
