import { must } from "../../lib/verdict.ts";
import { type Case, group } from "../case.ts";
import { ack, describePacket, event } from "../wire/packets.ts";
import { ARGUMENTS, bytes } from "./samples.ts";

const make = group("acks", "Acknowledgement");

const IDS = [0, 1, 10, 13, 123_456, 2 ** 31, 2 ** 32, Number.MAX_SAFE_INTEGER];
const SOME = ARGUMENTS.filter(([name]) => ["none", "null", "many", "nested", "emoji"].includes(name));

const byServer: Case[] = [
  ...IDS.flatMap((id) =>
    make(`id-${id}`, `Acknowledges an event with the id ${id}.`, async (scene) => {
      const client = await scene.join();
      await client.send(...event("/", ["message-with-ack", "a"], id));
      await client.expectAck("/", id, "a");
    }),
  ),
  ...SOME.flatMap(([name, args]) =>
    make(`arguments-${name}`, `Carries an acknowledgement's arguments: ${name}.`, async (scene) => {
      const client = await scene.join("/custom");
      await client.send(...event("/custom", ["message-with-ack", ...args], 5));
      await client.expectAck("/custom", 5, ...args);
    }),
  ),
  ...make("id-too-large", "Does not acknowledge an id beyond 2^53 with another one.", async (scene) => {
    const client = await scene.join();
    const id = "9007199254740993";
    await client.carrier.sendAtRisk(`2${id}["message-with-ack"]`);
    const text = await client.carrier.next("an acknowledgement, or the end of the session");
    must(text === undefined || text === `3${id}[]`, `3${id}[], or the end of the session`, String(text));
  }),
  ...make("id-unused", "Takes an id that its listener has no use for.", async (scene) => {
    const client = await scene.join();
    await client.send('27["unheard"]');
    await client.echo("/", "after");
  }),
  ...make("id-again", "Acknowledges two events with the same id.", async (scene) => {
    const client = await scene.join();
    for (const word of ["first", "second"]) {
      await client.send(...event("/", ["message-with-ack", word], 3));
      await client.expectAck("/", 3, word);
    }
  }),
  ...make("once", "Sends an acknowledgement once.", async (scene) => {
    const client = await scene.join();
    await client.send('24["ack-twice"]');
    await client.expectAck("/", 4, "first");
    await client.echo("/", "after");
  }),
  ...make("together", "Acknowledges 1,000 events in one go, each by its id.", async (scene) => {
    const client = await scene.join();
    const ids = Array.from({ length: 1000 }, (_, i) => 5000 - i);
    await client.send(...ids.flatMap((id) => event("/", ["message-with-ack", id], id)));
    for (const id of ids) await client.expectAck("/", id, id);
  }),
  ...make("namespaces", "Tells the same id in two namespaces apart.", async (scene) => {
    const client = await scene.join();
    await client.connect("/custom");
    const messages = ["/custom", "/"].flatMap((name) => event(name, ["message-with-ack", name], 1));
    await client.send(...messages);
    await client.expectAck("/custom", 1, "/custom");
    await client.expectAck("/", 1, "/");
  }),
  ...make("without-id", "Acknowledges nothing that did not ask for it.", async (scene) => {
    const client = await scene.join();
    await client.emit("/", "ask", "a");
    const id = await client.expectRequest("/", "question", "a");
    await client.send(...ack("/", id, ["b"]));
    await client.expectEvent("/", "answered", "b");
    await client.echo("/", "after");
  }),
];

const byClient: Case[] = [
  ...SOME.flatMap(([name, args]) =>
    make(`answer-${name}`, `Hears a client's acknowledgement: ${name}.`, async (scene) => {
      const client = await scene.join("/custom");
      await client.emit("/custom", "ask", ...args);
      const id = await client.expectRequest("/custom", "question", ...args);
      await client.send(...ack("/custom", id, args));
      await client.expectEvent("/custom", "answered", ...args);
    }),
  ),
  ...make(
    "answer-binary",
    "Hears an acknowledgement with attachments, of a question with some.",
    async (scene) => {
      const client = await scene.join();
      await client.emit("/", "ask", bytes(3), "and", bytes(300));
      const id = await client.expectRequest("/", "question", bytes(3), "and", bytes(300));
      await client.send(...ack("/", id, ["yes", { file: bytes(4) }]));
      await client.expectEvent("/", "answered", "yes", { file: bytes(4) });
    },
  ),
  ...make(
    "answer-while-listening",
    "Hears an acknowledgement of a client that waits for events.",
    async (scene) => {
      const client = await scene.join();
      await client.carrier.listen();
      await client.emit("/", "ask", "a");
      const id = await client.expectRequest("/", "question", "a");
      await client.carrier.listen();
      await client.send(...ack("/", id, ["b"]));
      await client.expectEvent("/", "answered", "b");
    },
  ),
  ...make("answer-twice", "Hears an acknowledgement once.", async (scene) => {
    const client = await scene.join();
    await client.emit("/", "ask");
    const id = await client.expectRequest("/", "question");
    await client.send(...ack("/", id, ["one"]), ...ack("/", id, ["two"]));
    await client.expectEvent("/", "answered", "one");
    await client.send(...ack("/", id, ["three"]));
    await client.echo("/", "after");
  }),
  ...make("answers-reversed", "Hears acknowledgements in any order.", async (scene) => {
    const client = await scene.join();
    const ids: number[] = [];
    for (let i = 0; i < 5; i++) {
      await client.emit("/", "ask", i);
      ids.push(await client.expectRequest("/", "question", i));
    }
    must(new Set(ids).size === 5, "five ids", ids.join(", "));
    for (const [i, id] of [...ids.entries()].toReversed()) {
      await client.send(...ack("/", id, [i]));
      await client.expectEvent("/", "answered", i);
    }
  }),
  ...make("answer-elsewhere", "Hears no acknowledgement that comes in another namespace.", async (scene) => {
    const client = await scene.join();
    await client.connect("/custom");
    await client.emit("/", "ask");
    const id = await client.expectRequest("/", "question");
    await client.send(...ack("/custom", id, ["elsewhere"]));
    await client.send(...ack("/", id, ["here"]));
    await client.expectEvent("/", "answered", "here");
  }),
  ...make("answer-of-another", "Hears no acknowledgement that comes from another session.", async (scene) => {
    const [one, two] = [await scene.join(), await scene.join()];
    await one.emit("/", "ask");
    const id = await one.expectRequest("/", "question");
    await two.send(...ack("/", id, ["theirs"]));
    await two.echo("/", "after");
    await one.send(...ack("/", id, ["mine"]));
    await one.expectEvent("/", "answered", "mine");
  }),
  ...make(
    "unanswered",
    "Tells who asked with a timeout that no acknowledgement came, and hears none later.",
    async (scene) => {
      const client = await scene.join();
      await client.emit("/", "ask-briefly", "a");
      const id = await client.expectRequest("/", "question", "a");
      await client.expectEvent("/", "unanswered");
      await client.send(...ack("/", id, ["late"]));
      await client.echo("/", "after");
    },
  ),
  ...[0, 99, Number.MAX_SAFE_INTEGER].flatMap((id) =>
    make(
      `unknown-${id}`,
      `Ignores an acknowledgement with an id that it never gave: ${id}.`,
      async (scene) => {
        const client = await scene.join();
        await client.send(...ack("/", id, ["nobody asked"]));
        await client.echo("/", "after");
      },
    ),
  ),
  ...make(
    "unknown-binary",
    "Ignores an acknowledgement with attachments that nobody asked for.",
    async (scene) => {
      const client = await scene.join();
      await client.send(...ack("/", 7, [bytes(10)]));
      await client.echo("/", "after");
    },
  ),
  ...make("no-id", "Ignores an acknowledgement without an id, or ends the session.", async (scene) => {
    const client = await scene.join();
    await client.carrier.sendAtRisk('3["a"]', '2["message"]');
    const packet = await client.receive("the next message, or the end of the session");
    if (packet === undefined) return;
    const goesOn = packet.type === "event" && JSON.stringify(packet.data) === '["message-back"]';
    must(goesOn, "the next message, or the end of the session", describePacket(packet));
  }),
];

/** Acknowledgements both ways. */
export const acks: Case[] = [...byServer, ...byClient];
