/** What a broken endpoint does wrong, and a case of the suite that must catch it; others may as well. */
export interface Fault {
  sentence: string;
  caughtBy: string;
}

/** Every fault in a line, for `--list`. */
export function faultsText(faults: Readonly<Record<string, Fault>>): string {
  return Object.entries(faults)
    .map(([name, { sentence, caughtBy }]) => `${name.padEnd(24)} ${sentence} (${caughtBy})`)
    .join("\n");
}
