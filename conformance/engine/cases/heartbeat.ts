import { setTimeout } from "node:timers/promises";
import { must, NotApplicable } from "../../lib/verdict.ts";
import { describe } from "../../lib/wire/describe.ts";
import { type Case, type CaseMaker, group } from "../case.ts";
import type { EngineSocket } from "../engine-socket.ts";
import type { PollingSession } from "../polling-session.ts";
import type { SocketSession, Visit } from "../visit.ts";
import { expectError, expectPayload } from "../wire/exchange.ts";
import type { Handshake } from "../wire/handshake.ts";
import { TYPE } from "../wire/packets.ts";

/** A timer may be early by its own resolution, and no more. */
const EARLY_MS = 5;
/** How late a deadline may show here, before the time scale: a busy machine is late on both sides. */
const LATE_MS = 150;
/** A longer heartbeat is not waited for. */
const LONGEST_MS = 4000;

const inGroup = group("heartbeat", "Heartbeat");
const make: CaseMaker = (name, sentence, run) =>
  inGroup(name, sentence, run, { timed: true, timeoutMs: 5 * LONGEST_MS });

function checkPatience({ pingInterval, pingTimeout }: Handshake): void {
  const total = pingInterval + pingTimeout;
  if (total > LONGEST_MS) {
    throw new NotApplicable(`pings and timeouts take ${total} ms: start the server with some hundred`);
  }
}

/**
 * That something came when it was due. `notBefore` is counted from what we sent, which came before the server's clock
 * started; `dueAt` from what we received, which came after. So our own delays never make a server look early.
 */
function expectOnTime(visit: Visit, what: string, at: number, notBefore: number, dueAt: number): void {
  const early = Math.round(notBefore - at);
  must(early <= EARLY_MS, `${what} no sooner than it is due`, `it ${early} ms early`);
  const late = Math.round(at - dueAt);
  const allowedMs = LATE_MS * visit.timeScale;
  must(late <= allowedMs, `${what} at most ${allowedMs} ms late`, `it ${late} ms late`);
}

async function openSilentSocket(visit: Visit): Promise<SocketSession> {
  const session = await visit.openSocket();
  session.socket.answersPings = false;
  checkPatience(session.handshake);
  return session;
}

interface Poller {
  session: PollingSession;
  openedAt: number;
}

async function openPoller(visit: Visit): Promise<Poller> {
  const session = await visit.openPolling();
  checkPatience(session.handshake);
  return { session, openedAt: performance.now() };
}

/** Waits with one GET for a ping. Gives when it came. */
async function pollForPing(session: PollingSession): Promise<number> {
  const exchange = await session.get();
  await session.expectAnswer(exchange, TYPE.ping);
  return performance.now();
}

/** Reads echoes until the WebSocket is closed. */
async function expectEndOfEchoes(socket: EngineSocket): Promise<{ at: number }> {
  for (;;) {
    const arrival = await socket.next("the end of the WebSocket");
    if (arrival.type === "close" || arrival.type === "end") return arrival;
    const isEcho = arrival.type === "text" && arrival.data.toString() === "4busy";
    must(isEcho, "the end of the WebSocket", describe(arrival));
  }
}

const onWebSocket: Case[] = [
  make("websocket-ping", "Sends a ping when the interval is over. (websocket)", async (visit) => {
    const { socket, handshake, askedAt, openedAt } = await openSilentSocket(visit);
    const at = await socket.expectPacket(TYPE.ping);
    const { pingInterval } = handshake;
    expectOnTime(visit, "the ping", at, askedAt + pingInterval, openedAt + pingInterval);
  }),
  make("websocket-timeout", "Closes when no pong comes in time. (websocket)", async (visit) => {
    const { socket, handshake, askedAt } = await openSilentSocket(visit);
    const pingAt = await socket.expectPacket(TYPE.ping);
    const { at } = await socket.expectClosed();
    const { pingInterval, pingTimeout, sid } = handshake;
    expectOnTime(visit, "the end", at, askedAt + pingInterval + pingTimeout, pingAt + pingTimeout);
    expectError(await visit.ask({ query: { sid } }), 1);
  }),
  make("websocket-pong-restarts", "Counts the interval anew from a pong. (websocket)", async (visit) => {
    const { socket, handshake } = await openSilentSocket(visit);
    await socket.expectPacket(TYPE.ping);
    await setTimeout(handshake.pingTimeout / 2);
    await socket.pong();
    const due = socket.pongedAt! + handshake.pingInterval;
    expectOnTime(visit, "the next ping", await socket.expectPacket(TYPE.ping), due, due);
  }),
  make(
    "websocket-beats",
    "Pings again and again, and lives as long as pongs come. (websocket)",
    async (visit) => {
      const { socket, handshake } = await openSilentSocket(visit);
      await socket.expectPacket(TYPE.ping);
      for (let beat = 0; beat < 3; beat++) {
        await socket.pong();
        const due = socket.pongedAt! + handshake.pingInterval;
        expectOnTime(visit, "the ping", await socket.expectPacket(TYPE.ping), due, due);
      }
      await socket.pong();
      await socket.echo("still here");
    },
  ),
  make(
    "websocket-messages-are-no-pong",
    "Closes where messages come and no pong. (websocket)",
    async (visit) => {
      const { socket, handshake } = await openSilentSocket(visit);
      const pingAt = await socket.expectPacket(TYPE.ping);
      const { pingTimeout } = handshake;
      const talk = new AbortController();
      const talking = (async () => {
        while (!talk.signal.aborted) {
          await socket.send("4busy");
          await setTimeout(pingTimeout / 10);
        }
      })();
      const { at } = await expectEndOfEchoes(socket).finally(() => talk.abort());
      await talking;
      // A message may give the client one more timeout, as engine.io does; not a life without pongs.
      expectOnTime(visit, "the end", at, pingAt, pingAt + 2 * pingTimeout);
    },
  ),
  make("websocket-busy", "Pings on time while messages go to and fro. (websocket)", async (visit) => {
    const { socket, handshake, askedAt, openedAt } = await openSilentSocket(visit);
    const { pingInterval } = handshake;
    for (;;) {
      await socket.send("4busy");
      const arrival = await socket.next("an echo or a ping");
      if (arrival.type === "text" && arrival.data.toString() === TYPE.ping) {
        return expectOnTime(visit, "the ping", arrival.at, askedAt + pingInterval, openedAt + pingInterval);
      }
      await setTimeout(pingInterval / 20);
    }
  }),
];

const onPolling: Case[] = [
  make(
    "polling-ping",
    "Puts the ping on the held GET when the interval is over. (polling)",
    async (visit) => {
      const { session, openedAt } = await openPoller(visit);
      const { pingInterval } = session.handshake;
      const at = await pollForPing(session);
      expectOnTime(visit, "the ping", at, session.countsFrom + pingInterval, openedAt + pingInterval);
    },
  ),
  make(
    "polling-timeout",
    "Closes the held GET with a close packet when no pong comes. (polling)",
    async (visit) => {
      const { session } = await openPoller(visit);
      const { pingTimeout } = session.handshake;
      const pingAt = await pollForPing(session);
      await session.expectAnswer(await session.get(), TYPE.close);
      expectOnTime(visit, "the end", performance.now(), session.livesUntil, pingAt + pingTimeout);
      expectError(await visit.ask({ query: { sid: session.sid } }), 1);
    },
  ),
  make(
    "polling-timeout-silent",
    "Forgets a session whose client never comes back. (polling)",
    async (visit) => {
      const { session } = await openPoller(visit);
      const latest = performance.now() + session.handshake.pingInterval + session.handshake.pingTimeout;
      await setTimeout(latest - performance.now() + LATE_MS * visit.timeScale);
      expectError(await visit.ask({ query: { sid: session.sid } }), 1);
    },
  ),
  make("polling-pong-restarts", "Counts the interval anew from a pong. (polling)", async (visit) => {
    const { session } = await openPoller(visit);
    await pollForPing(session);
    await setTimeout(session.handshake.pingTimeout / 2);
    await session.pong();
    const { pingInterval } = session.handshake;
    const pongedBy = performance.now();
    const at = await pollForPing(session);
    expectOnTime(visit, "the next ping", at, session.countsFrom + pingInterval, pongedBy + pingInterval);
  }),
  make(
    "polling-beats",
    "Pings again and again, and lives as long as pongs come. (polling)",
    async (visit) => {
      const { session } = await openPoller(visit);
      for (let beat = 0; beat < 3; beat++) {
        await pollForPing(session);
        await session.pong();
      }
      await session.echo("still here");
    },
  ),
  make("polling-ping-waits", "Keeps a ping for the next GET when none is held. (polling)", async (visit) => {
    const { session } = await openPoller(visit);
    const { pingInterval, pingTimeout } = session.handshake;
    await setTimeout(pingInterval + pingTimeout / 4);
    const exchange = await session.get();
    const packets = expectPayload(await exchange.answer());
    must(packets.includes(TYPE.ping), "a ping", packets.join(" and "));
    await session.pong();
    await session.echo("still here");
  }),
  make(
    "polling-get-is-no-pong",
    "Closes where the client asks but does not pong. (polling)",
    async (visit) => {
      const { session } = await openPoller(visit);
      await pollForPing(session);
      await session.send("4a");
      await session.expectPacket("4a");
      const exchange = await session.get();
      await session.expectAnswer(exchange, TYPE.close);
    },
  ),
];

/** Pings, pongs and their deadlines, on both transports. */
export const heartbeats: Case[] = [
  ...onWebSocket,
  ...onPolling,
  make("upgraded-ping", "Goes on pinging after an upgrade.", async (visit) => {
    const { socket, handshake } = await visit.openUpgraded();
    checkPatience(handshake);
    socket.answersPings = false;
    for (let beat = 0; beat < 2; beat++) {
      await socket.expectPacket(TYPE.ping);
      await socket.pong();
    }
    await socket.echo("still here");
  }),
  make("upgraded-timeout", "Closes when no pong comes after an upgrade.", async (visit) => {
    const { socket, handshake } = await visit.openUpgraded();
    checkPatience(handshake);
    socket.answersPings = false;
    const pingAt = await socket.expectPacket(TYPE.ping);
    const { at } = await socket.expectClosed();
    expectOnTime(visit, "the end", at, pingAt, pingAt + handshake.pingTimeout);
  }),
];
