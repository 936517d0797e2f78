/** Writes docs/benchmarks.md: one section for each major version of Node, each replaced by a new run on it. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, release } from "node:os";
import { dirname, join } from "node:path";
import { root } from "./paths.mjs";
import { formatValue, verdictsOf } from "./results.mjs";
import { peerVersions, servers } from "./servers.mjs";

const FILE = join(root, "docs/benchmarks.md");

const PREAMBLE = `# Benchmarks

Written by \`npm run bench:websocket\` (and \`npm run bench:websocket -- --node 26\`); [bench/README.md](../bench/README.md) says
how it measures. All servers of a table ran side by side in one run on one machine, the server on one core and the load on
another. A figure is what a message, a delivery or a connection cost the **server's process** in CPU time or memory: less is
better. Figures move with the machine; what counts are the ratios. *raw net* is \`node:net\` without WebSocket, the floor for
anything on Node; *Bun* is uWebSockets, written in C++.
`;

/**
 * Puts a run's results into the document.
 * @param {readonly import("./results.mjs").Result[]} results
 * @param {string} nodeVersion
 * @param {number} rounds
 */
export function writeDocument(results, nodeVersion, rounds) {
  const major = nodeVersion.split(".")[0];
  const sections = existsSync(FILE) ? sectionsOf(readFileSync(FILE, "utf8")) : new Map();
  sections.set(major, sectionText(results, nodeVersion, rounds));
  const ordered = [...sections].toSorted(([a], [b]) => Number(a) - Number(b));
  mkdirSync(dirname(FILE), { recursive: true });
  writeFileSync(FILE, [PREAMBLE, ...ordered.map(([, text]) => text)].join("\n"));
  return FILE;
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
 * @param {readonly import("./results.mjs").Result[]} results
 * @param {string} nodeVersion
 * @param {number} rounds
 */
function sectionText(results, nodeVersion, rounds) {
  const columns = Object.keys(servers).filter((id) => results.some(({ cells }) => cells.has(id)));
  const { ws, bun } = peerVersions();
  const [year, month] = release().split(".");
  const date = new Date().toISOString().slice(0, 10);
  return `## Node ${nodeVersion}

${date} · ${cpus().length} × ${cpus()[0]?.model.trim()} · Linux ${year}.${month} · ws ${ws} · Bun ${bun} · median of ${rounds} rounds

${table(
  ["work", ...columns.map((id) => servers[id].title)],
  results.map((result) => figureLine(result, columns)),
)}

${table(["work", "who", "bar", ""], results.flatMap(verdictLines))}

Beside it, of the same rounds: the rate at which the work was done, the time to the echo (for a broadcast: to the last
delivery of a turn), and how much of its core the server used.

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
 * @param {readonly string[]} head
 * @param {readonly (readonly string[])[]} lines
 */
function table(head, lines) {
  return [head, head.map(() => "---"), ...lines].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
