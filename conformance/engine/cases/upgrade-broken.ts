import { type Case, group } from "../case.ts";
import type { EngineSocket } from "../engine-socket.ts";
import type { PollingSession } from "../polling-session.ts";
import type { Visit } from "../visit.ts";

const make = group("upgrade", "Upgrade");

/** What may not come first on the second transport, or after 3probe. */
const WRONG: readonly (readonly [
  name: string,
  packet: string | Buffer,
  when: "first" | "second" | "both",
])[] = [
  ["ping", "2", "both"],
  ["ping-other", "2probes", "both"],
  ["ping-cut", "2prob", "first"],
  ["pong", "3probe", "both"],
  ["message", "4hello", "both"],
  ["upgrade", "5", "first"],
  ["noop", "6", "both"],
  ["open", "0", "first"],
  ["close", "1", "both"],
  ["unknown", "7", "both"],
  ["letters", "probe", "first"],
  ["empty", "", "both"],
  ["binary", Buffer.from("2probe"), "both"],
];

/** The second transport is closed; the session stays where it was, and may try again. */
async function expectGivenUp(visit: Visit, session: PollingSession, socket: EngineSocket): Promise<void> {
  await socket.expectClosed();
  await session.echo("still here");
  session.expectQuiet();
  const next = await visit.probeAgain(session);
  await next.send("5");
  await next.echo("moved");
}

const wrong: Case[] = WRONG.flatMap(([name, packet, when]) => [
  ...(when === "second"
    ? []
    : [
        make(
          `first-${name}`,
          `Closes a second transport that does not begin with 2probe: ${name}.`,
          async (visit) => {
            const session = await visit.openPolling();
            const socket = await visit.enterFor(session);
            await socket.send(packet, "4not heard");
            await expectGivenUp(visit, session, socket);
          },
        ),
      ]),
  ...(when === "first"
    ? []
    : [
        make(
          `second-${name}`,
          `Closes a second transport that goes on with other than 5: ${name}.`,
          async (visit) => {
            const { session, socket } = await visit.openProbed();
            await socket.send(packet, "4not heard");
            await expectGivenUp(visit, session, socket);
          },
        ),
      ]),
]);

/** Ways in which the second transport may end by itself. */
const ENDS: readonly (readonly [name: string, end: (socket: EngineSocket) => Promise<void>])[] = [
  [
    "closed",
    async (socket) => {
      await socket.close();
      await socket.expectClosed();
    },
  ],
  ["broken-off", async (socket) => socket.destroy()],
];

const ended: Case[] = ENDS.flatMap(([name, end]) => [
  make(
    `${name}-before-probe`,
    `Stays on polling when the second transport is ${name} before it is probed.`,
    async (visit) => {
      const session = await visit.openPolling();
      await end(await visit.enterFor(session));
      await session.echo("still here");
    },
  ),
  make(
    `${name}-after-probe`,
    `Stays on polling when the second transport is ${name} after 3probe.`,
    async (visit) => {
      const { session, socket } = await visit.openProbed();
      await end(socket);
      await visit.barrier();
      const held = await session.hold();
      await session.send("4still here");
      await session.expectAnswer(held, "4still here");
    },
  ),
]);

const others: Case[] = [
  make(
    "second-socket-during",
    "Closes a second WebSocket while the first is moving, which goes on.",
    async (visit) => {
      const { session, socket } = await visit.openProbed();
      await visit.expectNoEntry({ sid: session.sid });
      await socket.send("5");
      await socket.echo("moved");
    },
  ),
  make(
    "second-socket-before-probe",
    "Closes a second WebSocket while the first has not been probed.",
    async (visit) => {
      const session = await visit.openPolling();
      const socket = await visit.enterFor(session);
      await visit.expectNoEntry({ sid: session.sid });
      await socket.send("2probe");
      await socket.expectPacket("3probe");
      await socket.send("5");
      await socket.echo("moved");
    },
  ),
  make("second-socket-after", "Closes a WebSocket for a session that has moved.", async (visit) => {
    const { socket, handshake } = await visit.openUpgraded();
    await visit.expectNoEntry({ sid: handshake.sid }, ["2probe"]);
    await socket.echo("still here");
  }),
  make(
    "second-socket-for-websocket",
    "Closes a WebSocket for a session that began on WebSocket.",
    async (visit) => {
      const { socket, handshake } = await visit.openSocket();
      await visit.expectNoEntry({ sid: handshake.sid }, ["2probe"]);
      await socket.echo("still here");
    },
  ),
  make(
    "closed-by-client-meanwhile",
    "Closes the second transport when the client closes on polling.",
    async (visit) => {
      const { session, socket } = await visit.openProbed();
      await session.send("1");
      await socket.expectClosed();
      await session.expectGone();
    },
  ),
  make("ended-meanwhile", "Closes the second transport when polling breaks the rules.", async (visit) => {
    const { session, socket } = await visit.openProbed();
    await (await session.startPost("nonsense")).end();
    await socket.expectClosed();
    await session.expectGone();
  }),
];

/** A move that is not made as it should be, and what must become of the session. */
export const brokenUpgrades: Case[] = [...wrong, ...ended, ...others];
