import { describePacket } from "../wire/packets.ts";
import { must } from "../../lib/verdict.ts";
import { type Case, group } from "../case.ts";

const make = group("refused", "Connection to a namespace");

const INVALID = { message: "Invalid namespace" };

/** Names of namespaces that are not there. */
const UNKNOWN: readonly (readonly [name: string, namespace: string])[] = [
  ["plain", "/unknown"],
  ["with-query", "/custom?token=1"],
  ["longer", "/custom/more"],
  ["shorter", "/cust"],
  ["upper-case", "/CUSTOM"],
  ["slashes", "//"],
  ["unicode", "/κόσμος🙂"],
  ["percent", "/%63ustom"],
  ["brackets", "/[1]{2}"],
];

const PAYLOADS: readonly (readonly [name: string, json: string])[] = [
  ["array", '[{"token":"abc"}]'],
  ["text", '"token"'],
  ["number", "-1"],
  ["true", "true"],
  ["null", "null"],
  ["half", '{"token":'],
  ["not-json", "token"],
];

/** What may not come before a namespace is joined. */
const EARLY: readonly (readonly [name: string, packet: string])[] = [
  ["event", '["message",1]'],
  ["event-with-ack", '0["message-with-ack",1]'],
];

/** How joining is refused, and what is no joining. */
export const refusals: Case[] = [
  ...UNKNOWN.flatMap(([name, namespace]) =>
    make(`unknown-${name}`, `Refuses a namespace that is not there: ${name}.`, async (scene) => {
      const client = await scene.join();
      await client.send(`0${namespace},`);
      await client.expectRefused(namespace, INVALID);
      await client.echo("/", "after");
    }),
  ),
  ...make("unknown-with-auth", "Refuses an unknown namespace whatever the auth is.", async (scene) => {
    const client = await scene.join();
    await client.send('0/unknown,{"token":"abc"}');
    await client.expectRefused("/unknown", INVALID);
  }),
  ...make("unknown-first", "Lets a session in that asked for an unknown namespace first.", async (scene) => {
    const client = await scene.open();
    await client.send("0/unknown");
    await client.expectRefused("/unknown", INVALID);
    await client.connect();
    await client.echo();
  }),
  ...make("unknown-again", "Refuses an unknown namespace as often as it is asked for.", async (scene) => {
    const client = await scene.open();
    for (let i = 0; i < 3; i++) {
      await client.send("0/unknown,");
      await client.expectRefused("/unknown", INVALID);
    }
  }),
  ...PAYLOADS.flatMap(([name, json]) => [
    ...make(`payload-${name}`, `Ends a session whose CONNECT carries this: ${name}.`, async (scene) => {
      const client = await scene.open();
      await client.carrier.sendAtRisk(`0${json}`);
      await client.expectEnd();
    }),
    ...make(
      `payload-custom-${name}`,
      `Ends a session whose second CONNECT carries this: ${name}.`,
      async (scene) => {
        const client = await scene.join();
        await client.carrier.sendAtRisk(`0/custom,${json}`);
        await client.expectEnd();
      },
    ),
  ]),
  ...["/", "/custom"].flatMap((namespace) =>
    make(
      `double-${namespace === "/" ? "main" : "custom"}`,
      `Ends a session that joins ${namespace} twice.`,
      async (scene) => {
        const client = await scene.join(namespace);
        await client.carrier.sendAtRisk(`0${namespace},`);
        await client.expectEnd();
      },
    ),
  ),
  ...make("double-together", "Ends a session that joins twice in one go.", async (scene) => {
    const client = await scene.open();
    await client.carrier.sendAtRisk("0", "0");
    for (let answers = 0; ; answers++) {
      const packet = await client.receive("the end of the session");
      if (packet === undefined) break;
      const isAnswer = packet.type === "connect" || (packet.type === "event" && answers === 1);
      must(isAnswer && answers < 2, "at most one answer and the end", describePacket(packet));
    }
    await client.carrier.expectGone();
  }),
  ...EARLY.flatMap(([name, rest]) => [
    ...make(`early-${name}`, `Ends a session whose first packet is an event: ${name}.`, async (scene) => {
      const client = await scene.open();
      await client.carrier.sendAtRisk(`2${rest}`);
      await client.expectEnd();
    }),
    ...make(
      `elsewhere-${name}`,
      `Ends a session with an event for a namespace that it has not joined: ${name}.`,
      async (scene) => {
        const client = await scene.join();
        await client.carrier.sendAtRisk(`2/custom,${rest}`);
        await client.expectEnd();
      },
    ),
    ...make(
      `nowhere-${name}`,
      `Ends a session with an event for a namespace that is not there: ${name}.`,
      async (scene) => {
        const client = await scene.join();
        await client.carrier.sendAtRisk(`2/unknown,${rest}`);
        await client.expectEnd();
      },
    ),
  ]),
  ...["30[]", "1", "4"].flatMap((packet) =>
    make(`early-packet-${packet[0]}`, `Ends a session whose first packet is ${packet}.`, async (scene) => {
      const client = await scene.open();
      await client.carrier.sendAtRisk(packet);
      await client.expectEnd();
    }),
  ),
  ...["3/custom,0[]", "1/custom,", '4/custom,{"message":"x"}'].flatMap((packet) =>
    make(
      `elsewhere-packet-${packet[0]}`,
      `Ends a session with ${packet} for a namespace that it has not joined.`,
      async (scene) => {
        const client = await scene.join();
        await client.carrier.sendAtRisk(packet);
        await client.expectEnd();
      },
    ),
  ),
  ...make("event-after-refusal", "Ends a session with an event where it was refused.", async (scene) => {
    const client = await scene.join();
    await client.send("0/unknown,");
    await client.expectRefused("/unknown", INVALID);
    await client.carrier.sendAtRisk('2/unknown,["message"]');
    await client.expectEnd();
  }),
];
