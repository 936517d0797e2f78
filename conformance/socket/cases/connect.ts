import { must } from "../../lib/verdict.ts";
import { type Case, group } from "../case.ts";
import { text } from "./samples.ts";

const make = group("connect", "Connection to a namespace");

const AUTH = { token: "abc", nested: { list: [1, null, "🙂"] } };

/** Raw CONNECTs, where they lead and what comes as auth. */
const WAYS: readonly (readonly [name: string, packet: string, namespace: string, auth: object])[] = [
  ["main-bare", "0", "/", {}],
  ["main-by-name", "0/,", "/", {}],
  ["main-empty-auth", "0{}", "/", {}],
  ["main-auth", `0${JSON.stringify(AUTH)}`, "/", AUTH],
  ["custom-bare", "0/custom,", "/custom", {}],
  ["custom-without-comma", "0/custom", "/custom", {}],
  ["custom-empty-auth", "0/custom,{}", "/custom", {}],
  ["custom-auth", `0/custom,${JSON.stringify(AUTH)}`, "/custom", AUTH],
  ["auth-with-sid", '0{"sid":"mine"}', "/", { sid: "mine" }],
];

/** How clients join namespaces. */
export const connects: Case[] = [
  ...WAYS.flatMap(([name, packet, namespace, auth]) =>
    make(name, `Answers ${packet} with {sid}, and takes the auth as it is.`, async (scene) => {
      const client = await scene.open();
      await client.send(packet);
      await client.expectConnected(namespace, auth as Record<string, unknown>);
      await client.echo(namespace, "after");
    }),
  ),
  ...make("custom-only", "Joins nobody to the main namespace unasked.", async (scene) => {
    const client = await scene.join("/custom");
    await client.carrier.sendAtRisk('2["message"]');
    await client.expectEnd();
  }),
  ...make("sids-of-namespaces", "Gives a session a sid of its own in each namespace.", async (scene) => {
    const client = await scene.open();
    const sids = [await client.connect("/"), await client.connect("/custom"), await client.connect("/hall")];
    must(new Set(sids).size === 3, "three sids", sids.join(", "));
  }),
  ...make("sids-of-sessions", "Gives each session a sid of its own.", async (scene) => {
    const clients = [await scene.open(), await scene.open()];
    const sids = [await clients[0]!.connect(), await clients[1]!.connect()];
    must(sids[0] !== sids[1], "two sids", sids.join(", "));
  }),
  ...make("room-of-sid", "Puts a socket into a room with the name of its sid.", async (scene) => {
    const client = await scene.open();
    const sid = await client.connect();
    const [rooms] = await client.request("/", "rooms");
    must(JSON.stringify(rooms) === JSON.stringify([sid]), `only the room ${sid}`, JSON.stringify(rooms));
  }),
  ...make("large-auth", "Takes auth of 100,000 characters.", async (scene) => {
    await scene.join("/custom", { token: text(100_000) });
  }),
  ...make("late", "Joins a second namespace when the first has been used.", async (scene) => {
    const client = await scene.join();
    await client.echo("/", 1);
    await client.connect("/custom", { second: true });
    await client.echo("/custom", 2);
    await client.echo("/", 3);
  }),
];
