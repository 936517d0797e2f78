import { must } from "../../lib/verdict.ts";
import { type Case, group } from "../case.ts";
import type { Client } from "../client.ts";
import type { Scene } from "../scene.ts";
import { describePacket, encode } from "../wire/packets.ts";

const make = group("leave", "Disconnection from a namespace");

async function joinBoth(scene: Scene): Promise<Client> {
  const client = await scene.join("/");
  await client.connect("/custom");
  return client;
}

/** The end of a session that the server closes; a DISCONNECT for each namespace may come before it. */
async function expectClosed(client: Client, ...namespaces: readonly string[]): Promise<void> {
  const open = new Set(namespaces);
  for (;;) {
    const packet = await client.receive("the end of the session");
    if (packet === undefined) return client.carrier.expectGone();
    const isFarewell = packet.type === "disconnect" && open.delete(packet.namespace);
    must(isFarewell, "the end of the session, or a DISCONNECT before it", describePacket(packet));
  }
}

/** Somebody who hears when a socket of the main namespace leaves, and why. */
async function watch(scene: Scene, sid: string): Promise<(...reasons: readonly string[]) => Promise<void>> {
  const watcher = await scene.join();
  await watcher.request("/", "join", `watch-${sid}`);
  return async (...reasons) => {
    const expected = `left, because of ${reasons.join(" or ")}`;
    const packet = await watcher.next(expected);
    const [name, who, reason] = packet.data as unknown[];
    must(
      name === "left" && who === sid && reasons.includes(String(reason)),
      expected,
      describePacket(packet),
    );
  };
}

const byClient: Case[] = [
  ...make("one-of-two", "Keeps the other namespace of a session that leaves one.", async (scene) => {
    const client = await joinBoth(scene);
    await client.send("1/custom,");
    await client.echo("/", "still here");
  }),
  ...make(
    "main-of-two",
    "Keeps the other namespace of a session that leaves the main one.",
    async (scene) => {
      const client = await joinBoth(scene);
      await client.send("1");
      await client.echo("/custom", "still here");
    },
  ),
  ...make("without-comma", "Reads a DISCONNECT without a comma.", async (scene) => {
    const client = await joinBoth(scene);
    await client.send("1/custom");
    await client.echo("/", "still here");
    await client.carrier.sendAtRisk('2/custom,["message"]');
    await client.expectEnd();
  }),
  ...make("event-after", "Ends a session with an event for a namespace that it has left.", async (scene) => {
    const client = await joinBoth(scene);
    await scene.leave(client, "/custom");
    await client.carrier.sendAtRisk('2/custom,["message"]');
    await client.expectEnd();
  }),
  ...make("twice", "Ends a session that leaves twice.", async (scene) => {
    const client = await joinBoth(scene);
    await scene.leave(client, "/custom");
    await client.carrier.sendAtRisk("1/custom,");
    await client.expectEnd();
  }),
  ...make("last", "Keeps a session that leaves its last namespace, which may join again.", async (scene) => {
    const client = await scene.open();
    const before = await client.connect();
    await scene.leave(client);
    const after = await client.connect("/", { again: true });
    must(before !== after, "another sid", after);
    await client.echo("/", "back");
  }),
  ...make("rejoin", "Lets a session join again what it has left.", async (scene) => {
    const client = await joinBoth(scene);
    await scene.leave(client, "/custom");
    await client.connect("/custom");
    await client.echo("/custom", "back");
    await client.echo("/", "still here");
  }),
  ...make("rejoin-at-once", "Lets a session leave and join again in one go.", async (scene) => {
    const client = await joinBoth(scene);
    await client.send("1/custom,", "0/custom,");
    await client.expectConnected("/custom");
    await client.echo("/custom", "back");
  }),
  ...make("event-after-at-once", "Takes no event behind a DISCONNECT in the same go.", async (scene) => {
    const client = await joinBoth(scene);
    await client.carrier.sendAtRisk("1/custom,", '2/custom,["message"]');
    await client.expectEnd();
  }),
  ...make("behind-event", "Answers an event before the DISCONNECT behind it.", async (scene) => {
    const client = await joinBoth(scene);
    await client.send('2/custom,["message","last words"]', "1/custom,");
    await client.expectEvent("/custom", "message-back", "last words");
    await client.echo("/", "still here");
  }),
  ...make("unasked-ack", "Forgets what it waited for from a socket that left.", async (scene) => {
    const client = await scene.join();
    await client.emit("/", "ask");
    const id = await client.expectRequest("/", "question");
    await scene.leave(client);
    await client.connect();
    await client.send(`3${id}["of the one before"]`);
    await client.echo("/", "after");
  }),
  ...make("reason-client", "Says that the client left.", async (scene) => {
    const client = await scene.open();
    const expectLeft = await watch(scene, await client.connect());
    await client.send("1");
    await expectLeft("client namespace disconnect");
  }),
  ...make("reason-close", "Says that the client closed.", async (scene) => {
    const client = await scene.open();
    const expectLeft = await watch(scene, await client.connect());
    await client.carrier.close();
    await expectLeft("transport close");
  }),
  ...make("reason-broken-off", "Says that the connection broke off.", async (scene) => {
    const client = await scene.open();
    const expectLeft = await watch(scene, await client.connect());
    await client.carrier.destroy();
    await expectLeft("transport close", "transport error");
  }),
];

const byServer: Case[] = [
  ...make("kick-main", "Sends a DISCONNECT, and keeps the session.", async (scene) => {
    const client = await scene.join();
    await client.emit("/", "kick", false);
    await client.expectDisconnect("/");
    await client.connect();
    await client.echo("/", "back");
  }),
  ...make("kick-custom", "Sends a DISCONNECT, and keeps the other namespace.", async (scene) => {
    const client = await joinBoth(scene);
    await client.emit("/custom", "kick", false);
    await client.expectDisconnect("/custom");
    await client.echo("/", "still here");
    await client.connect("/custom");
    await client.echo("/custom", "back");
  }),
  ...make(
    "kick-in-flight",
    "Drops what was on its way when it sent a socket away, or ends the session.",
    async (scene) => {
      const client = await joinBoth(scene);
      await client.carrier.sendAtRisk(
        '2/custom,["kick",false]',
        '2/custom,["message"]',
        '2["message","after"]',
      );
      // What a session had not fetched when it ended is lost.
      for (const expected of ["1/custom,", '2["message-back","after"]']) {
        const packet = await client.receive(`${expected} or the end of the session`);
        if (packet === undefined) return client.carrier.expectGone();
        must(encode(packet)[0] === expected, `${expected} or the end of the session`, describePacket(packet));
      }
    },
  ),
  ...make("kick-close", "Ends the session where that is asked for.", async (scene) => {
    const client = await scene.join();
    await client.emit("/", "kick", true);
    await expectClosed(client, "/");
  }),
  ...make("kick-close-two", "Ends the session with all its namespaces.", async (scene) => {
    const client = await joinBoth(scene);
    await client.emit("/custom", "kick", true);
    await expectClosed(client, "/", "/custom");
  }),
  ...make("kick-while-listening", "Sends a DISCONNECT to a client that waits for events.", async (scene) => {
    const client = await scene.join();
    await client.carrier.listen();
    await client.emit("/", "kick", false);
    await client.expectDisconnect("/");
    await client.connect();
  }),
  ...make(
    "kick-close-while-listening",
    "Ends the session of a client that waits for events.",
    async (scene) => {
      const client = await scene.join();
      await client.carrier.listen();
      await client.emit("/", "kick", true);
      await expectClosed(client, "/");
    },
  ),
  ...make("kick-behind-events", "Delivers what was sent before the end.", async (scene) => {
    const client = await scene.join();
    await client.emit("/", "count", 20);
    await client.emit("/", "kick", false);
    for (let i = 0; i < 20; i++) await client.expectEvent("/", "counted", i);
    await client.expectDisconnect("/");
  }),
  ...make(
    "kick-close-behind-events",
    "Delivers what was sent before the end of the session.",
    async (scene) => {
      const client = await scene.join();
      await client.send('2["count",20]', '2["kick",true]');
      for (let i = 0; i < 20; i++) await client.expectEvent("/", "counted", i);
      await expectClosed(client, "/");
    },
  ),
  ...make("reason-server", "Says that the server sent it away.", async (scene) => {
    const client = await scene.open();
    const expectLeft = await watch(scene, await client.connect());
    await client.emit("/", "kick", false);
    await client.expectDisconnect("/");
    await expectLeft("server namespace disconnect");
  }),
];

/** How sockets leave their namespaces. */
export const leaves: Case[] = [...byClient, ...byServer];
