import { NotApplicable } from "../../lib/verdict.ts";
import { type Case, group } from "../case.ts";
import type { Client } from "../client.ts";
import type { Scene } from "../scene.ts";

const make = group("guarded", "Connection to a namespace");

const REFUSED = { message: "Not authorized", data: { code: "E_TOKEN", retry: false } };
const TOKEN = { token: "open sesame" };

/** A session in the main namespace, where the server has middleware. */
async function enter(scene: Scene): Promise<Client> {
  if (scene.settings.guarded !== true) throw new NotApplicable("the server has no /guarded (--guarded)");
  return scene.join();
}

/** How middleware refuses. */
export const guards: Case[] = [
  ...make("with-data", "Tells the error's message and its data.", async (scene) => {
    const client = await enter(scene);
    await client.send("0/guarded,");
    await client.expectRefused("/guarded", REFUSED);
    await client.echo("/", "after");
  }),
  ...make("without-data", "Tells the message alone of an error that has no data.", async (scene) => {
    const client = await enter(scene);
    await client.send('0/guarded,{"token":"bare"}');
    await client.expectRefused("/guarded", { message: "Not authorized" });
  }),
  ...make("let-in", "Lets in who has the right auth.", async (scene) => {
    const client = await enter(scene);
    await client.connect("/guarded", TOKEN);
    await client.echo("/guarded", "inside");
  }),
  ...make("second-try", "Lets in who was refused before.", async (scene) => {
    const client = await enter(scene);
    await client.send('0/guarded,{"token":"wrong"}');
    await client.expectRefused("/guarded", REFUSED);
    await client.connect("/guarded", TOKEN);
    await client.echo("/guarded", "inside");
  }),
  ...make("event-after", "Ends a session with an event where it was refused.", async (scene) => {
    const client = await enter(scene);
    await client.send("0/guarded,");
    await client.expectRefused("/guarded", REFUSED);
    await client.carrier.sendAtRisk('2/guarded,["message"]');
    await client.expectEnd();
  }),
  ...make(
    "hears-nothing",
    "Sends nothing to who was refused.",
    async (scene) => {
      const outside = await enter(scene);
      await outside.send("0/guarded,");
      await outside.expectRefused("/guarded", REFUSED);
      const inside = await scene.join("/guarded", TOKEN);
      const receivers = { from: "socket", to: [], except: [] };
      await inside.request("/guarded", "send", receivers, "news");
      await outside.echo("/", "nothing before this");
    },
    { alone: true },
  ),
];
