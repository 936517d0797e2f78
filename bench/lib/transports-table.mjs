/** Writes the table of docs/guide/transports.md between its markers. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BenchError } from "./children.mjs";
import { circumstances, table } from "./documents.mjs";
import { TRANSPORTS } from "./engine-works.mjs";
import { root } from "./paths.mjs";
import { formatValue } from "./results.mjs";

const FILE = join(root, "docs/guide/transports.md");
const BEGIN = "<!-- written by npm run bench:engine -->";
const END = "<!-- end -->";

/**
 * Puts a run's results into the guide and returns its path.
 * @param {import("./command.mjs").WholeRun} run
 */
export function writeTransportsTable({ results, nodeVersion, rounds }) {
  const text = readFileSync(FILE, "utf8");
  const from = text.indexOf(BEGIN);
  const to = text.indexOf(END, from);
  if (from < 0 || to < 0) throw new BenchError(`${FILE} has lost its markers.`);
  const lines = TRANSPORTS.map(({ id, title }) =>
    line(title, figuresOf(results, `calm-${id}`), figuresOf(results, `busy-${id}`)),
  );
  const head = [
    "transport",
    "p50",
    "p99",
    "bytes up",
    "bytes down",
    "CPU",
    "CPU, flat out",
    "messages /s, flat out",
  ];
  const caption = `Node ${nodeVersion} · ${circumstances([], rounds)}`;
  writeFileSync(
    FILE,
    `${text.slice(0, from)}${BEGIN}\n\n${table(head, lines)}\n\n${caption}\n\n${text.slice(to)}`,
  );
  return FILE;
}

/**
 * @param {string} title
 * @param {import("./measure.mjs").Figures} calm
 * @param {import("./measure.mjs").Figures} busy
 */
function line(title, calm, busy) {
  const bytes = [calm.bytes_up, calm.bytes_down].map((value = 0) => Math.round(value).toLocaleString("en"));
  return [
    title,
    milliseconds(calm.p50_us),
    milliseconds(calm.p99_us),
    ...bytes,
    `${formatValue(calm.cpu_us ?? 0)} µs`,
    `${formatValue(busy.cpu_us ?? 0)} µs`,
    (busy.rate ?? 0).toLocaleString("en"),
  ];
}

/**
 * @param {readonly import("./results.mjs").Result[]} results
 * @param {string} rowId
 * @returns {import("./measure.mjs").Figures}
 */
function figuresOf(results, rowId) {
  const cell = results.find(({ row }) => row.id === rowId)?.cells.get("engine");
  if (cell === undefined) throw new BenchError(`There are no figures of ${rowId}.`);
  return cell.figures;
}

/** @param {number | undefined} us */
function milliseconds(us = 0) {
  return `${formatValue(us / 1000)} ms`;
}
