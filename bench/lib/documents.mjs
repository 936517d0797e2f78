/** Writes docs/benchmarks*.md: one section for each major version of Node, each replaced by a new run on it. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, release } from "node:os";
import { dirname, join } from "node:path";
import { root } from "./paths.mjs";
import { formatValue, verdictsOf } from "./results.mjs";
import { peerVersion, servers } from "./servers.mjs";

/**
 * @typedef {object} Document
 * @property {string} file
 * @property {string} preamble
 * @property {string} beside what the second table has
 * @property {readonly string[]} peers packages whose versions are named
 */

/** @type {Document} */
const WEBSOCKET = {
  file: join(root, "docs/benchmarks.md"),
  preamble: `# Benchmarks

Written by \`npm run bench:websocket\` (and \`npm run bench:websocket -- --node 26\`); [bench/README.md](../bench/README.md) says
how it measures. All servers of a table ran side by side in one run on one machine, the server on one core and the load on
another. A figure is what a message, a delivery or a connection cost the **server's process** in CPU time or memory: less is
better. Figures move with the machine; what counts are the ratios. *raw net* is \`node:net\` without WebSocket, the floor for
anything on Node; *Bun* is uWebSockets, written in C++.
`,
  beside: `Beside it, of the same rounds: the rate at which the work was done, the time to the echo (for a broadcast: to the last
delivery of a turn), and how much of its core the server used.`,
  peers: ["ws", "bun"],
};

/** @type {Document} */
const ENGINE = {
  file: join(root, "docs/benchmarks-engine.md"),
  preamble: `# Benchmarks: sessions

Written by \`npm run bench:engine\` (and \`npm run bench:engine -- --node 26\`); [bench/README.md](../bench/README.md) says how it
measures. Both servers of a row ran side by side in one run on one machine, the server on one core and the load on another, each
with its own defaults, and the clients speak plain Engine.IO v4 to both. A figure is what a message, a round trip or a session cost
the **server's process** in CPU time or memory: less is better. Figures move with the machine; what counts are the ratios.
*raw node:http* answers the same requests and does nothing else: the floor for polling on Node.

The rows of a single transport are ours alone, in a link; [the guide](guide/transports.md) has them in one table.
`,
  beside: `Beside it, of the same rounds: the rate at which the work was done, the time to the echo, and how much of its core the server
used. In the rows with a rate for each client the server is not meant to be busy.`,
  peers: ["engine.io"],
};

/** @type {Document} */
const SOCKETS = {
  file: join(root, "docs/benchmarks-sockets.md"),
  preamble: `# Benchmarks: events and rooms

Written by \`npm run bench:sockets\` (and \`npm run bench:sockets -- --node 26\`); [bench/README.md](../bench/README.md) says how it
measures. Both servers of a row ran side by side in one run on one machine, the server on one core and the load on another. They run
the same application, each with its own defaults, and the clients speak plain Socket.IO v5 over WebSocket to both. A figure is what a
message, a delivery or a connection cost the **server's process** in CPU time or memory: less is better. Figures move with the machine;
what counts are the ratios. *raw net* is \`node:net\` without WebSocket or sessions, the floor for anything on Node: where many
sockets get a write each, most of what is left is the kernel's.
`,
  beside: `Beside it, of the same rounds: the rate at which the work was done, the time to the echo (for a broadcast: to the last
delivery of a turn), and how much of its core the server used.`,
  peers: ["socket.io"],
};

/** @type {Document} */
const DELIVERY = {
  file: join(root, "docs/benchmarks-delivery.md"),
  preamble: `# Benchmarks: delivery

Written by \`npm run bench:delivery\` (and \`npm run bench:delivery -- --node 26\`); [bench/README.md](../bench/README.md) says how it
measures. All servers are ours and run the same application: without delivery, with a log in memory, with a log on disk. They ran side by side in one
run on one machine, the server on one core and the load on another. All clients ask for delivery; a server without it passes that over. A figure is what a delivery, an event
or a connection cost the **server's process** in CPU time or memory, in the row of the outbox the client's, too: less is better. Figures move with the machine; what counts
are the ratios to *ours*, the server without delivery. \`npm run bench:log\` measures the logs alone.
`,
  beside: `Beside it, of the same rounds: the rate at which the work was done, the time to the answer (for a broadcast: to the last
delivery of a turn), and how much of its core the server used.`,
  peers: [],
};

/** @param {import("./command.mjs").WholeRun} run */
export function writeDeliveryDocument(run) {
  return writeDocument(DELIVERY, run);
}

/** @param {import("./command.mjs").WholeRun} run */
export function writeWebSocketDocument(run) {
  return writeDocument(WEBSOCKET, run);
}

/** @param {import("./command.mjs").WholeRun} run */
export function writeEngineDocument(run) {
  return writeDocument(ENGINE, run);
}

/** @param {import("./command.mjs").WholeRun} run */
export function writeSocketsDocument(run) {
  return writeDocument(SOCKETS, run);
}

/**
 * What ran where, in one line.
 * @param {readonly string[]} peers
 * @param {number} rounds
 */
export function circumstances(peers, rounds) {
  const [year, month] = release().split(".");
  const date = new Date().toISOString().slice(0, 10);
  const machine = `${cpus().length} × ${cpus()[0]?.model.trim()} · Linux ${year}.${month}`;
  return [date, machine, ...peers.map(peerVersion), `median of ${rounds} rounds`].join(" · ");
}

/**
 * Puts a run's results into a document and returns its path.
 * @param {Document} document
 * @param {import("./command.mjs").WholeRun} run
 */
function writeDocument(document, run) {
  const { file, preamble } = document;
  const sections = existsSync(file) ? sectionsOf(readFileSync(file, "utf8")) : new Map();
  sections.set(run.nodeVersion.split(".")[0], sectionText(document, run));
  const ordered = [...sections].toSorted(([a], [b]) => Number(a) - Number(b));
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, [preamble, ...ordered.map(([, text]) => text)].join("\n"));
  return file;
}

/**
 * The sections that are there, by major version.
 * @param {string} document
 * @returns {Map<string, string>}
 */
function sectionsOf(document) {
  const starts = document.split(/^(?=## Node )/m).slice(1);
  return new Map(starts.map((text) => [/^## Node (\d+)/.exec(text)?.[1] ?? "", `${text.trimEnd()}\n`]));
}

/**
 * @param {Document} document
 * @param {import("./command.mjs").WholeRun} run
 */
function sectionText({ beside, peers }, { results, nodeVersion, rounds }) {
  const columns = Object.keys(servers).filter((id) => results.some(({ cells }) => cells.has(id)));
  return `## Node ${nodeVersion}

${circumstances(peers, rounds)}

${table(
  ["work", ...columns.map((id) => servers[id].title)],
  results.map((result) => figureLine(result, columns)),
)}

${table(["work", "who", "bar", ""], results.flatMap(verdictLines))}

${beside}

${table(["work", "who", "rate /s", "p50 µs", "p99 µs", "core", "spread of the figure"], results.flatMap(sideLines))}
`;
}

/**
 * @param {import("./results.mjs").Result} result
 * @param {readonly string[]} columns
 */
function figureLine({ row, cells }, columns) {
  const values = columns.map((id) => {
    const cell = cells.get(id);
    return cell !== undefined ? formatValue(cell.value) : cells.has(id) ? "not yet" : "–";
  });
  return [row.title, ...values];
}

/** @param {import("./results.mjs").Result} result */
function verdictLines(result) {
  return verdictsOf(result).map(({ server, text, met }) => {
    return [result.row.id, servers[server].title, text, met ? "✓" : "✗"];
  });
}

/** @param {import("./results.mjs").Result} result */
function sideLines({ row, cells }) {
  return [...cells].flatMap(([id, cell]) => {
    if (cell === undefined || row.figure !== "cpu_us") return [];
    const { rate = 0, p50_us: p50 = 0, p99_us: p99 = 0, busy = 0 } = cell.figures;
    const spread = `${formatValue(cell.least)}–${formatValue(cell.most)}`;
    const numbers = [rate, Math.round(p50), Math.round(p99)].map((n) => n.toLocaleString("en"));
    return [[row.id, servers[id].title, ...numbers, `${Math.round(busy * 100)} %`, spread]];
  });
}

/**
 * A table of Markdown.
 * @param {readonly string[]} head
 * @param {readonly (readonly string[])[]} lines
 */
export function table(head, lines) {
  return [head, head.map(() => "---"), ...lines].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
