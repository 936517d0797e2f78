import { must } from "../../lib/verdict.ts";
import { type Case, closeTextOf, group } from "../case.ts";
import type { SocketSession, Visit } from "../visit.ts";
import { type Exchange, expectPayload } from "../wire/exchange.ts";
import { describePacket, TYPE } from "../wire/packets.ts";

const make = group("close", "Close");

const byClient: Case[] = [
  make(
    "polling-held",
    "Answers the held GET with a noop when the client closes, and forgets the session.",
    async (visit) => {
      const session = await visit.openPolling();
      const held = await session.hold();
      await session.send("1");
      await session.expectAnswer(held, "6");
      await session.expectGone();
    },
  ),
  make("polling-free", "Forgets the session when the client closes while no GET is held.", async (visit) => {
    const session = await visit.openPolling();
    await session.send("1");
    await session.expectGone();
  }),
  make("polling-behind-message", "Ends the session on a close packet behind a message.", async (visit) => {
    const session = await visit.openPolling();
    const held = await session.hold();
    await session.send("4last words", "1");
    const packets = expectPayload(await held.answer());
    // An echo may come too late for a client that has said that it goes.
    const right = ["4last words", "4last words,6", "6"].includes(packets.join());
    must(right, "the message, or a noop", packets.map(describePacket).join(" and "));
    await session.expectGone();
  }),
  make("polling-before-message", "Takes no message after the close in the same payload.", async (visit) => {
    const session = await visit.openPolling();
    const held = await session.hold();
    await session.send("1", "4too late");
    await session.expectAnswer(held, "6");
    await session.expectGone();
  }),
];

/** Sessions on WebSocket, and how they came there. */
const WAYS: readonly (readonly [name: string, open: (visit: Visit) => Promise<SocketSession>])[] = [
  ["websocket", (visit) => visit.openSocket()],
  ["upgraded", (visit) => visit.openUpgraded()],
];

const onWebSocket: Case[] = WAYS.flatMap(([name, open]) => [
  make(
    `${name}-packet`,
    `Closes the WebSocket on a close packet, and forgets the session. (${name})`,
    async (visit) => {
      const session = await open(visit);
      await session.socket.send("1", "4not heard");
      await session.socket.expectClosed();
      await visit.expectSocketGone(session);
    },
  ),
  make(`${name}-frame`, `Answers a close frame and forgets the session. (${name})`, async (visit) => {
    const session = await open(visit);
    await session.socket.close();
    await session.socket.expectCloseCode(1000);
    await visit.expectSocketGone(session);
  }),
  make(
    `${name}-frame-going-away`,
    `Answers a close frame of a page that goes away. (${name})`,
    async (visit) => {
      const session = await open(visit);
      await session.socket.close(1001);
      await session.socket.expectClosed();
      await visit.expectSocketGone(session);
    },
  ),
  make(`${name}-broken-off`, `Forgets a session whose WebSocket breaks off. (${name})`, async (visit) => {
    const session = await open(visit);
    session.socket.destroy();
    await visit.expectSocketGone(session);
  }),
  make(
    `${name}-behind-message`,
    `Answers a message before the close that follows it. (${name})`,
    async (visit) => {
      const session = await open(visit);
      await session.socket.send("4last words");
      await session.socket.close();
      await session.socket.expectPacket("4last words");
      await session.socket.expectClosed();
    },
  ),
  make(
    `${name}-by-server`,
    `Closes the WebSocket when the server closes, and forgets the session. (${name})`,
    async (visit) => {
      const closeText = closeTextOf(visit);
      const session = await open(visit);
      await session.socket.send(`4${closeText}`);
      await session.socket.expectClosed();
      await visit.expectSocketGone(session);
    },
  ),
]);

/** A GET that ends the session: a close packet comes last, and nothing but noops before it. */
async function expectLastPayload(exchange: Exchange): Promise<void> {
  const packets = expectPayload(await exchange.answer());
  const last = packets.filter((packet) => packet !== TYPE.noop && packet !== TYPE.ping);
  must(last.join() === TYPE.close, "a close packet", packets.map(describePacket).join(" and "));
}

const byServer: Case[] = [
  make(
    "server-polling-held",
    "Puts a close packet on the held GET when the server closes.",
    async (visit) => {
      const closeText = closeTextOf(visit);
      const session = await visit.openPolling();
      const held = await session.hold();
      await session.send(`4${closeText}`);
      await expectLastPayload(held);
      await session.expectGone();
    },
  ),
  make("server-polling-free", "Keeps the close packet for the next GET.", async (visit) => {
    const closeText = closeTextOf(visit);
    const session = await visit.openPolling();
    await session.send(`4${closeText}`);
    await expectLastPayload(await session.get());
    await session.expectGone();
  }),
  make("server-polling-behind-message", "Delivers what was sent before the server closed.", async (visit) => {
    const closeText = closeTextOf(visit);
    const session = await visit.openPolling();
    await session.send("4last words", `4${closeText}`);
    await session.expectPacket("4last words");
    await session.expectPacket("1");
    await session.expectGone();
  }),
  make(
    "server-upgrading",
    "Closes both transports when the server closes during an upgrade.",
    async (visit) => {
      const closeText = closeTextOf(visit);
      const session = await visit.openPolling();
      const socket = await visit.probe(session);
      await session.send(`4${closeText}`);
      const packet = await session.next();
      must(packet === TYPE.close, "a close packet", describePacket(packet));
      await socket.expectClosed();
      await session.expectGone();
    },
  ),
];

/** How sessions end, by the client and by the server. */
export const closings: Case[] = [...byClient, ...onWebSocket, ...byServer];
