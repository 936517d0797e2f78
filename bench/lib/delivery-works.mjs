/** What `npm run bench:delivery` measures; works.mjs says what a work is. All clients ask for delivery; a server without it passes that over. */

const BESIDE = ["sockets", "memory", "disk"];
const SOCKETS = ["-c", "-u", "/socket.io/?EIO=4&transport=websocket&delivery=1"];
const BROADCAST = ["-m", "fanout", "-t", '2["go"]', "-x", '2["news","%"]', "-s", "64", "-n", "1000"];

/** @type {readonly import("./works.mjs").Work[]} */
export const works = [
  {
    servers: BESIDE,
    server: ["--broadcast", "1", "--rooms", "1"],
    load: [...SOCKETS, ...BROADCAST, "-k", "1"],
    rows: [row("broadcast-1", "event to a room of 1,000, 64 B, 1 a turn (µs/delivery)", 1.3)],
  },
  {
    servers: BESIDE,
    server: ["--broadcast", "10", "--rooms", "1"],
    load: [...SOCKETS, ...BROADCAST, "-k", "10"],
    rows: [row("broadcast-10", "event to a room of 1,000, 64 B, 10 a turn (µs/delivery)", 1.3)],
  },
  {
    servers: BESIDE,
    server: [],
    load: [],
    program: "load-sockets/run.mjs",
    rows: [
      row(
        "outbox-64",
        "event of a client and its acknowledgement, 64 in flight, server and client (µs/event)",
        1.5,
      ),
    ],
  },
  {
    servers: BESIDE,
    server: ["--ticks"],
    load: [],
    program: "load-stalled/run.mjs",
    rows: [
      {
        id: "stalled",
        title:
          "p99 of 990 readers while 10 others have stopped reading, in times of what it was before (×); of each second, the middle one",
        figure: "stalled_ratio",
        bars: [{ most: 1.1 }],
      },
      {
        id: "stalled-memory",
        title: "memory that each of those 10 holds, after the sixth second (KB)",
        figure: "stalled_kb",
        bars: [],
      },
    ],
  },
  {
    servers: BESIDE,
    server: ["--rooms", "1"],
    load: [...SOCKETS, "-m", "idle", "-n", "10000"],
    rows: [
      {
        id: "idle",
        title: "idle connection that can come back, in one room, 10,000 held (KB of RSS each)",
        figure: "idle_kb",
        bars: [{ most: 9 }],
      },
      {
        id: "connect",
        title: "connecting, from the handshake to CONNECT's answer, 10,000 from cold (µs)",
        figure: "accept_us",
        bars: [],
      },
    ],
  },
];

/**
 * A row of CPU time, at most so many times that of a server without delivery.
 * @param {string} id
 * @param {string} title
 * @param {number} factor
 * @returns {import("./works.mjs").Row}
 */
function row(id, title, factor) {
  return { id, title, figure: "cpu_us", bars: [{ peer: "sockets", factor }] };
}
