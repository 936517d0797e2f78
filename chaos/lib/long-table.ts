import type { DeliveryVerdict } from "switchboard/testing";

/** What a scene came to, as far as the table of a long run goes. */
export interface LongResult {
  readonly toClients: DeliveryVerdict;
  readonly toServer: DeliveryVerdict;
}

/** Sums of one row, in both directions together but where it says so. */
const COLUMNS = [
  "scenes",
  "faults",
  "deliveries checked",
  "lost",
  "doubled to clients",
  "taken twice",
  "reordered",
  "invented",
  "gaps not told",
  "gaps told",
  "promises broken",
  "seconds",
] as const;

type Sums = Record<(typeof COLUMNS)[number], number>;

/** What the scenes of a long run came to, by profile and pair. */
export class LongTable {
  readonly #rows = new Map<string, Sums>();

  /** Deliveries, to clients and to the server. */
  get checked(): number {
    return this.#total["deliveries checked"];
  }

  /** Adds a scene to its row, which begins with these two. */
  add(
    [profile, pair]: readonly [profile: string, pair: string],
    { toClients, toServer }: LongResult,
    faults: number,
    ms: number,
    broken: number,
  ): void {
    const name = `${profile} | ${pair}`;
    const both = (key: "delivered" | "lost" | "reordered" | "invented" | "silentGaps"): number =>
      toClients[key] + toServer[key];
    const scene: Sums = {
      scenes: 1,
      faults,
      "deliveries checked": both("delivered"),
      lost: both("lost"),
      "doubled to clients": toClients.doubled,
      "taken twice": toServer.doubled,
      reordered: both("reordered"),
      invented: both("invented"),
      "gaps not told": both("silentGaps"),
      "gaps told": toClients.gaps,
      "promises broken": broken,
      seconds: ms / 1000,
    };
    this.#rows.set(name, plus(this.#rows.get(name), scene));
  }

  /** As Markdown. */
  print(): string {
    const line = (name: string, sums: Sums): string =>
      `| ${name} | ${COLUMNS.map((column) => Math.round(sums[column]).toLocaleString("en")).join(" | ")} |`;
    return [
      `| profile | server + client | ${COLUMNS.join(" | ")} |`,
      `|---|---|${"---:|".repeat(COLUMNS.length)}`,
      ...[...this.#rows].map(([name, sums]) => line(name, sums)),
      line("all |", this.#total),
    ].join("\n");
  }

  get #total(): Sums {
    return [...this.#rows.values()].reduce<Sums>(plus, plus(undefined, undefined));
  }
}

function plus(one: Sums | undefined, other: Sums | undefined): Sums {
  const entries = COLUMNS.map((column) => [column, (one?.[column] ?? 0) + (other?.[column] ?? 0)]);
  return Object.fromEntries(entries) as Sums;
}
