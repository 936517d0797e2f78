/** What `npm run bench:engine` measures; works.mjs says what a work is. */

/** Short polling: milliseconds from poll to poll. */
export const POLL_EVERY_MS = 50;
/** The calm rows: milliseconds from message to message of a client, on average. */
export const CALM_EVERY_MS = 100;

const BESIDE = ["engine", "engineio"];
const WEBSOCKET = ["-e", "-u", "/engine.io/?EIO=4&transport=websocket"];

/** The transports, by the load's names for them. */
export const TRANSPORTS = [
  { id: "websocket", title: "WebSocket" },
  { id: "sse", title: "SSE" },
  { id: "long", title: "long polling" },
  { id: "short", title: `short polling, every ${POLL_EVERY_MS} ms` },
];

/** @type {readonly import("./works.mjs").Work[]} */
export const works = [
  {
    servers: BESIDE,
    server: [],
    load: [...WEBSOCKET, "-n", "50", "-P", "16", "-s", "20"],
    rows: [
      {
        id: "echo-websocket",
        title: "session on WebSocket: echo, 20 B, 16 in flight × 50 (µs/message)",
        figure: "cpu_us",
        bars: [{ peer: "engineio", factor: 1 / 4 }],
      },
    ],
  },
  {
    servers: ["http", ...BESIDE],
    server: [],
    load: ["--transport", "long", "-n", "100", "-s", "64"],
    program: "load-sessions/run.mjs",
    rows: [
      {
        id: "echo-polling",
        title:
          "session on long polling: POST, and the echo on the held GET, 64 B, 1 in flight × 100 (µs/round trip)",
        figure: "cpu_us",
        bars: [{ peer: "engineio", factor: 0.7 }],
      },
    ],
  },
  {
    servers: BESIDE,
    server: [],
    load: [...WEBSOCKET, "-m", "idle", "-n", "10000"],
    rows: [
      {
        id: "idle",
        title: "idle session on WebSocket, 10,000 held (KB of RSS each)",
        figure: "idle_kb",
        bars: [{ most: 6 }],
      },
      {
        id: "open",
        title: "opening a session on WebSocket, 10,000 from cold (µs)",
        figure: "accept_us",
        bars: [],
      },
    ],
  },
  ...TRANSPORTS.flatMap(({ id, title }) => [
    transportWork(
      `calm-${id}`,
      `${title}: echo, 64 B, 100 clients, ${1000 / CALM_EVERY_MS}/s each`,
      id,
      CALM_EVERY_MS,
    ),
    transportWork(`busy-${id}`, `${title}: echo, 64 B, 1 in flight × 100`, id, 0),
  ]),
];

/**
 * The same work over one transport, in a link, as our client speaks.
 * @param {string} id
 * @param {string} title
 * @param {string} transport
 * @param {number} every
 * @returns {import("./works.mjs").Work}
 */
function transportWork(id, title, transport, every) {
  const pace = ["--every", String(every), "--poll", String(POLL_EVERY_MS)];
  return {
    servers: ["engine"],
    server: [],
    load: ["--transport", transport, "--link", "-n", "100", "-s", "64", ...pace],
    program: "load-sessions/run.mjs",
    rows: [{ id, title: `${title} (µs/message)`, figure: "cpu_us", bars: [] }],
  };
}
