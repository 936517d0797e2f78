import type { FaultSchedule, ScheduledFault } from "./faults.ts";

/** What each kind of fault says beside its time, its target and how long it lasts. */
const FIELDS: Readonly<
  Record<ScheduledFault["kind"], Readonly<Record<string, "number" | readonly string[]>>>
> = {
  cut: { how: ["reset", "end"] },
  "black-hole": { direction: ["up", "down", "both"] },
  delay: { delayMs: "number", jitterMs: "number" },
  throttle: { bytesPerSecond: "number" },
  "half-close": { direction: ["up", "down"] },
  refuse: {},
  restart: { signal: ["SIGTERM", "SIGKILL"] },
};

/** A schedule as text, a line of JSON for each fault: to be kept with a report, read, and shortened by hand. */
export function printSchedule(schedule: FaultSchedule): string {
  return schedule.map((fault) => `${JSON.stringify(fault)}\n`).join("");
}

/** The schedule that {@link printSchedule} has printed; empty lines are left out. Throws a `SyntaxError` that names the line. */
export function parseSchedule(text: string): FaultSchedule {
  const faults = text.split("\n").flatMap((line, index) => {
    if (line.trim() === "") return [];
    const fault = parseLine(line);
    if (fault === undefined) throw new SyntaxError(`Line ${index + 1} is no fault: ${line}`);
    return [fault];
  });
  return faults.toSorted((one, other) => one.atMs - other.atMs);
}

function parseLine(line: string): ScheduledFault | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const fault = value as Record<string, unknown>;
  const fields = Object.hasOwn(FIELDS, String(fault["kind"]))
    ? FIELDS[fault["kind"] as ScheduledFault["kind"]]
    : undefined;
  if (fields === undefined || !isCount(fault["atMs"]) || !isCount(fault["forMs"])) return undefined;
  const isServer = fault["target"] === "server";
  if ((!isServer && !isCount(fault["target"])) || isServer !== (fault["kind"] === "restart"))
    return undefined;
  for (const [name, rule] of Object.entries(fields)) {
    const isRight = rule === "number" ? isCount(fault[name]) : rule.includes(String(fault[name]));
    if (!isRight) return undefined;
  }
  return value as ScheduledFault;
}

function isCount(value: unknown): boolean {
  return typeof value === "number" && value >= 0;
}
