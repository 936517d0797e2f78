import { isDeepStrictEqual } from "node:util";
import { must } from "../../lib/verdict.ts";
import { type Case, group } from "../case.ts";
import type { Client } from "../client.ts";
import { describePacket, event } from "../wire/packets.ts";
import { bytes, MAGIC_NAMES, nestedJson, text } from "./samples.ts";

const makeSoon = group("hostile", "Bad input");

/** Much is sent here, and beside the other cases of this group. */
const make: typeof makeSoon = (name, sentence, run) => makeSoon(name, sentence, run, { timeoutMs: 10_000 });

/** Sends what a server may answer, drop or end the session for; whatever it does, it must not do anything else. */
async function survive(
  client: Client,
  messages: readonly (string | Buffer)[],
  ...args: readonly unknown[]
): Promise<void> {
  await client.carrier.sendAtRisk(...messages, ...event("/", ["message", "after"]));
  const expected = "the arguments, or nothing, or the end of the session";
  for (const answers of [[...args], ["after"]]) {
    const packet = await client.receive(expected);
    if (packet === undefined) return client.carrier.expectGone();
    if (isDeepStrictEqual(packet.data, ["message-back", "after"])) return;
    const right = isDeepStrictEqual(packet.data, ["message-back", ...answers]);
    must(right && packet.type === "event", expected, describePacket(packet));
  }
}

/** No object that is made from now on has the key. */
async function expectClean(client: Client, key: string): Promise<void> {
  const [polluted] = await client.request("/", "polluted", key);
  must(polluted === false, `no "${key}" in a new object`, JSON.stringify(polluted));
  await client.echo("/", {});
}

/** A copy without the keys that some servers drop. */
function withoutProto(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutProto);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([key]) => key !== "__proto__");
  return Object.fromEntries(entries.map(([key, item]) => [key, withoutProto(item)]));
}

const POLLUTIONS: readonly (readonly [name: string, json: string])[] = [
  ["proto", '{"__proto__":{"polluted":1},"a":1}'],
  ["proto-deep", '{"a":[{"__proto__":{"polluted":1}}]}'],
  ["proto-text", '{"__proto__":"polluted"}'],
  ["proto-null", '{"__proto__":null}'],
  ["constructor", '{"constructor":{"prototype":{"polluted":1}}}'],
  ["to-string", '{"toString":"polluted","hasOwnProperty":1,"valueOf":null}'],
];

const pollution: Case[] = [
  ...POLLUTIONS.flatMap(([name, json]) => [
    ...make(
      `${name}-in-event`,
      `Takes a payload with the keys of objects for data: ${name}.`,
      async (scene) => {
        const client = await scene.join();
        const value: unknown = JSON.parse(json);
        await client.send(`2["message",${json}]`);
        const packet = await client.next("the event back, with the key or without it");
        const [, got] = packet.data as unknown[];
        const right = [value, withoutProto(value)].some((one) => isDeepStrictEqual(got, one));
        must(right, json, JSON.stringify(got));
        await expectClean(client, "polluted");
      },
    ),
    ...make(`${name}-in-auth`, `Takes auth with the keys of objects for data: ${name}.`, async (scene) => {
      const client = await scene.open();
      await client.carrier.sendAtRisk(`0${json}`);
      for (const answer of ["the answer to CONNECT", "the auth"]) {
        if ((await client.receive(answer)) === undefined) break;
      }
      await expectClean(await scene.join(), "polluted");
    }),
    ...make(
      `${name}-with-attachment`,
      `Takes such a payload beside an attachment: ${name}.`,
      async (scene) => {
        const client = await scene.join();
        const head = `51-["message",${json},{"_placeholder":true,"num":0}]`;
        await client.carrier.sendAtRisk(head, bytes(3));
        await client.receive("the event back, or the end of the session");
        await expectClean(await scene.join(), "polluted");
      },
    ),
  ]),
  ...make("attachment-as-proto", "Makes no attachment the prototype of anything.", async (scene) => {
    const client = await scene.join();
    const head = '51-["message",{"__proto__":{"_placeholder":true,"num":0}}]';
    await client.carrier.sendAtRisk(head, bytes(3));
    await client.receive("the event back, or the end of the session");
    const next = await scene.join();
    await expectClean(next, "buffer");
    await expectClean(next, "_placeholder");
  }),
  ...MAGIC_NAMES.flatMap((name) => [
    ...make(`event-${name}`, `Ignores an event with the name "${name}".`, async (scene) => {
      const client = await scene.join();
      await client.send(`2["${name}",{"a":1}]`);
      await client.send(`25["${name}"]`);
      await client.echo("/", "after");
    }),
    ...make(`namespace-${name}`, `Knows no namespace with the name "/${name}".`, async (scene) => {
      const client = await scene.join();
      await client.send(`0/${name},`);
      await client.expectRefused(`/${name}`, { message: "Invalid namespace" });
      await client.echo("/", "after");
    }),
    ...make(`namespace-event-${name}`, `Ends a session with an event for "/${name}".`, async (scene) => {
      const client = await scene.join();
      await client.carrier.sendAtRisk(`2/${name},["message"]`);
      await client.expectEnd();
    }),
  ]),
];

const DEPTHS = [5000, 100_000];

const floods: Case[] = [
  ...make("deep-100", "Carries arrays in each other, 100 deep.", async (scene) => {
    const client = await scene.join();
    await client.echo("/", JSON.parse(nestedJson(100)));
    await client.echo("/", JSON.parse(nestedJson(100)), bytes(3));
  }),
  ...DEPTHS.flatMap((depth) => [
    ...make(`deep-${depth}`, `Survives arrays in each other, ${depth} deep.`, async (scene) => {
      const client = await scene.join();
      const json = nestedJson(depth);
      await client.carrier.sendAtRisk(`2["message",${json}]`, ...event("/", ["message", "after"]));
      const arrived = await client.carrier.next("the event back, or the next, or the end of the session");
      if (arrived === undefined) return client.carrier.expectGone();
      const back = arrived === `2["message-back",${json}]`;
      const after = arrived === '2["message-back","after"]';
      must(
        back || after,
        "the event back, or the next, or the end of the session",
        String(arrived).slice(0, 60),
      );
      if (back) await client.expectEvent("/", "message-back", "after");
    }),
    ...make(`deep-attachment-${depth}`, `Survives an attachment ${depth} deep.`, async (scene) => {
      const client = await scene.join();
      const json = '{"_placeholder":true,"num":0}';
      const deep = "[".repeat(depth) + json + "]".repeat(depth);
      await client.carrier.sendAtRisk(
        `51-["unheard",${deep}]`,
        bytes(3),
        ...event("/", ["message", "after"]),
      );
      const packet = await client.receive("the next event, or the end of the session");
      if (packet === undefined) return client.carrier.expectGone();
      must(
        isDeepStrictEqual(packet.data, ["message-back", "after"]),
        "the next event",
        describePacket(packet),
      );
    }),
  ]),
  ...make("long-event-name", "Survives an event's name of 500,000 characters.", async (scene) => {
    const client = await scene.join();
    await survive(client, event("/", [text(500_000)]));
  }),
  ...make("long-ack-id", "Survives an id of 100,000 digits.", async (scene) => {
    const client = await scene.join();
    await survive(client, [`2${"9".repeat(100_000)}["unheard"]`]);
  }),
  ...make("long-namespace", "Survives a namespace's name of 500,000 characters.", async (scene) => {
    const client = await scene.join();
    const namespace = `/${text(500_000).replaceAll(",", "")}`;
    await client.carrier.sendAtRisk(`0${namespace},`);
    const packet = await client.receive("a refusal, or the end of the session");
    if (packet === undefined) return client.carrier.expectGone();
    const refused = packet.type === "connect_error" && packet.namespace === namespace;
    must(refused, "a refusal, or the end of the session", describePacket(packet));
    await client.echo("/", "after");
  }),
  ...make("many-arguments", "Survives 100,000 arguments.", async (scene) => {
    const client = await scene.join();
    await survive(
      client,
      [`2["message"${",1".repeat(100_000)}]`],
      ...Array.from({ length: 100_000 }, () => 1),
    );
  }),
  ...make("many-keys", "Carries an object with 10,000 keys.", async (scene) => {
    const client = await scene.join();
    await client.echo("/", Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`key ${i}`, i])));
  }),
  ...make("many-unknown-namespaces", "Refuses 3,000 namespaces, or ends the session.", async (scene) => {
    const client = await scene.join();
    const names = Array.from({ length: 3000 }, (_, i) => `/unknown-${i}`);
    await client.carrier.sendAtRisk(...names.map((name) => `0${name},`));
    for (const name of names) {
      const packet = await client.receive(`a refusal of ${name}, or the end of the session`);
      if (packet === undefined) return client.carrier.expectGone();
      const refused = packet.type === "connect_error" && packet.namespace === name;
      must(refused, `a refusal of ${name}`, describePacket(packet));
    }
    await client.echo("/", "after");
  }),
  ...make(
    "many-unknown-acks",
    "Ignores 5,000 acknowledgements that nobody asked for, or ends the session.",
    async (scene) => {
      const client = await scene.join();
      await survive(
        client,
        Array.from({ length: 5000 }, (_, i) => `3${i}["a"]`),
      );
    },
  ),
  ...make(
    "many-ack-ids",
    "Takes 5,000 ids of acknowledgements that never come, or ends the session.",
    async (scene) => {
      const client = await scene.join();
      await survive(
        client,
        Array.from({ length: 5000 }, (_, i) => `2${i}["unheard"]`),
      );
    },
  ),
  ...make("many-rejoins", "Lets a session join and leave 100 times, or ends it.", async (scene) => {
    const client = await scene.join();
    for (let i = 0; i < 100; i++) {
      await client.send("0/custom,");
      const packet = await client.receive("the answer to CONNECT, or the end of the session");
      if (packet === undefined) return client.carrier.expectGone();
      must(packet.type === "connect", "the answer to CONNECT", describePacket(packet));
      await client.expectEvent("/custom", "auth", {});
      await client.send("1/custom,");
      await client.echo("/", i);
    }
  }),
];

/** What somebody sends who means harm: nobody else may suffer. */
export const hostilities: Case[] = [...pollution, ...floods];
