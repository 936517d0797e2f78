import { must } from "../../lib/verdict.ts";
import { type Case, group } from "../case.ts";
import { ack, describePacket, event } from "../wire/packets.ts";
import { bytes } from "./samples.ts";

const make = group("binary", "Sending and receiving data, with binary");

const place = (num: unknown): string => JSON.stringify({ _placeholder: true, num });

/** As many as stock clients take (parser 4.2.6). */
const MOST = 10;

const ARGUMENTS: readonly (readonly [name: string, args: readonly unknown[]])[] = [
  ["of-0", [bytes(0)]],
  ["of-1", [bytes(1)]],
  ["of-256", [bytes(256)]],
  ["of-65536", [bytes(65_536)]],
  ["of-300000", [bytes(300_000)]],
  ["like-text", [Buffer.from('42["message"]')]],
  ["three", [bytes(1), "between", bytes(2), null, bytes(3)]],
  ["most", Array.from({ length: MOST }, (_, i) => bytes(i))],
  ["same-twice", [bytes(5), bytes(5)]],
  ["in-object", [{ name: "a", file: bytes(5), more: { inner: bytes(6) } }]],
  ["in-array", [[1, [bytes(5), [bytes(6)]]]]],
  ["among-all", ["a", 1, null, true, { b: [bytes(7)] }, "🙂"]],
];

const messages: Case[] = [
  ...ARGUMENTS.flatMap(([name, args]) => [
    ...make(`event-${name}`, `Carries attachments of an event: ${name}.`, async (scene) => {
      const client = await scene.join();
      await client.echo("/", ...args);
      await client.echo("/", "after");
    }),
    ...make(`ack-${name}`, `Carries attachments of an acknowledgement: ${name}.`, async (scene) => {
      const client = await scene.join("/custom");
      await client.send(...event("/custom", ["message-with-ack", ...args], 15));
      await client.expectAck("/custom", 15, ...args);
    }),
  ]),
  ...make(
    "places-reversed",
    "Puts attachments by their numbers, not by their order in the text.",
    async (scene) => {
      const client = await scene.join();
      await client.send(`52-["message",${place(1)},${place(0)}]`, bytes(3), bytes(4));
      await client.expectEvent("/", "message-back", bytes(4), bytes(3));
    },
  ),
  ...make("one-by-one", "Waits for attachments that come later.", async (scene) => {
    const client = await scene.join();
    const [head, ...attachments] = event("/", ["message", bytes(1), bytes(2), bytes(3)]);
    await client.send(head!);
    for (const attachment of attachments) await client.send(attachment);
    await client.expectEvent("/", "message-back", bytes(1), bytes(2), bytes(3));
  }),
  ...make("two-sessions", "Keeps the attachments of two sessions apart.", async (scene) => {
    const [one, two] = [await scene.join(), await scene.join()];
    await one.send(`51-["message",${place(0)}]`);
    await two.send(`51-["message",${place(0)}]`, Buffer.from("two"));
    await two.expectEvent("/", "message-back", Buffer.from("two"));
    await one.send(Buffer.from("one"));
    await one.expectEvent("/", "message-back", Buffer.from("one"));
  }),
  ...make("two-namespaces", "Keeps the attachments of two namespaces apart.", async (scene) => {
    const client = await scene.join();
    await client.connect("/custom");
    const both = ["/", "/custom"].flatMap((name) => event(name, ["message", Buffer.from(name)]));
    await client.send(...both);
    await client.expectEvent("/", "message-back", Buffer.from("/"));
    await client.expectEvent("/custom", "message-back", Buffer.from("/custom"));
  }),
  ...make("together", "Takes 100 events with attachments in one go, among others.", async (scene) => {
    const client = await scene.join();
    const all = Array.from({ length: 100 }, (_, i) => (i % 4 === 0 ? [i] : [i, bytes(i)]));
    await client.send(...all.flatMap((args) => event("/", ["message", ...args])));
    for (const args of all) await client.expectEvent("/", "message-back", ...args);
  }),
  ...make(
    "pong-between",
    "Takes a packet of the engine between a text and its attachment.",
    async (scene) => {
      const client = await scene.join();
      await client.send(`51-["message",${place(0)}]`);
      await client.carrier.pong();
      await client.send(bytes(4));
      await client.expectEvent("/", "message-back", bytes(4));
    },
  ),
  ...make("none", "Takes an event that announces 0 attachments as complete.", async (scene) => {
    const client = await scene.join();
    await client.carrier.sendAtRisk('50-["message","a"]');
    await client.expectEvent("/", "message-back", "a");
    await client.echo("/", "after");
  }),
  ...make(
    "none-in-ack",
    "Takes an acknowledgement that announces 0 attachments as complete.",
    async (scene) => {
      const client = await scene.join();
      await client.emit("/", "ask");
      const id = await client.expectRequest("/", "question");
      await client.carrier.sendAtRisk(`60-${id}["a"]`);
      await client.expectEvent("/", "answered", "a");
    },
  ),
  ...make("unheard", "Ignores an event with attachments that nobody listens to.", async (scene) => {
    const client = await scene.join();
    await client.emit("/", "unheard", bytes(3), bytes(4));
    await client.echo("/", bytes(5));
  }),
];

/** Numbers of places that leave a choice: each gets its attachment, or the session ends. */
const CHOICES: readonly (readonly [name: string, head: string, args: readonly unknown[]])[] = [
  ["place-twice", `51-["message",${place(0)},${place(0)}]`, [bytes(0), bytes(0)]],
  ["place-unused", `52-["message",${place(1)}]`, [bytes(1)]],
  ["no-place", `51-["message","a"]`, ["a"]],
];

const choices: Case[] = CHOICES.flatMap(([name, head, args]) =>
  make(name, `Puts attachments where they belong, or ends the session: ${name}.`, async (scene) => {
    const client = await scene.join();
    const count = Number(head[1]);
    await client.carrier.sendAtRisk(head, ...Array.from({ length: count }, (_, i) => bytes(i)));
    const packet = await client.receive("the arguments, or the end of the session");
    if (packet === undefined) return client.carrier.expectGone();
    const expected = {
      type: "event",
      namespace: "/",
      id: undefined,
      data: ["message-back", ...args],
    } as const;
    const got = describePacket(packet);
    must(got === describePacket(expected), `${describePacket(expected)}, or the end of the session`, got);
  }),
);

const answers: Case[] = [
  ...make("question", "Asks with attachments for an acknowledgement.", async (scene) => {
    const client = await scene.join("/custom");
    await client.emit("/custom", "ask", { a: bytes(9) });
    const id = await client.expectRequest("/custom", "question", { a: bytes(9) });
    await client.send(...ack("/custom", id, []));
    await client.expectEvent("/custom", "answered");
  }),
  ...make("close-while-due", "Forgets a session that goes while attachments are due.", async (scene) => {
    const client = await scene.join();
    await client.send(`52-["message",${place(0)},${place(1)}]`, bytes(3));
    await client.carrier.close();
    await client.carrier.expectGone();
  }),
  ...make(
    "break-while-due",
    "Forgets a session that breaks off while attachments are due.",
    async (scene) => {
      const client = await scene.join();
      await client.send(`51-["message",${place(0)}]`);
      await client.carrier.destroy();
      await client.carrier.expectGone();
    },
  ),
];

/** Events and acknowledgements with attachments. */
export const binaries: Case[] = [...messages, ...choices, ...answers];
