/** Shows results in the terminal. */
import { formatValue, verdictsOf } from "./results.mjs";
import { servers } from "./servers.mjs";

/**
 * One row with its bars.
 * @param {import("./results.mjs").Result} result
 */
export function printResult(result) {
  console.log(`\n${result.row.title}  [${result.row.id}]`);
  for (const [server, cell] of result.cells) {
    const title = servers[server].title.padEnd(16);
    console.log(`  ${title}${cell === undefined ? "not yet" : describe(cell)}`);
  }
  for (const { server, text, met } of verdictsOf(result)) {
    console.log(`  ${met ? "✓" : "✗"} ${servers[server].title} ${text}`);
  }
}

/** @param {import("./results.mjs").Cell} cell */
function describe({ value, least, most, figures }) {
  const parts = [formatValue(value).padStart(6)];
  if (least !== most) parts.push(`(${formatValue(least)}–${formatValue(most)})`.padEnd(16));
  if (figures.rate !== undefined) {
    parts.push(`${Math.round(figures.rate)}/s, p50 ${figures.p50_us} µs, p99 ${figures.p99_us} µs`);
  }
  if (figures.busy !== undefined) parts.push(`core ${percent(figures.busy)}`);
  if (figures.load_busy !== undefined) parts.push(`(load ${percent(figures.load_busy)})`);
  if (figures.p99_before_us !== undefined) {
    parts.push(`p99 ${figures.p99_before_us} µs before; ${figures.ended} connections ended`);
  }
  if (figures.bytes_up !== undefined) {
    parts.push(`bytes ↑ ${formatValue(figures.bytes_up)} ↓ ${formatValue(figures.bytes_down ?? 0)}`);
  }
  return parts.join(" ");
}

/** @param {number | undefined} share */
function percent(share = 0) {
  return `${Math.round(share * 100)} %`;
}
