import { join } from "node:path";
import type { Room } from "../sockets/room.ts";
import type { Appending, LogEntry, LoggedEntry, LogHost } from "../sockets/log.ts";
import { ByteBudget } from "./byte-budget.ts";
import { type Change, CommitGroup, describe, numbering } from "./commit-group.ts";
import { CommitMark } from "./commit-mark.ts";
import { DiskCleaning } from "./disk-cleaning.ts";
import { type Database, openDatabase } from "./disk-database.ts";
import { historyRange } from "./disk-format.ts";
import { DiskHistory } from "./disk-history.ts";
import { DiskLoading } from "./disk-loading.ts";
import type { DiskLogSettings } from "./disk-log-options.ts";
import { DiskNamespace } from "./disk-namespace.ts";
import { type FoundChunk, readChunks, readCommits } from "./disk-reading.ts";
import { DiskSeating } from "./disk-seating.ts";
import { LogError } from "./errors.ts";
import { Segments } from "./segments.ts";

/** How long it takes from one attempt to write again to the next, in milliseconds. */
const RETRY_MS = 1000;

/** A folder with the logs of all namespaces. What comes while the disk is busy is committed together, with one sync. */
export class DiskStore {
  readonly #settings: DiskLogSettings;
  readonly #budget: ByteBudget;
  readonly #segments: Segments<DiskNamespace>;
  #namespaces = new Map<string, DiskNamespace>();
  #database: Database;
  #mark: CommitMark;
  #commit = 0;
  #group = new CommitGroup();
  /** What is being written. */
  #writing: CommitGroup | undefined;
  #isScheduled = false;
  readonly #cleaning: DiskCleaning;
  /** Why nothing can be written. */
  #failure: LogError | undefined;
  #retryMs = 0;
  /** What must be taken back when writing works again. */
  #undo: Change[] = [];
  readonly #history: DiskHistory;
  readonly #seating = new DiskSeating((namespace) => (seat, state, isNew) => {
    this.#group.saveSeat(namespace, seat, state, isNew);
    this.#schedule();
  });
  #closing: Promise<void> | undefined;
  #isDamaged = false;

  private constructor(settings: DiskLogSettings, database: Database, mark: CommitMark) {
    this.#settings = settings;
    this.#database = database;
    this.#mark = mark;
    this.#budget = new ByteBudget(settings.maxMemoryBytes);
    this.#segments = new Segments(settings.maxBytes, settings.maxAgeMs);
    this.#cleaning = new DiskCleaning(
      this.#segments,
      (namespace) => this.#forgetIfUnused(namespace),
      (error) => this.#report(error),
    );
    this.#history = new DiskHistory(settings.history, (error) => this.#report(error));
  }

  /** Opens the folder, or makes it. Rejects with a `LogError`. */
  static async open(settings: DiskLogSettings): Promise<DiskStore> {
    const database = await openDatabase(settings.path, settings.waitMs);
    let mark: CommitMark | undefined;
    try {
      mark = new CommitMark(join(settings.path, "committed"));
      const store = new DiskStore(settings, database, mark);
      await store.#load();
      return store;
    } catch (error) {
      await database.close();
      mark?.close();
      throw new LogError("LOG_OPEN_FAILED", `The log in "${settings.path}" can't be read: ${String(error)}`, {
        cause: error,
      });
    }
  }

  /** The namespace, made if it is not there, for a log that begins now. */
  begin(name: string, host: LogHost, newEpoch: () => string): DiskNamespace {
    let namespace = this.#namespaces.get(name);
    if (this.#closing !== undefined) throw this.#closed();
    if (namespace === undefined) {
      namespace = new DiskNamespace(name, this.#budget);
      this.#namespaces.set(name, namespace);
    }
    if (namespace.host !== undefined) {
      throw new LogError("LOG_IN_USE", `The log of namespace "${name}" is open already.`);
    }
    namespace.host = host;
    this.#seating.open(namespace, host, this.#namespaces.values());
    this.#reportDamage(host);
    this.#cleaning.letGo(this.#database, host.wallTimeMs());
    if (namespace.epoch === undefined) {
      namespace.epoch = newEpoch();
      this.#group.opened.add(namespace);
      this.#schedule();
    }
    return namespace;
  }

  append(namespace: DiskNamespace, entry: LogEntry, appending: Appending): void {
    const host = namespace.host!;
    if (this.#closing !== undefined) {
      appending.onFailed(this.#closed());
      return;
    }
    if (this.#failure !== undefined) {
      appending.onFailed(this.#failure);
      this.#recoverAt(host.clock.now());
      return;
    }
    if (this.#group.bytes + (this.#writing?.bytes ?? 0) > this.#settings.maxPendingBytes) {
      appending.onFailed(
        new LogError(
          "LOG_BUSY",
          `More than ${this.#settings.maxPendingBytes} bytes would wait for the disk.`,
        ),
      );
      return;
    }
    this.#group.append(namespace, entry, host.wallTimeMs(), appending);
    this.#schedule();
  }

  /** The log of a namespace is closed. */
  end(namespace: DiskNamespace): void {
    namespace.host = undefined;
    this.#seating.close();
    this.#forgetIfUnused(namespace);
  }

  /** Entries of one namespace on disk, from the one behind `after` to `upTo`; some before and behind may be with them. */
  chunks(namespace: DiskNamespace, after: number, upTo: number): AsyncGenerator<FoundChunk> {
    return readChunks(this.#database, namespace.place, after, upTo);
  }

  /** The newest entries of a room that are on disk and not in memory, if it wants them. */
  async lastOf(namespace: DiskNamespace, room: Room, count: number): Promise<LoggedEntry[]> {
    return this.#history.last(this.#database, namespace, room, count, namespace.kept.tail);
  }

  keepsHistory(room: Room): boolean {
    return this.#history.wants(room);
  }

  /** Calls back when all that waits now has been written, or has failed; at once, if nothing does. */
  whenSettled(callback: () => void): void {
    if (this.#isIdle) callback();
    else if (this.#group.isEmpty || this.#failure !== undefined) this.#writing!.waiting.push(callback);
    else this.#group.waiting.push(callback);
  }

  settled(): Promise<void> {
    return new Promise((resolve) => this.whenSettled(resolve));
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  get #isIdle(): boolean {
    return this.#writing === undefined && (this.#group.isEmpty || this.#failure !== undefined);
  }

  async #close(): Promise<void> {
    // Seats may still be saved meanwhile.
    while (!this.#isIdle) await this.settled();
    await this.#cleaning.done;
    while (!this.#isIdle) await this.settled();
    this.#failure ??= this.#closed();
    await this.#database.close();
    this.#mark.close();
  }

  async #load(): Promise<void> {
    const loading = new DiskLoading(this.#database, this.#budget);
    const loaded = await loading.load(this.#mark, this.#segments, this.#settings);
    this.#namespaces = loaded.namespaces;
    this.#commit = loaded.commit;
    this.#isDamaged = loaded.isDamaged;
    for (const namespace of this.#namespaces.values()) this.#forgetIfUnused(namespace);
  }

  /** Keeps no name and epoch of which nothing else is kept: clients may think of very many. Who comes there again finds a new epoch. */
  #forgetIfUnused(namespace: DiskNamespace): void {
    if (!namespace.isUnused || this.#closing !== undefined) return;
    this.#cleaning.afterwards(async () => {
      const histories = await this.#database.keys({ ...historyRange(namespace.place), limit: 1 }).all();
      if (histories.length > 0 || !namespace.isUnused) return;
      if (this.#namespaces.get(namespace.name) !== namespace) return;
      this.#namespaces.delete(namespace.name);
      this.#group.forgotten.add(namespace);
      this.#schedule();
    });
  }

  /** What belongs together comes in one turn, and this is another. */
  #schedule(): void {
    if (this.#isScheduled || this.#writing !== undefined || this.#failure !== undefined) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      void this.#write();
    });
  }

  async #write(): Promise<void> {
    const group = this.#group;
    this.#group = new CommitGroup();
    this.#writing = group;
    const chunks = group.chunks();
    const commit = this.#commit + 1;
    const history = this.#history.changes(group);
    const changes = group.changes(commit, chunks).concat(history.changes);
    try {
      await this.#database.batch(changes, { sync: true });
      this.#mark.write(commit);
      this.#commit = commit;
    } catch (error) {
      for (const { key } of changes) if (/^[eh]!/.test(key)) this.#undo.push({ type: "del", key });
      this.#fail(group, error);
      await this.#recover();
      this.#finish();
      return;
    }
    let nowMs = 0;
    for (const [namespace, ofOne] of chunks) {
      for (const chunk of ofOne) {
        this.#cleaning.add(namespace, chunk);
        nowMs = Math.max(nowMs, chunk.timeMs);
      }
      namespace.take(group.parts.get(namespace)!);
    }
    this.#cleaning.letGo(this.#database, nowMs);
    if (history.changes.length > 0) {
      this.#cleaning.afterwards(() => this.#history.trim(this.#database, history.full));
    }
    this.#finish();
  }

  #finish(): void {
    const { waiting } = this.#writing!;
    this.#writing = undefined;
    for (const tell of waiting) tell();
    if (!this.#group.isEmpty) this.#schedule();
  }

  /** Nothing more is kept until writing works again. */
  #fail(group: CommitGroup, cause: unknown): void {
    const { path } = this.#settings;
    const reason = cause instanceof Error ? cause.message : String(cause);
    this.#failure = new LogError("LOG_WRITE_FAILED", `The log in "${path}" can't be written: ${reason}`, {
      cause,
    });
    const waiting = this.#group;
    // What comes while they are told fails at once, and so is in neither.
    group.failEntries(this.#failure);
    waiting.failEntries(this.#failure);
    waiting.inherit(group);
    group.waiting.push(...waiting.waiting.splice(0));
    this.#report(this.#failure);
  }

  #recoverAt(nowMs: number): void {
    if (this.#writing !== undefined || this.#closing !== undefined || nowMs < this.#retryMs) return;
    this.#retryMs = nowMs + RETRY_MS;
    this.#writing = new CommitGroup();
    void this.#recover().then(() => this.#finish());
  }

  /**
   * Opens the database once more, as it takes nothing after an error, and takes back what was told as failed but may be there. When that works, the
   * log takes entries again.
   */
  async #recover(): Promise<void> {
    try {
      await this.#cleaning.done;
      await this.#database.close();
      this.#database = await openDatabase(this.#settings.path);
      const { last, isWhole } = await readCommits(this.#database);
      // What is lost now is found out by the next who opens it: with a new epoch, which can't be given to a log that is open.
      if (last < this.#commit || !isWhole) return;
      const commit = this.#commit + 1;
      const heads = [...this.#namespaces.values()].map((namespace) => describe(namespace, namespace.head));
      await this.#database.batch([...numbering(commit), ...this.#undo, ...heads], { sync: true });
      this.#mark.write(commit);
      this.#commit = commit;
      this.#undo = [];
      this.#failure = undefined;
    } catch {
      // Nothing is kept yet; the next that is appended asks again.
    }
  }

  /** Once, to whoever opens a log first. */
  #reportDamage(host: LogHost): void {
    if (!this.#isDamaged) return;
    this.#isDamaged = false;
    const sentence = `History in "${this.#settings.path}" was lost: its namespaces have new epochs.`;
    host.onError(new LogError("LOG_DAMAGED", sentence));
  }

  #closed(): LogError {
    return new LogError("LOG_CLOSED", `The log in "${this.#settings.path}" is closed.`);
  }

  #report(error: unknown): void {
    for (const { host } of this.#namespaces.values()) host?.onError(error);
  }
}
