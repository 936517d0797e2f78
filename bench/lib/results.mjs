/** Rounds of figures become one figure each, and are held against the bars. */
import { servers } from "./servers.mjs";

/**
 * @typedef {import("./measure.mjs").Figures} Figures
 * @typedef {import("./works.mjs").Row} Row
 * @typedef {import("./works.mjs").Bar} Bar
 * @typedef {object} Cell
 * @property {number} value the median of the rounds
 * @property {number} least
 * @property {number} most
 * @property {Figures} figures of the round that the median is from
 * @typedef {{ row: Row, cells: Map<string, Cell | undefined> }} Result a cell is undefined if the server can't do it
 * @typedef {{ server: string, text: string, met: boolean }} Verdict
 */

/**
 * One row, from the figures of all rounds of each server.
 * @param {Row} row
 * @param {ReadonlyMap<string, readonly (Figures | undefined)[]>} rounds
 * @returns {Result}
 */
export function resultOf(row, rounds) {
  /** @type {Result["cells"]} */
  const cells = new Map();
  for (const [server, all] of rounds) cells.set(server, cellOf(row, all));
  return { row, cells };
}

/**
 * @param {Row} row
 * @param {readonly (Figures | undefined)[]} rounds
 * @returns {Cell | undefined}
 */
function cellOf({ figure }, rounds) {
  const sorted = rounds
    .filter((round) => round !== undefined)
    .toSorted((a, b) => (a[figure] ?? 0) - (b[figure] ?? 0));
  if (sorted.length === 0) return undefined;
  const valueAt = (/** @type {number} */ index) => sorted[index]?.[figure] ?? 0;
  const middle = Math.floor((sorted.length - 1) / 2);
  return {
    value: valueAt(middle),
    least: valueAt(0),
    most: valueAt(sorted.length - 1),
    figures: sorted[middle],
  };
}

/**
 * How our servers stand against the bars of a row.
 * @param {Result} result
 * @returns {Verdict[]}
 */
export function verdictsOf({ row, cells }) {
  return [...cells]
    .filter(([server]) => servers[server]?.isOurs)
    .flatMap(([server, cell]) =>
      row.bars
        .filter((bar) => "most" in bar || bar.peer !== server)
        .map((bar) => verdictOf(server, cell, bar, cells)),
    );
}

/**
 * @param {string} server
 * @param {Cell | undefined} cell
 * @param {Bar} bar
 * @param {Result["cells"]} cells
 * @returns {Verdict}
 */
function verdictOf(server, cell, bar, cells) {
  if (cell === undefined) return { server, text: `${barText(bar)}: not there yet`, met: false };
  const ratio = "most" in bar ? cell.value : cell.value / (cells.get(bar.peer)?.value ?? Number.NaN);
  const limit = "most" in bar ? bar.most : bar.factor;
  const met = ratio <= limit;
  const measured = "most" in bar ? formatValue(ratio) : `${ratio.toFixed(2)} ×`;
  const outcome = met ? "met" : `missed by ${Math.round((ratio / limit - 1) * 100)} %`;
  return { server, text: `${barText(bar)}: ${measured}, ${outcome}`, met };
}

/** @param {Bar} bar */
function barText(bar) {
  if ("most" in bar) return `≤ ${bar.most}`;
  const { title } = servers[bar.peer];
  if (bar.factor === 1) return `≤ ${title}`;
  const part = 1 / bar.factor;
  const isFraction = part > 2 && Math.abs(part - Math.round(part)) < 1e-9;
  return isFraction ? `≤ 1/${Math.round(part)} of ${title}` : `≤ ${bar.factor} × ${title}`;
}

/**
 * A figure with as many digits as mean something.
 * @param {number} value
 */
export function formatValue(value) {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
