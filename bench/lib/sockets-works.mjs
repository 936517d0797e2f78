/** What `npm run bench:sockets` measures; works.mjs says what a work is. Messages are written as in load/wsload.c: % is the letters. */

const BESIDE = ["raw", "sockets", "socketio"];
const SOCKETS = ["-c", "-u", "/socket.io/?EIO=4&transport=websocket"];

const ECHO = ["-t", '2["echo","%"]'];
const ASK = ["-t", '20["echo","%"]', "-x", '30["%"]'];
const BINARY_ECHO = ["-t", '51-["echo",{"_placeholder":true,"num":0}]', "-a", "16384", "-s", "16384"];
const BROADCAST = ["-m", "fanout", "-t", '2["go"]', "-x", '2["news","%"]', "-s", "64"];

/** @type {readonly import("./works.mjs").Work[]} */
export const works = [
  work(
    [],
    [...ECHO, "-n", "100", "-P", "1", "-s", "64"],
    row("echo-64", "event and its echo, 64 B, 1 in flight × 100 (µs/message)", 0.6),
  ),
  work(
    [],
    [...ECHO, "-n", "50", "-P", "16", "-s", "20"],
    row("echo-20", "event and its echo, 20 B, 16 in flight × 50 (µs/message)", 1 / 4),
  ),
  work(
    [],
    [...ASK, "-n", "50", "-P", "16", "-s", "20"],
    row("ack-20", "event and its acknowledgement, 20 B, 16 in flight × 50 (µs/message)"),
  ),
  work(
    [],
    [...BINARY_ECHO, "-n", "20", "-P", "4"],
    row("binary-16k", "binary event and its echo, 16 KiB, 4 in flight × 20 (µs/message)", 0.7),
  ),
  work(
    ["--broadcast", "1", "--rooms", "1"],
    [...BROADCAST, "-n", "1000", "-k", "1"],
    row("broadcast-1", "event to a room of 1,000, 64 B, 1 a turn (µs/delivery)", 0.6),
  ),
  work(
    ["--broadcast", "10", "--rooms", "1"],
    [...BROADCAST, "-n", "1000", "-k", "10"],
    row("broadcast-10", "event to a room of 1,000, 64 B, 10 a turn (µs/delivery)", 1 / 6),
  ),
  work(
    ["--broadcast", "10", "--rooms", "1000"],
    [...BROADCAST, "-n", "10000", "-k", "10", "-g", "10"],
    row("rooms", "events to rooms of 10, 64 B, 10 a turn, to any of 1,000 rooms (µs/delivery)", 0.5),
  ),
  {
    servers: BESIDE,
    server: ["--rooms", "1"],
    load: [...SOCKETS, "-m", "idle", "-n", "10000"],
    rows: [
      {
        id: "idle",
        title: "idle connection in the main namespace and one room, 10,000 held (KB of RSS each)",
        figure: "idle_kb",
        bars: [{ most: 7 }],
      },
      {
        id: "connect",
        title: "connecting, from the handshake to CONNECT's answer, 10,000 from cold (µs)",
        figure: "accept_us",
        bars: [{ peer: "socketio", factor: 0.43 }],
      },
    ],
  },
];

/**
 * One load on all servers that gives one row.
 * @param {readonly string[]} server
 * @param {readonly string[]} load
 * @param {import("./works.mjs").Row} only
 * @returns {import("./works.mjs").Work}
 */
function work(server, load, only) {
  return { servers: BESIDE, server, load: [...SOCKETS, ...load], rows: [only] };
}

/**
 * A row of CPU time, at most so many times that of socket.io.
 * @param {string} id
 * @param {string} title
 * @param {number} [factor]
 * @returns {import("./works.mjs").Row}
 */
function row(id, title, factor) {
  const bars = factor === undefined ? [] : [{ peer: "socketio", factor }];
  return { id, title, figure: "cpu_us", bars };
}
