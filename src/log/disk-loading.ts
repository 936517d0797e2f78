import { ByteBudget } from "./byte-budget.ts";
import { commitKey, describe, numbering } from "./commit-group.ts";
import type { CommitMark } from "./commit-mark.ts";
import type { Database } from "./disk-database.ts";
import { chunkRange, decodeChunk, decodeJson, type DiskSeat, MAX_OFFSET } from "./disk-format.ts";
import type { DiskLogSettings } from "./disk-log-options.ts";
import { DiskNamespace } from "./disk-namespace.ts";
import { readChunks, readCommits } from "./disk-reading.ts";
import { type Run, Runs } from "./disk-runs.ts";
import type { Segments } from "./segments.ts";

/** What a database holds. */
export interface Loaded {
  /** By name. */
  readonly namespaces: Map<string, DiskNamespace>;
  /** The number of the last commit. */
  readonly commit: number;
  /** Something that was told as committed is missing: no namespace has an epoch, and no seat is known. */
  readonly isDamaged: boolean;
}

/** Reads what is there, checks that nothing is missing, and fills the memory with what is newest. */
export class DiskLoading {
  readonly #database: Database;
  readonly #budget: ByteBudget;
  readonly #namespaces = new Map<string, DiskNamespace>();
  #isDamaged = false;

  constructor(database: Database, budget: ByteBudget) {
    this.#database = database;
    this.#budget = budget;
  }

  /** `segments` learns what is there. */
  async load(
    mark: CommitMark,
    segments: Segments<DiskNamespace>,
    { maxBytes, maxAgeMs, maxMemoryBytes }: DiskLogSettings,
  ): Promise<Loaded> {
    const { last, isWhole } = await readCommits(this.#database);
    const marked = mark.read();
    let commit = last;
    if (last < marked || !isWhole) this.#isDamaged = true;
    await this.#loadNamespaces();
    const runs = await this.#loadRuns(new Runs(maxBytes, maxAgeMs));
    for (const { place, last: upTo, bytes, newestMs } of runs) {
      segments.add(this.#namespaces.get(place)!, upTo, bytes, newestMs);
    }
    await this.#fillMemory(runs, maxMemoryBytes);
    await this.#loadSeats();
    if (this.#isDamaged) {
      commit = Math.max(commit, marked) + 1;
      await this.#beginAnew(commit);
      mark.write(commit);
    }
    const namespaces = new Map([...this.#namespaces.values()].map((each) => [each.name, each]));
    return { namespaces, commit, isDamaged: this.#isDamaged };
  }

  async #loadNamespaces(): Promise<void> {
    for await (const [key, value] of this.#database.iterator({ gte: "n!", lt: "n~" })) {
      const found = this.#decode(value) as { name: string; epoch?: string; head: number } | undefined;
      if (found === undefined) continue;
      const namespace = new DiskNamespace(found.name, this.#budget, found.head);
      namespace.epoch = found.epoch;
      this.#namespaces.set(key.slice(2), namespace);
    }
  }

  /** What is still there, without a hole up to the head, by the time of its coming. */
  async #loadRuns(runs: Runs): Promise<Run[]> {
    const found: Run[] = [];
    for await (const all of runs.read(this.#database)) {
      const { place } = all[0]!;
      const namespace = this.#namespaces.get(place);
      if (namespace === undefined) await this.#clearUnknown(place);
      else for (const run of this.#unbroken(namespace, all)) found.push(run);
    }
    return found.toSorted((one, other) => one.newestMs - other.newestMs || one.first - other.first);
  }

  /** Entries of a namespace that can't be known any more: they must not meet those of one that is made by the same name. */
  async #clearUnknown(place: string): Promise<void> {
    this.#isDamaged = true;
    await this.#database.clear(chunkRange(place, 0, MAX_OFFSET));
  }

  /** What is before a hole is as good as lost. */
  #unbroken(namespace: DiskNamespace, runs: readonly Run[]): readonly Run[] {
    const last = runs.at(-1)!;
    let start = runs.findLastIndex((run, index) => index > 0 && runs[index - 1]!.last + 1 !== run.first);
    if (start > 0) this.#isDamaged = true;
    start = Math.max(start, 0);
    if (last.last !== namespace.head) {
      this.#isDamaged = true;
      if (last.last < namespace.head) start = runs.length;
      namespace.head = Math.max(last.last, namespace.head);
    }
    namespace.tail = start < runs.length ? runs[start]!.first - 1 : namespace.head;
    namespace.restart(namespace.head);
    return runs.slice(start);
  }

  /** The newest entries; a namespace whose newest are not among them has none in memory. */
  async #fillMemory(runs: readonly Run[], maxMemoryBytes: number): Promise<void> {
    let bytes = 0;
    let first = runs.length;
    while (first > 0 && bytes < maxMemoryBytes) bytes += runs[--first]!.bytes;
    for (const run of runs.slice(first)) {
      const namespace = this.#namespaces.get(run.place)!;
      if (run.first !== namespace.kept.head + 1) namespace.restart(run.first - 1);
      for await (const chunk of readChunks(this.#database, run.place, run.first - 1, run.last)) {
        try {
          const entries = decodeChunk(chunk.value, chunk.first);
          for (const entry of entries) namespace.kept.push(entry, entry.timeMs);
        } catch {
          this.#isDamaged = true;
          namespace.restart(chunk.last);
        }
      }
    }
    for (const namespace of this.#namespaces.values()) {
      if (namespace.kept.head !== namespace.head) namespace.restart(namespace.head);
    }
  }

  async #loadSeats(): Promise<void> {
    for await (const [key, value] of this.#database.iterator({ gte: "s!", lt: "s~" })) {
      const [, place, seat] = key.split("!") as [string, string, string];
      const found = this.#decode(value) as DiskSeat | undefined;
      if (found !== undefined) this.#namespaces.get(place)?.found.set(seat, found);
    }
  }

  /** After a loss: what anybody knows of offsets and seats means nothing any more. */
  async #beginAnew(commit: number): Promise<void> {
    await this.#database.clear({ gte: "s!", lt: "s~" });
    await this.#database.clear({ gte: "h!", lt: "h~" });
    await this.#database.clear({ gte: "b!", lt: commitKey(commit) });
    const namespaces = [...this.#namespaces.values()];
    for (const namespace of namespaces) {
      namespace.epoch = undefined;
      namespace.found.clear();
    }
    const changes = namespaces.map((namespace) => describe(namespace, namespace.head));
    await this.#database.batch([...numbering(commit), ...changes], { sync: true });
  }

  #decode(value: Buffer): unknown {
    try {
      return decodeJson(value);
    } catch {
      this.#isDamaged = true;
      return undefined;
    }
  }
}
