import { type Case, group } from "../case.ts";
import { event } from "../wire/packets.ts";
import { bytes } from "./samples.ts";

const makeBoth = group("upgrade", "Packet encoding");

/** Begins on polling always. */
const make: typeof makeBoth = (name, sentence, run) =>
  makeBoth(name, sentence, run).filter(({ transport }) => transport === "polling");

/** What a session takes along when it moves to WebSocket. */
export const upgrades: Case[] = [
  ...make("sockets", "Keeps its sockets.", async (scene) => {
    const client = await scene.open();
    const sid = await client.connect();
    await client.connect("/custom");
    await client.upgrade();
    await client.echo("/", "main", bytes(3));
    await client.echo("/custom", "custom");
    const other = await scene.join();
    await other.request("/", "send", { from: "socket", to: [sid], except: [] }, "for you");
    await client.expectEvent("/", "sent", "for you");
  }),
  ...make("attachments-due", "Waits for attachments that come after the move.", async (scene) => {
    const client = await scene.join();
    const [head, first, second] = event("/", ["message", bytes(3), bytes(4)]);
    await client.send(head!, first!);
    await client.upgrade();
    await client.send(second!);
    await client.expectEvent("/", "message-back", bytes(3), bytes(4));
  }),
  ...make("waiting", "Delivers in order what was not fetched before the move.", async (scene) => {
    const client = await scene.join();
    for (let i = 0; i < 20; i++) await client.emit("/", "message", i, bytes(i));
    await client.upgrade();
    for (let i = 0; i < 20; i++) await client.expectEvent("/", "message-back", i, bytes(i));
    await client.echo("/", "after");
  }),
  ...make("first", "Joins after the move.", async (scene) => {
    const client = await scene.open();
    await client.upgrade();
    await client.connect("/custom", { token: "abc" });
    await client.echo("/custom", 1);
  }),
  ...make(
    "question",
    "Hears the acknowledgement of a question that it asked before the move.",
    async (scene) => {
      const client = await scene.join();
      await client.emit("/", "ask", 1);
      const id = await client.expectRequest("/", "question", 1);
      await client.upgrade();
      await client.send(`3${id}["yes"]`);
      await client.expectEvent("/", "answered", "yes");
    },
  ),
];
