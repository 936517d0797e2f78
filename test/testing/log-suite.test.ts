import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { memoryLog } from "../../src/log/index.ts";
import type { Log, LogHost } from "../../src/sockets/log.ts";
import { logSuite, type LogWishes } from "../../src/testing/index.ts";

/** What a fault changes of a log that is right. */
type Fault = (log: Log, host: LogHost) => Partial<Log>;

function make(host: LogHost, { maxEntries = 1e6, history }: LogWishes): Log {
  return memoryLog({ maxEntries, maxAgeMs: 1e9, ...(history && { history: { rooms: history } }) })(
    "/n",
    host,
  );
}

/** The log with some of it replaced; what is replaced finds the right one as `log`. */
function broken(log: Log, host: LogHost, fault: Fault): Log {
  const changed = fault(log, host);
  const descriptors = Object.getOwnPropertyDescriptors(changed);
  const whole: Log = {
    get epoch() {
      return log.epoch;
    },
    get head() {
      return log.head;
    },
    get tail() {
      return log.tail;
    },
    append: (entry, appending) => log.append(entry, appending),
    read: (query) => log.read(query),
    readLast: (room, count) => log.readLast(room, count),
    takeSeat: (key) => log.takeSeat(key),
    saveSeat: (key, record, generation) => log.saveSeat(key, record, generation),
    vacateSeat: (key, generation) => log.vacateSeat(key, generation),
    dropSeat: (key, generation) => log.dropSeat(key, generation),
    whenCommitted: (callback) => log.whenCommitted(callback),
    close: () => log.close(),
  };
  return Object.defineProperties(whole, descriptors);
}

/** The name of the first of the suite's tests that fails. */
async function firstFailure(fault: Fault): Promise<string | undefined> {
  for (const { name, run } of logSuite((host, wishes) => broken(make(host, wishes), host, fault))) {
    try {
      await run();
    } catch {
      return name;
    }
  }
  return undefined;
}

function page(log: Log, query: Parameters<Log["read"]>[0]): { entries: never[]; upTo: number } {
  return log.read(query) as never;
}

const FAULTS: Readonly<Record<string, Fault>> = {
  "the first behind `after` is left out": (log) => ({
    read: (query) => log.read({ ...query, after: query.after + 1 }),
  }),
  "what is at `after` is there again": (log) => ({
    read: (query) => log.read({ ...query, after: Math.max(0, query.after - 1) }),
  }),
  "upTo is not looked at": (log) => ({ read: (query) => log.read({ ...query, upTo: Infinity }) }),
  "a page says that it has looked at one more": (log) => ({
    read: (query) => {
      const { entries, upTo } = page(log, query);
      return { entries, upTo: upTo + 1 };
    },
  }),
  "a page says that all has been looked at": (log) => ({
    read: (query) => ({ entries: page(log, query).entries, upTo: Math.min(query.upTo, log.head) }),
  }),
  "a page says that it has looked at one less": (log) => ({
    read: (query) => {
      const { entries, upTo } = page(log, query);
      return { entries, upTo: entries.length > 1 ? upTo - 1 : upTo };
    },
  }),
  "maxEntries is not looked at": (log) => ({ read: (query) => log.read({ ...query, maxEntries: Infinity }) }),
  "maxBytes is not looked at": (log) => ({ read: (query) => log.read({ ...query, maxBytes: Infinity }) }),
  "a page that is too large is empty": (log) => ({
    read: (query) => (query.maxBytes < 5 ? { entries: [], upTo: query.after } : log.read(query)),
  }),
  "what is for everyone is left out": (log) => ({
    read: (query) => {
      const { entries, upTo } = page(log, query) as { entries: { rooms: string[] }[]; upTo: number };
      return { entries: entries.filter(({ rooms }) => rooms.length > 0) as never, upTo };
    },
  }),
  "only the first room is looked for": (log) => ({
    read: (query) => log.read({ ...query, rooms: [...query.rooms].slice(0, 1) }),
  }),
  "an entry for two rooms comes twice": (log) => ({
    read: (query) => {
      const { entries, upTo } = page(log, query) as { entries: { rooms: string[] }[]; upTo: number };
      return {
        entries: entries.flatMap((one) => (one.rooms.length > 1 ? [one, one] : [one])) as never,
        upTo,
      };
    },
  }),
  "the tail does not move": () => ({ tail: 0 }),
  "the tail is the head": (log) => ({
    get tail() {
      return log.head;
    },
  }),
  "the head is one behind": (log) => ({
    get head() {
      return Math.max(0, log.head - 1);
    },
  }),
  "onCommitted comes in the wrong order": (log) => {
    let told: (() => void)[] = [];
    return {
      append: (entry, appending) =>
        log.append(entry, {
          onCommitted: (offset, timeMs) => {
            if (told.length === 0) setImmediate(() => told.splice(0).forEach((tell) => tell()));
            told = [() => appending.onCommitted(offset, timeMs), ...told];
          },
          onFailed: (error) => appending.onFailed(error),
        }),
    };
  },
  "offsets begin at 0": (log) => ({
    append: (entry, appending) =>
      log.append(entry, {
        onCommitted: (offset, timeMs) => appending.onCommitted(offset - 1, timeMs),
        onFailed: (error) => appending.onFailed(error),
      }),
  }),
  "an entry is kept twice": (log) => ({
    append: (entry, appending) => {
      log.append(entry, { onCommitted: () => {}, onFailed: () => {} });
      log.append(entry, appending);
    },
  }),
  "except is forgotten": (log) => ({
    append: (entry, appending) => log.append({ ...entry, except: [] }, appending),
  }),
  "attachments are forgotten": (log) => ({
    append: (entry, appending) => log.append({ ...entry, attachments: [] }, appending),
  }),
  "names of rooms are made well-formed": (log) => ({
    append: (entry, appending) =>
      log.append(
        { ...entry, rooms: entry.rooms.map((room) => room.replaceAll(/\p{Surrogate}/gu, "\ufffd")) },
        appending,
      ),
    read: (query) =>
      log.read({
        ...query,
        rooms: [...query.rooms].map((room) => room.replaceAll(/\p{Surrogate}/gu, "\ufffd")),
      }),
  }),
  "the last of a room are its first": (log) => ({
    readLast: async (room, count) => (await log.readLast(room, Infinity)).slice(0, count),
  }),
  "the last of a room are one too few": (log) => ({
    readLast: (room, count) => log.readLast(room, count - 1),
  }),
  "the last of a room come in the wrong order": (log) => ({
    readLast: async (room, count) => (await log.readLast(room, count)).toReversed(),
  }),
  "the last of a room reach back to the tail only": (log) => ({
    readLast: async (room, count) =>
      (await log.readLast(room, count)).filter(({ offset }) => offset > log.tail),
  }),
  "the generation stays the same": (log) => ({
    takeSeat: async (key) => {
      const taken = await log.takeSeat(key);
      return taken && { ...taken, generation: 1 };
    },
  }),
  "the generation is not looked at": (log) => {
    const generations = new Map<string, number>();
    return {
      takeSeat: async (key) => {
        const taken = await log.takeSeat(key);
        if (taken !== undefined) generations.set(key, taken.generation);
        return taken;
      },
      saveSeat: (key, record) => log.saveSeat(key, record, generations.get(key) ?? 1),
      vacateSeat: (key) => log.vacateSeat(key, generations.get(key) ?? 1),
      dropSeat: (key) => log.dropSeat(key, generations.get(key) ?? 1),
    };
  },
  "only saving is fenced": (log) => ({
    dropSeat: (key) => log.dropSeat(key, Infinity),
  }),
  "who held a dropped seat brings it back": (log) => ({
    saveSeat: (key, record, generation) => {
      log.saveSeat(key, record, 1);
      log.saveSeat(key, record, generation);
    },
  }),
  "seats are never forgotten": (_log, host) => {
    const seats = make({ ...hostOf(host), seatLifetimeMs: 1e12 }, {});
    return {
      takeSeat: (key) => seats.takeSeat(key),
      saveSeat: (key, record, generation) => seats.saveSeat(key, record, generation),
      vacateSeat: (key, generation) => seats.vacateSeat(key, generation),
      dropSeat: (key, generation) => seats.dropSeat(key, generation),
    };
  },
  "too many seats stay empty": (log, host) => {
    const seats = make({ ...hostOf(host), maxVacantSeats: 1e9 }, {});
    return {
      takeSeat: (key) => seats.takeSeat(key),
      saveSeat: (key, record, generation) => seats.saveSeat(key, record, generation),
      vacateSeat: (key, generation) => seats.vacateSeat(key, generation),
      dropSeat: (key, generation) => seats.dropSeat(key, generation),
      close: async () => {
        await seats.close();
        await log.close();
      },
    };
  },
  "empty seats take too much": (log, host) => {
    const seats = make({ ...hostOf(host), maxVacantSeatBytes: 1e12 }, {});
    return {
      takeSeat: (key) => seats.takeSeat(key),
      saveSeat: (key, record, generation) => seats.saveSeat(key, record, generation),
      vacateSeat: (key, generation) => seats.vacateSeat(key, generation),
      dropSeat: (key, generation) => seats.dropSeat(key, generation),
      close: async () => {
        await seats.close();
        await log.close();
      },
    };
  },
  "an empty seat's time begins anew when it is saved": (log) => {
    const vacant = new Map<string, number>();
    return {
      vacateSeat: (key, generation) => {
        vacant.set(key, generation);
        log.vacateSeat(key, generation);
      },
      saveSeat: (key, record, generation) => {
        log.saveSeat(key, record, generation);
        if (vacant.get(key) !== generation) return;
        void log.takeSeat(key);
        log.vacateSeat(key, Infinity);
      },
    };
  },
  "a dropped seat stays": () => ({ dropSeat: () => {} }),
  "an empty seat is dropped at once": (log) => ({
    vacateSeat: (key, generation) => log.dropSeat(key, generation),
  }),
  "a held seat is empty": (log) => ({
    saveSeat: (key, record, generation) => {
      log.saveSeat(key, record, generation);
      log.vacateSeat(key, generation);
    },
  }),
  "whenCommitted calls back twice": (log) => ({
    whenCommitted: (callback) => {
      log.whenCommitted(callback);
      log.whenCommitted(callback);
    },
  }),
  "whenCommitted calls back later": (log) => ({
    whenCommitted: (callback) => log.whenCommitted(() => queueMicrotask(callback)),
  }),
  "whenCommitted calls back before it is told": (log) => ({
    append: (entry, appending) =>
      log.append(entry, {
        onCommitted: (offset, timeMs) => queueMicrotask(() => appending.onCommitted(offset, timeMs)),
        onFailed: (error) => appending.onFailed(error),
      }),
  }),
  "what was known since when is forgotten": (log) => ({
    saveSeat: (key, record, generation) => log.saveSeat(key, { ...record, since: 0 }, generation),
  }),
  "what answers is an event": (log) => ({
    append: (entry, appending) =>
      log.append({ ...entry, type: entry.type === "connect_error" ? "ack" : entry.type }, appending),
  }),
  "closing forgets what comes later without a word": (log) => {
    let isClosed = false;
    return {
      append: (entry, appending) => {
        if (!isClosed) log.append(entry, appending);
      },
      close: () => {
        isClosed = true;
        return log.close();
      },
    };
  },
  "a timer is left": (log, host) => ({
    close: () => {
      host.clock.setTimeout(() => {}, 1e9);
      return log.close();
    },
  }),
  "an error is reported": (log, host) => ({
    close: () => {
      host.onError(new Error("oh"));
      return log.close();
    },
  }),
};

/** The host as a plain object, to change something of it. */
function hostOf(host: LogHost): LogHost {
  const { clock, random, seatLifetimeMs, maxVacantSeats, maxVacantSeatBytes } = host;
  return {
    clock,
    random,
    seatLifetimeMs,
    maxVacantSeats,
    maxVacantSeatBytes,
    wallTimeMs: () => host.wallTimeMs(),
    onError: (error) => host.onError(error),
  };
}

describe("a log with a fault fails in the suite", () => {
  for (const [name, fault] of Object.entries(FAULTS)) {
    test(name, async () => assert.notEqual(await firstFailure(fault), undefined));
  }
});

test("the harness itself breaks nothing", async () =>
  assert.equal(await firstFailure(() => ({})), undefined));
