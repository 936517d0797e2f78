import { type Case, group } from "../case.ts";
import { event } from "../wire/packets.ts";
import { ARGUMENTS, text } from "./samples.ts";

const make = group("events", "Sending and receiving data");

/** Other ways to write the same packet. */
const SPELLINGS: readonly (readonly [name: string, packet: string, args: readonly unknown[]])[] = [
  ["spaces", '2[ "message" ,\t1 ,\n[ ] ]', [1, []]],
  ["escapes", '2["\\u006dessage","\\ud83d\\ude42\\/"]', ["🙂/"]],
  ["main-by-name", '2/,["message",1]', [1]],
  ["exponents", '2["message",1e2,1E-2]', [100, 0.01]],
  ["double-keys", '2["message",{"a":1,"a":2}]', [{ a: 2 }]],
];

const SIZES = [1000, 65_530, 65_536, 200_000];

/** Where the event of this number goes. */
function place(i: number): string {
  return i % 3 === 0 ? "/" : "/custom";
}

/** Events both ways. */
export const events: Case[] = [
  ...ARGUMENTS.flatMap(([name, args]) =>
    make(`arguments-${name}`, `Carries an event's arguments: ${name}.`, async (scene) => {
      const client = await scene.join();
      await client.echo("/", ...args);
    }),
  ),
  ...SPELLINGS.flatMap(([name, packet, args]) =>
    make(`spelling-${name}`, `Reads other ways to write an event: ${name}.`, async (scene) => {
      const client = await scene.join();
      await client.send(packet);
      await client.expectEvent("/", "message-back", ...args);
    }),
  ),
  ...SIZES.flatMap((size) =>
    make(`text-${size}`, `Carries a text of ${size} characters.`, async (scene) => {
      const client = await scene.join("/custom");
      await client.echo("/custom", text(size));
      await client.echo("/custom", "é".repeat(size / 2));
    }),
  ),
  ...make("number-as-name", "Takes a number for the name of an event.", async (scene) => {
    const client = await scene.join();
    await client.send('2[7,"args"]');
    await client.expectEvent("/", "seven-back", "args");
  }),
  ...["1.5", "-1", "8", "1e400", '"unknown"', '""', '"🙂"', '"error"', '"connection"'].flatMap((name) =>
    make(
      `unheard-${name.replace(/"/g, "") || "empty"}`,
      `Ignores an event that nobody listens to: ${name}.`,
      async (scene) => {
        const client = await scene.join();
        await client.send(`2[${name},1]`);
        await client.echo("/", "after");
      },
    ),
  ),
  ...make("together", "Takes 500 events in one go, in their order.", async (scene) => {
    const client = await scene.join();
    const numbers = Array.from({ length: 500 }, (_, i) => i);
    await client.send(...numbers.flatMap((i) => event("/", ["message", i])));
    for (const i of numbers) await client.expectEvent("/", "message-back", i);
  }),
  ...make("counted", "Keeps the order of what it sends.", async (scene) => {
    const client = await scene.join();
    await client.emit("/", "count", 300);
    for (let i = 0; i < 300; i++) await client.expectEvent("/", "counted", i);
  }),
  ...make("namespaces", "Keeps two namespaces of a session apart, and their order.", async (scene) => {
    const client = await scene.join();
    await client.connect("/custom");
    const numbers = Array.from({ length: 50 }, (_, i) => i);
    await client.send(...numbers.flatMap((i) => event(place(i), ["message", i])));
    for (const i of numbers) await client.expectEvent(place(i), "message-back", i);
  }),
  ...make("sessions", "Keeps two sessions apart.", async (scene) => {
    const [one, two] = [await scene.join(), await scene.join()];
    await Promise.all([one.echo("/", "one"), two.echo("/", "two")]);
    await Promise.all([one.echo("/", "one again"), two.echo("/", "two again")]);
  }),
  ...make("volatile", "Sends a volatile event to a client that waits for it.", async (scene) => {
    const client = await scene.join();
    await client.carrier.listen();
    await client.emit("/", "volatile", 1, "two");
    await client.expectEvent("/", "volatile-back", 1, "two");
    await client.echo("/", "after");
  }),
];
