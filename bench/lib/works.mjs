/**
 * What `npm run bench:websocket` measures: each work is one load on one server, and gives one or more rows of the table.
 *
 * @typedef {{ peer: string, factor: number } | { most: number }} Bar
 *   At most so many times a peer's figure, or at most so much.
 * @typedef {object} Row
 * @property {string} id
 * @property {string} title
 * @property {"cpu_us" | "idle_kb" | "accept_us" | "stalled_ratio" | "stalled_kb"} figure which of the load generator's figures
 * @property {readonly Bar[]} bars
 * @typedef {object} Work
 * @property {readonly string[]} servers which of lib/servers.mjs take part
 * @property {readonly string[]} server arguments of the servers
 * @property {readonly string[]} load arguments of the load generator
 * @property {boolean} [deflate] the messages are compressed
 * @property {string} [program] the load, if it is not load/
 * @property {readonly Row[]} rows
 */

const ECHO = ["raw", "ours", "ws", "bun"];
const BROADCAST = ["raw", "ours", "prepared", "ws", "bun"];

/** @type {readonly Work[]} */
export const works = [
  {
    servers: ECHO,
    server: [],
    load: ["-n", "100", "-P", "1", "-s", "64"],
    rows: [
      {
        id: "echo-64",
        title: "echo, 64 B, 1 in flight × 100 (µs/message)",
        figure: "cpu_us",
        bars: [{ peer: "raw", factor: 1.15 }],
      },
    ],
  },
  {
    servers: ECHO,
    server: [],
    load: ["-n", "50", "-P", "16", "-s", "20"],
    rows: [
      {
        id: "echo-20",
        title: "echo, 20 B, 16 in flight × 50 (µs/message)",
        figure: "cpu_us",
        bars: [
          { peer: "bun", factor: 1.3 },
          { peer: "ws", factor: 1 / 7 },
        ],
      },
    ],
  },
  {
    servers: ECHO,
    server: [],
    load: ["-n", "50", "-P", "16", "-s", "1024"],
    rows: [
      {
        id: "echo-1k",
        title: "echo, 1 KiB, 16 in flight × 50 (µs/message)",
        figure: "cpu_us",
        bars: [
          { peer: "bun", factor: 1.5 },
          { peer: "ws", factor: 1 / 4 },
        ],
      },
    ],
  },
  {
    servers: ECHO,
    server: [],
    load: ["-n", "20", "-P", "4", "-s", "65536"],
    rows: [
      {
        id: "echo-64k",
        title: "echo, 64 KiB, 4 in flight × 20 (µs/message)",
        figure: "cpu_us",
        bars: [
          { peer: "bun", factor: 1.2 },
          { peer: "ws", factor: 1 },
        ],
      },
    ],
  },
  {
    servers: BROADCAST,
    server: ["--broadcast", "1"],
    load: ["-m", "fanout", "-n", "1000", "-s", "64", "-k", "1"],
    rows: [
      {
        id: "broadcast-1",
        title: "broadcast, 64 B to 1,000, 1 a turn (µs/delivery)",
        figure: "cpu_us",
        bars: [{ peer: "bun", factor: 1.15 }],
      },
    ],
  },
  {
    servers: BROADCAST,
    server: ["--broadcast", "10"],
    load: ["-m", "fanout", "-n", "1000", "-s", "64", "-k", "10"],
    rows: [
      {
        id: "broadcast-10",
        title: "broadcast, 64 B to 1,000, 10 a turn (µs/delivery)",
        figure: "cpu_us",
        bars: [
          { peer: "bun", factor: 1.25 },
          { peer: "ws", factor: 1 / 7 },
        ],
      },
    ],
  },
  {
    servers: ECHO,
    server: [],
    load: ["-m", "idle", "-n", "10000"],
    rows: [
      {
        id: "idle",
        title: "idle connection, 10,000 held (KB of RSS each)",
        figure: "idle_kb",
        bars: [{ most: 5.5 }],
      },
      {
        id: "accept",
        title: "accepting a connection, 10,000 from cold (µs)",
        figure: "accept_us",
        bars: [{ peer: "ws", factor: 0.8 }],
      },
    ],
  },
  {
    servers: ["ours", "ws", "bun"],
    server: ["--deflate"],
    load: ["-n", "50", "-P", "16"],
    deflate: true,
    rows: [
      {
        id: "deflate",
        title:
          "echo, 1 KiB of JSON, permessage-deflate with context takeover, 16 in flight × 50 (µs/message)",
        figure: "cpu_us",
        bars: [{ peer: "ws", factor: 1 }],
      },
    ],
  },
];
