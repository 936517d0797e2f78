import { must } from "../../lib/verdict.ts";
import { type Case, group } from "../case.ts";
import { describePacket, type Message } from "../wire/packets.ts";
import { bytes } from "./samples.ts";

const make = group("breach", "Packet encoding");

const RESERVED = ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"];

/** What a session that has joined the main namespace must not send. */
const TEXTS: readonly (readonly [name: string, packet: string])[] = [
  ...RESERVED.map((name) => [`reserved-${name}`, `2["${name}","a"]`] as const),
  ["reserved-with-ack", '20["disconnect"]'],
  ["name-true", "2[true]"],
  ["name-null", "2[null]"],
  ["name-object", '2[{"message":1}]'],
  ["name-array", '2[["message"]]'],
  ["name-missing", "2[]"],
  ["event-empty", "2"],
  ["event-id-only", "20"],
  ["event-object", '2{"0":"message"}'],
  ["event-text", '2"message"'],
  ["event-null", "2null"],
  ["event-true", "2true"],
  ["event-number", "2-1"],
  ["json-half", '2["message"'],
  ["json-text-half", '2["message","a'],
  ["json-more", '2["message"]]'],
  ["json-twice", '2["message"]["message"]'],
  ["json-comma", '2["message",]'],
  ["json-single-quotes", "2['message']"],
  ["json-undefined", '2["message",undefined]'],
  ["json-nan", '2["message",NaN]'],
  ["json-comment", '2["message"/**/]'],
  ["json-control", '2["message","\n"]'],
  ["json-none", "2message"],
  ["json-id-behind", '2["message-with-ack"]5'],
  ["type-7", '7["message"]'],
  ["type-8", "8"],
  ["type-9", "9"],
  ["type-letter", 'a["message"]'],
  ["type-space", ' 2["message"]'],
  ["type-minus", '-2["message"]'],
  ["type-missing", '["message"]'],
  ["type-wide", '２["message"]'],
  ["empty", ""],
  ["ack-object", '30{"0":1}'],
  ["ack-text", '30"a"'],
  ["ack-null", "30null"],
  ["ack-half", "30["],
  ["ack-empty", "30"],
  ["disconnect-object", "1{}"],
  ["disconnect-array", "1[]"],
  ["disconnect-null", "1null"],
  ["disconnect-text", '1"bye"'],
  ["connect-error-object", '4{"message":"no"}'],
  ["connect-error-text", '4"no"'],
  ["connect-error-empty", "4"],
];

/** Counts of attachments that are none, each with an attachment behind it. */
const COUNTS: readonly (readonly [name: string, count: string])[] = [
  ["missing", ""],
  ["missing-before-dash", "-"],
  ["missing-dash", "1"],
  ["negative", "-1-"],
  ["fraction", "1.5-"],
  ["huge", "99999999999-"],
  ["beyond-numbers", `${"9".repeat(400)}-`],
  ["letter", "x-"],
  ["exponent", "1e0-"],
  ["hexadecimal", "0x1-"],
  ["plus", "+1-"],
  ["space", " 1-"],
  ["not-a-number", "NaN-"],
  ["infinite", "Infinity-"],
];

/** Numbers of places that are none, where one attachment comes. */
const PLACES: readonly (readonly [name: string, json: string])[] = [
  ["beyond", '{"_placeholder":true,"num":1}'],
  ["far-beyond", '{"_placeholder":true,"num":99999999999}'],
  ["negative", '{"_placeholder":true,"num":-1}'],
  ["fraction", '{"_placeholder":true,"num":0.5}'],
  ["text", '{"_placeholder":true,"num":"0"}'],
  ["null", '{"_placeholder":true,"num":null}'],
  ["true", '{"_placeholder":true,"num":true}'],
  ["array", '{"_placeholder":true,"num":[0]}'],
  ["missing", '{"_placeholder":true}'],
  ["length", '{"_placeholder":true,"num":"length"}'],
  ["proto", '{"_placeholder":true,"num":"__proto__"}'],
];

/** A server that does not end the session is silent: that need not be waited for long. */
const SILENCE = { timeoutMs: 2500 };

function ends(name: string, sentence: string, ...messages: readonly Message[]): Case[] {
  return make(
    name,
    sentence,
    async (scene) => {
      const client = await scene.join();
      await client.carrier.sendAtRisk(...messages);
      await client.expectEnd();
    },
    SILENCE,
  );
}

const PLACE = '{"_placeholder":true,"num":0}';

const attachments: Case[] = [
  ...COUNTS.flatMap(([name, count]) => [
    ...ends(
      `count-${name}`,
      `Ends a session that announces attachments so: ${name}.`,
      `5${count}["message",${PLACE}]`,
    ),
    ...ends(`count-ack-${name}`, `Ends a session that acknowledges so: ${name}.`, `6${count}0[${PLACE}]`),
  ]),
  ...PLACES.flatMap(([name, json]) => [
    ...ends(
      `place-${name}`,
      `Ends a session with a place for no attachment: ${name}.`,
      `51-["message",${json}]`,
      bytes(3),
    ),
    ...ends(
      `place-deep-${name}`,
      `Ends a session with such a place deep inside: ${name}.`,
      `51-["message",[{"a":${json}}]]`,
      bytes(3),
    ),
    ...ends(
      `place-ack-${name}`,
      `Ends a session with such a place in an acknowledgement: ${name}.`,
      `61-0[${json}]`,
      bytes(3),
    ),
  ]),
  ...RESERVED.flatMap((name) =>
    ends(
      `binary-reserved-${name}`,
      `Ends a session that sends "${name}" with attachments.`,
      `51-["${name}",${PLACE}]`,
      bytes(3),
    ),
  ),
  ...ends("binary-name", "Ends a session with an event whose name is binary.", `51-[${PLACE}]`, bytes(3)),
  ...ends("binary-whole", "Ends a session with an event that is binary as a whole.", `51-${PLACE}`, bytes(3)),
  ...ends(
    "binary-elsewhere",
    "Ends a session with attachments for a namespace that it has not joined.",
    `51-/custom,["message",${PLACE}]`,
    bytes(3),
  ),
  ...ends(
    "text-while-due",
    "Ends a session that sends text while an attachment is due.",
    `51-["message",${PLACE}]`,
    '2["message","a"]',
  ),
  ...ends(
    "text-while-due-last",
    "Ends a session that sends text before the last attachment.",
    `52-["message",${PLACE},{"_placeholder":true,"num":1}]`,
    bytes(1),
    '2["message"]',
  ),
  ...ends(
    "announced-while-due",
    "Ends a session that announces attachments while some are due.",
    `51-["message",${PLACE}]`,
    `51-["message",${PLACE}]`,
  ),
  ...ends(
    "leave-while-due",
    "Ends a session that leaves while an attachment is due.",
    `51-["message",${PLACE}]`,
    "1",
  ),
  ...ends("binary-unannounced", "Ends a session that sends binary unannounced.", bytes(3)),
  ...ends("binary-empty-unannounced", "Ends a session that sends empty binary unannounced.", bytes(0)),
  ...make("binary-one-more", "Ends a session that sends one attachment more.", async (scene) => {
    const client = await scene.join();
    await client.echo("/", bytes(3));
    await client.carrier.sendAtRisk(bytes(4));
    await client.expectEnd();
  }),
  ...make("binary-first", "Ends a session that begins with binary.", async (scene) => {
    const client = await scene.open();
    await client.carrier.sendAtRisk(bytes(3));
    await client.expectEnd();
  }),
];

/** What breaks the rules: it ends the session. */
export const breaches: Case[] = [
  ...TEXTS.flatMap(([name, packet]) =>
    ends(name, `Ends a session that sends ${JSON.stringify(packet)}.`, packet),
  ),
  ...make("empty-first", "Takes an empty message for no CONNECT.", async (scene) => {
    const client = await scene.open();
    await client.carrier.sendAtRisk("");
    await client.expectEnd();
  }),
  ...make("nothing-after", "Takes nothing after a breach in the same go.", async (scene) => {
    const client = await scene.join();
    await client.carrier.sendAtRisk('2["message","before"]', "9", '2["message","after"]');
    const packet = await client.receive("an answer to what was before, or the end of the session");
    if (packet === undefined) return client.carrier.expectGone();
    const before = JSON.stringify(packet.data) === '["message-back","before"]';
    must(before, "an answer to what was before, or the end of the session", describePacket(packet));
    await client.expectEnd();
  }),
  ...make("while-listening", "Ends a session that waits for events with a breach.", async (scene) => {
    const client = await scene.join();
    await client.carrier.listen();
    await client.carrier.sendAtRisk("9");
    await client.expectEnd();
  }),
  ...make("binary-while-listening", "Ends a session that waits for events with binary.", async (scene) => {
    const client = await scene.join();
    await client.carrier.listen();
    await client.carrier.sendAtRisk(bytes(3));
    await client.expectEnd();
  }),
  ...make(
    "in-custom",
    "Ends a session with a breach in one of its namespaces, and all its sockets.",
    async (scene) => {
      const client = await scene.open();
      const sids = [await client.connect("/"), await client.connect("/custom")];
      const watcher = await scene.join("/");
      await watcher.request("/", "join", `watch-${sids[0]}`);
      await client.carrier.sendAtRisk('2/custom,["disconnect"]');
      await client.expectEnd();
      const { data } = await watcher.next("the news that a socket left");
      must(
        Array.isArray(data) && data[0] === "left" && data[1] === sids[0],
        `left ${sids[0]}`,
        JSON.stringify(data),
      );
    },
  ),
  ...attachments,
];
