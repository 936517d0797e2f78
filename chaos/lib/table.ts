import { LatencyHistogram, type LatencyCounts } from "switchboard/testing";
import type { Replacement, SceneResult } from "./scene.ts";

/** A result as the rows of a table. */
export function tableOf({
  said,
  acknowledged,
  leftOut,
  outbox,
  toClients,
  toServer,
  returns,
  replacement,
}: SceneResult): [string, string][] {
  const { delivered, expected, doubled, lost, reordered, invented, silentGaps } = toClients;
  const up: [string, string][] = [
    ["said by clients", `${said}`],
    ["taken by the server", share(toServer.delivered, toServer.expected)],
    ["  doubled, reordered, invented", `${toServer.doubled}, ${toServer.reordered}, ${toServer.invented}`],
  ];
  if (outbox !== undefined) {
    const { stored, kills } = outbox;
    return [
      ...up,
      ["kept in outboxes", `${stored}`],
      ["processes killed, gaps told", `${kills}, ${toClients.gaps}`],
    ];
  }
  const rows: [string, string][] = [
    ...up,
    ["acknowledged", share(acknowledged, said)],
    ["to be delivered to clients", `${expected}`],
    ["delivered", share(delivered, expected)],
    ["lost", `${lost} (${share(lost, expected)})`],
    ["doubled", `${doubled} (${share(doubled, expected)})`],
    ["reordered, invented", `${reordered}, ${invented}`],
    ["missing but told", `${toClients.excused}`],
    ["in flight at the end", `${toClients.inFlight}`],
    ["places where nobody was told", `${silentGaps}`],
    ["gaps told (needless)", `${toClients.gaps} (${toClients.needlessGaps})`],
    ["network good → connected, p50/p99", times(returns)],
    ["first line → caught up, p50/p99", times(toClients.catchUp)],
  ];
  if (leftOut !== undefined) rows.push(["left out, as newer ones came", `${leftOut}`]);
  if (replacement !== undefined) rows.push(...rowsOf(replacement));
  return rows;
}

/** Times count from when the old server was told to end. */
function rowsOf({ backMs, clients, absences, endMs, downMs }: Replacement): [string, string][] {
  const after = (part: number): string => {
    const ms = backMs[Math.ceil(part * clients) - 1];
    return ms === undefined ? "–" : `${(ms / 1000).toFixed(1)} s`;
  };
  return [
    ["clients that are back with the new server", `${share(backMs.length, clients)} of ${clients}`],
    ["50 / 95 / 100 % were back after", [0.5, 0.95, 1].map(after).join(" / ")],
    ["each was away for, p50/p99", times(absences)],
    ["the old server was gone after", `${(endMs / 1000).toFixed(1)} s`],
    ["then there was none for", `${Math.round(downMs)} ms`],
  ];
}

/** The rows as Markdown. */
export function printTable(title: string, rows: readonly (readonly [string, string])[]): string {
  const widths = [0, 1].map((at) =>
    Math.max(...rows.map((row) => row[at]!.length), at === 1 ? title.length : 0),
  );
  const line = (name: string, value: string): string =>
    `| ${name.padEnd(widths[0]!)} | ${value.padEnd(widths[1]!)} |`;
  const rule = `|${"-".repeat(widths[0]! + 2)}|${"-".repeat(widths[1]! + 2)}|`;
  return [line("", title), rule, ...rows.map(([name, value]) => line(name, value))].join("\n");
}

/** Never all of it unless it is, and never nothing. */
function share(part: number, whole: number): string {
  if (part === whole) return "100 %";
  if (part === 0) return "0 %";
  return `${Math.min(99.99, Math.max(0.01, (100 * part) / whole)).toFixed(2)} %`;
}

function times(counts: LatencyCounts): string {
  const histogram = new LatencyHistogram();
  histogram.merge(counts);
  if (histogram.count === 0) return "–";
  const [p50, p99] = [0.5, 0.99].map((part) => Math.round(histogram.percentile(part)));
  return `${p50} / ${p99} ms (${histogram.count})`;
}
