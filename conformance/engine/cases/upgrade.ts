import { must } from "../../lib/verdict.ts";
import { type Case, group } from "../case.ts";
import { describeAnswer, expectError, expectPayload } from "../wire/exchange.ts";
import { messagePacket, TYPE } from "../wire/packets.ts";
import { bytes } from "./samples.ts";

const make = group("upgrade", "Upgrade");

const numbered = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, i) => `4${from + i}`);

const course: Case[] = [
  make("moves", "Answers 2probe with 3probe and moves the session at 5.", async (visit) => {
    const { socket } = await visit.openUpgraded();
    await socket.echo("still here");
    socket.expectQuiet();
  }),
  make("noop", "Puts a noop on the held GET, so that the client can stop polling.", async (visit) => {
    const session = await visit.openPolling();
    const held = await session.hold();
    const socket = await visit.probe(session);
    await session.expectAnswer(held, "6");
    await socket.send("5");
    await socket.echo("moved");
  }),
  make("noop-again", "Puts a noop on every GET that is held until the session has moved.", async (visit) => {
    const { session, socket } = await visit.openProbed();
    for (let noops = 0; noops < 2;) {
      const packets = expectPayload(await (await session.get()).answer());
      // A short interval may end in between.
      if (packets.includes(TYPE.ping)) await session.pong();
      else must(packets.join() === TYPE.noop, "a noop", packets.join(" and "));
      noops += packets.filter((packet) => packet === TYPE.noop).length;
    }
    await socket.send("5");
    await socket.echo("moved");
  }),
  make("noop-not-before-probe", "Leaves the held GET alone until the probe comes.", async (visit) => {
    const session = await visit.openPolling();
    const held = await session.hold();
    await visit.enterFor(session);
    await visit.barrier();
    must(!held.over, "a held GET", "an answer before the probe");
    await session.send("4a");
    await session.expectAnswer(held, "4a");
  }),
  make("polling-meanwhile", "Carries messages on polling between 3probe and 5.", async (visit) => {
    const { session, socket } = await visit.openProbed();
    await session.echo("one");
    await session.echo(bytes(100));
    await socket.send("5");
    await socket.echo("three");
  }),
  make("get-after", "Answers a GET after 5 with 400.", async (visit) => {
    const { session, socket } = await visit.openProbed();
    await socket.send("5");
    await visit.barrier();
    expectError(await (await session.get()).answer(), 3);
    await socket.echo("still here");
  }),
  make("post-after", "Answers a POST after 5 with 400.", async (visit) => {
    const { session, socket } = await visit.openProbed();
    await socket.send("5");
    await visit.barrier();
    expectError(await session.post("4too late"), 3);
    await socket.echo("still here");
    socket.expectQuiet();
  }),
  make("held-at-5", "Ends a GET that is still held at 5.", async (visit) => {
    const { session, socket } = await visit.openProbed();
    const held = await session.get();
    await socket.send("5");
    const answer = await held.answer();
    must([200, 400].includes(answer.status), "HTTP 200 or 400", describeAnswer(answer));
    await socket.echo("moved");
  }),
  make("again", "Moves a session whose first try to move was given up.", async (visit) => {
    const { session, socket } = await visit.openProbed();
    await socket.close();
    await socket.expectClosed();
    const next = await visit.probeAgain(session);
    await next.send("5");
    await next.echo("moved");
  }),
];

const messages: Case[] = [
  make("messages-before", "Delivers on WebSocket what polling had not fetched.", async (visit) => {
    const session = await visit.openPolling();
    await session.send("4a", "4b");
    const socket = await visit.probe(session);
    await socket.send("5");
    await socket.expectPacket("4a");
    await socket.expectPacket("4b");
    await socket.echo("c");
  }),
  make("messages-during", "Delivers what comes between 3probe and 5 once and in order.", async (visit) => {
    const { session, socket } = await visit.openProbed();
    await session.send("4a", "4b");
    await session.expectPacket("4a");
    await session.expectPacket("4b");
    session.expectQuiet();
    await session.send("4c", "4d");
    await socket.send("5");
    await socket.expectPacket("4c");
    await socket.expectPacket("4d");
    await socket.echo("e");
  }),
  make("messages-with-5", "Takes messages that come in one segment with 5.", async (visit) => {
    const { socket } = await visit.openProbed();
    await socket.send("5", "4a", bytes(300), "4b");
    await socket.expectPacket("4a");
    await socket.expectBinary(bytes(300));
    await socket.expectPacket("4b");
  }),
  make("messages-all-along", "Carries 100 messages over the move once and in order.", async (visit) => {
    const session = await visit.openPolling();
    await session.send(...numbered(0, 20));
    for (const packet of numbered(0, 10)) await session.expectPacket(packet);
    const fetched = numbered(10, 20);
    for (const packet of fetched) await session.expectPacket(packet);
    const socket = await visit.probe(session);
    await session.send(...numbered(20, 40));
    for (const packet of numbered(20, 40)) await session.expectPacket(packet);
    await session.send(...numbered(40, 60));
    await socket.send("5", ...numbered(60, 100));
    for (const packet of numbered(40, 100)) await socket.expectPacket(packet);
    socket.expectQuiet();
  }),
  make("binary-before", "Carries binary over the move: base64 before, bytes after.", async (visit) => {
    const session = await visit.openPolling();
    await session.echo(bytes(10));
    await session.send(messagePacket(bytes(20)));
    const socket = await visit.probe(session);
    await socket.send("5");
    await socket.expectBinary(bytes(20));
    await socket.echo(bytes(30));
  }),
  make("binary-during", "Carries binary on polling while the move is on.", async (visit) => {
    const { session, socket } = await visit.openProbed();
    await session.echo(bytes(200));
    await socket.send("5");
    await socket.echo(bytes(300));
  }),
  make("large-before", "Delivers a large message that polling had not fetched.", async (visit) => {
    const session = await visit.openPolling();
    const message = messagePacket("x".repeat(Math.min(100_000, session.handshake.maxPayload - 1)));
    await session.send(message);
    const socket = await visit.probe(session);
    await socket.send("5");
    await socket.expectPacket(message);
  }),
];

/** The move from polling to WebSocket. */
export const upgrades: Case[] = [...course, ...messages];
