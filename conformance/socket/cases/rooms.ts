import { must } from "../../lib/verdict.ts";
import { type Case, group } from "../case.ts";
import type { Client } from "../client.ts";
import type { Scene } from "../scene.ts";
import { event } from "../wire/packets.ts";
import { bytes, MAGIC_NAMES, text } from "./samples.ts";

const make = group("rooms", "Rooms");

interface Receivers {
  /** Default: socket, which is then not among them. */
  from?: "socket" | "namespace";
  to?: readonly string[];
  except?: readonly string[];
}

interface Course {
  namespace?: string;
  /** Who must get it. */
  gets: readonly Client[];
  /** Who must not. */
  misses: readonly Client[];
}

const ID = 900;

/** Has the server send to rooms. The sender hears of it last, so what others get is on its way by then. */
async function send(
  by: Client,
  { from = "socket", to = [], except = [] }: Receivers,
  { namespace = "/", gets, misses }: Course,
  ...args: readonly unknown[]
): Promise<void> {
  await by.send(...event(namespace, ["send", { from, to, except }, ...args], ID));
  if (gets.includes(by)) await by.expectEvent(namespace, "sent", ...args);
  await by.expectAck(namespace, ID);
  for (const client of gets) if (client !== by) await client.expectEvent(namespace, "sent", ...args);
  for (const client of [...gets, ...misses]) await client.echo(namespace, "nothing before this");
}

async function join(client: Client, rooms: string | readonly string[], namespace = "/"): Promise<void> {
  await client.request(namespace, "join", rooms);
}

/** Three clients: the first two are in the room. */
async function enter(scene: Scene, namespace = "/"): Promise<[Client, Client, Client]> {
  const clients = await scene.joinThree(namespace);
  for (const client of clients.slice(0, 2)) await join(client, scene.room, namespace);
  return clients;
}

/** Names of rooms, to which the case adds what makes them its own. */
const NAMES: readonly (readonly [name: string, room: string])[] = [
  ["with-comma", "a,b,"],
  ["with-slash", "/custom,"],
  ["unicode", "κόσμος 🙂 "],
  ["quotes", `"'\\`],
  ["long", text(5000)],
];

const choices: Case[] = [
  ...make("to-others", "Reaches the others in a room, and nobody else.", async (scene) => {
    const [a, b, c] = await enter(scene);
    await send(a, { to: [scene.room] }, { gets: [b], misses: [a, c] }, "news", 1);
  }),
  ...make("to-others-in-custom", "Reaches the others in a room of another namespace.", async (scene) => {
    const [a, b, c] = await enter(scene, "/custom");
    const course = { namespace: "/custom", gets: [b], misses: [a, c] };
    await send(a, { to: [scene.room] }, course, "news");
  }),
  ...make("to-all", "Reaches the sender too where the namespace sends.", async (scene) => {
    const [a, b, c] = await enter(scene);
    await send(a, { from: "namespace", to: [scene.room] }, { gets: [a, b], misses: [c] }, "news");
  }),
  ...make("from-outside", "Reaches a room whose member the sender is not.", async (scene) => {
    const [a, b, c] = await enter(scene);
    await send(c, { to: [scene.room] }, { gets: [a, b], misses: [c] }, "news");
  }),
  ...make("to-nobody", "Reaches nobody in a room that is empty.", async (scene) => {
    const [a, b, c] = await enter(scene);
    await send(
      a,
      { from: "namespace", to: [`${scene.room}-empty`] },
      { gets: [], misses: [a, b, c] },
      "news",
    );
  }),
  ...make("to-two-rooms", "Reaches the members of two rooms once.", async (scene) => {
    const [a, b, c] = await enter(scene);
    const other = `${scene.room}-other`;
    await join(b, other);
    await join(c, other);
    await send(a, { from: "namespace", to: [scene.room, other] }, { gets: [a, b, c], misses: [] }, "news");
  }),
  ...make("to-sid", "Reaches one socket by its sid.", async (scene) => {
    const client = await scene.open();
    const sid = await client.connect();
    const [a, b] = await enter(scene);
    await send(a, { to: [sid] }, { gets: [client], misses: [a, b] }, "for you");
  }),
  ...make("except", "Leaves out the members of a room.", async (scene) => {
    const [a, b, c] = await enter(scene);
    const other = `${scene.room}-other`;
    await join(c, scene.room);
    await join(c, other);
    const receivers = { to: [scene.room], except: [other] };
    await send(a, receivers, { gets: [b], misses: [a, c] }, "news");
  }),
  ...make("except-sid", "Leaves out one socket by its sid.", async (scene) => {
    const client = await scene.open();
    const sid = await client.connect();
    await join(client, scene.room);
    const [a, b] = await enter(scene);
    const receivers = { from: "namespace", to: [scene.room], except: [sid] } as const;
    await send(a, receivers, { gets: [a, b], misses: [client] }, "news");
  }),
  ...make("except-same", "Reaches nobody where a room is meant and left out.", async (scene) => {
    const [a, b, c] = await enter(scene);
    const receivers = { from: "namespace", to: [scene.room], except: [scene.room] } as const;
    await send(a, receivers, { gets: [], misses: [a, b, c] }, "news");
  }),
  ...make("binary", "Carries attachments to everyone in a room.", async (scene) => {
    const [a, b, c] = await enter(scene);
    await join(c, scene.room);
    const args = [bytes(3), { file: bytes(1000) }];
    await send(a, { from: "namespace", to: [scene.room] }, { gets: [a, b, c], misses: [] }, ...args);
  }),
  ...make("other-transport", "Reaches members on another transport.", async (scene) => {
    const [a, b] = await enter(scene);
    const other = await scene.open(scene.transport === "polling" ? "websocket" : "polling");
    await other.connect();
    await join(other, scene.room);
    const args = ["text 🙂", bytes(4)];
    await send(a, { from: "namespace", to: [scene.room] }, { gets: [a, b, other], misses: [] }, ...args);
  }),
];

const membership: Case[] = [
  ...make("list", "Knows the rooms of a socket.", async (scene) => {
    const client = await scene.open();
    const sid = await client.connect();
    const rooms = [`${scene.room}-1`, `${scene.room}-2`];
    await join(client, rooms);
    await join(client, rooms[0]!);
    const [got] = await client.request("/", "rooms");
    const expected = JSON.stringify([...rooms, sid].toSorted());
    must(JSON.stringify(got) === expected, expected, JSON.stringify(got));
  }),
  ...make("thousand", "Takes a socket into 1,000 rooms, and out of them when it leaves.", async (scene) => {
    const [a, b, c] = await scene.joinThree();
    const rooms = Array.from({ length: 1000 }, (_, i) => `${scene.room}-${i}`);
    await join(a, rooms);
    await join(b, rooms);
    await send(c, { to: rooms }, { gets: [a, b], misses: [c] }, "news");
    await scene.leave(b);
    await b.connect();
    await send(c, { to: rooms.slice(500) }, { gets: [a], misses: [b, c] }, "news");
  }),
  ...make("while-listening", "Reaches members that wait for events.", async (scene) => {
    const [a, b, c] = await enter(scene);
    for (const client of [b, c]) await client.carrier.listen();
    await a.request("/", "send", { from: "socket", to: [scene.room], except: [] }, "news", bytes(5));
    await b.expectEvent("/", "sent", "news", bytes(5));
    for (const client of [a, b, c]) await client.echo("/", "nothing before this");
  }),
  ...make("leave", "Reaches nobody who has left a room.", async (scene) => {
    const [a, b, c] = await enter(scene);
    await b.request("/", "leave", scene.room);
    await send(c, { to: [scene.room] }, { gets: [a], misses: [b, c] }, "news");
  }),
  ...make("leave-unjoined", "Takes leaving a room that one is not in.", async (scene) => {
    const [a, b, c] = await enter(scene);
    await c.request("/", "leave", scene.room);
    await send(c, { to: [scene.room] }, { gets: [a, b], misses: [c] }, "news");
  }),
  ...make("namespaces", "Keeps rooms of the same name in two namespaces apart.", async (scene) => {
    const [a, b, c] = await enter(scene);
    await c.connect("/custom");
    await join(c, scene.room, "/custom");
    await send(a, { to: [scene.room] }, { gets: [b], misses: [a, c] }, "news");
    await c.echo("/custom", "nothing before this");
  }),
  ...make("disconnect", "Takes who leaves the namespace out of its rooms.", async (scene) => {
    const [a, b, c] = await enter(scene);
    await scene.leave(b);
    await b.connect();
    await send(c, { to: [scene.room] }, { gets: [a], misses: [b, c] }, "news");
  }),
  ...make("kicked", "Takes who is sent away out of its rooms.", async (scene) => {
    const [a, b, c] = await enter(scene);
    await b.emit("/", "kick", false);
    await b.expectDisconnect("/");
    await b.connect();
    await send(c, { to: [scene.room] }, { gets: [a], misses: [b, c] }, "news");
  }),
  ...make("gone", "Goes on when a member's connection breaks off.", async (scene) => {
    const [a, b, c] = await enter(scene);
    await b.carrier.destroy();
    await send(c, { to: [scene.room] }, { gets: [a], misses: [c] }, "news");
    await b.carrier.expectGone();
    await send(c, { to: [scene.room] }, { gets: [a], misses: [c] }, "more news");
  }),
  ...NAMES.flatMap(([name, room]) =>
    make(`name-${name}`, `Takes any text for a room's name: ${name}.`, async (scene) => {
      const [a, b, c] = await scene.joinThree();
      const own = room + scene.room;
      await join(a, own);
      await join(b, own);
      await send(a, { to: [own] }, { gets: [b], misses: [a, c] }, "news");
    }),
  ),
  ...["", ...MAGIC_NAMES].flatMap((room) =>
    make(
      `name-${room || "empty"}`,
      `Takes "${room}" for a room's name as any other.`,
      async (scene) => {
        const [a, b, c] = await scene.joinThree("/hall");
        for (const client of [a, b]) await join(client, room, "/hall");
        const course = { namespace: "/hall", gets: [b], misses: [a, c] };
        await send(a, { to: [room] }, course, "news");
      },
      { alone: true },
    ),
  ),
];

const order: Case[] = [
  ...make("order", "Keeps the order of broadcasts and what is sent to one.", async (scene) => {
    const [a, b, c] = await enter(scene);
    await a.emit("/", "mixed", scene.room);
    for (const word of [1, 2, 3, 4, 5]) await a.expectEvent("/", "mixed-back", word);
    for (const word of [2, 4, "others"]) await b.expectEvent("/", "mixed-back", word);
    for (const client of [a, b, c]) await client.echo("/", "nothing before this");
  }),
  ...make("many", "Keeps the order of many broadcasts.", async (scene) => {
    const [a, b] = await enter(scene);
    const receivers = { from: "socket", to: [scene.room], except: [] };
    const numbers = Array.from({ length: 100 }, (_, i) => i);
    await a.send(...numbers.flatMap((i) => event("/", ["send", receivers, i, bytes(i % 3)], i)));
    for (const i of numbers) await b.expectEvent("/", "sent", i, bytes(i % 3));
    for (const i of numbers) await a.expectAck("/", i);
  }),
];

const everyone: Case[] = [
  ...make(
    "everyone",
    "Reaches everyone in a namespace.",
    async (scene) => {
      const [a, b, c] = await scene.joinThree("/hall");
      await send(a, { from: "namespace" }, { namespace: "/hall", gets: [a, b, c], misses: [] }, "news");
    },
    { alone: true },
  ),
  ...make(
    "everyone-else",
    "Reaches everyone in a namespace but the sender.",
    async (scene) => {
      const [a, b, c] = await scene.joinThree("/hall");
      await send(a, {}, { namespace: "/hall", gets: [b, c], misses: [a] }, "news", bytes(3));
    },
    { alone: true },
  ),
  ...make(
    "everyone-except",
    "Reaches everyone in a namespace but the members of a room.",
    async (scene) => {
      const [a, b, c] = await scene.joinThree("/hall");
      await join(c, scene.room, "/hall");
      const receivers = { from: "namespace", except: [scene.room] } as const;
      await send(a, receivers, { namespace: "/hall", gets: [a, b], misses: [c] }, "news");
    },
    { alone: true },
  ),
  ...make(
    "everyone-here",
    "Reaches nobody of another namespace.",
    async (scene) => {
      const [a, b] = await scene.joinThree("/hall");
      const other = await scene.join("/custom");
      await send(a, {}, { namespace: "/hall", gets: [b], misses: [a] }, "news");
      await other.echo("/custom", "nothing before this");
    },
    { alone: true },
  ),
];

/** Who gets what is sent to rooms. */
export const rooms: Case[] = [...choices, ...membership, ...order, ...everyone];
