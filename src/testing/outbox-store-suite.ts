import type { OutboxChanges, OutboxState, OutboxStore, StoredEvent, StoredOutbox } from "switchboard/client";
import type { SuiteTest } from "./adapter-suite.ts";
import { same } from "./expect.ts";
import { SeededRandom } from "./seeded-random.ts";

/** A place that is empty at first: each call gives a store for it, a new one if the kind has any other way to meet itself there. */
export type MakeOutboxStore = () => (() => OutboxStore) | Promise<() => OutboxStore>;

const STATE: OutboxState = { seat: { key: "k", epoch: "e", offset: 7 }, done: 3, nextId: 2 };
const ODD_NAMES = ["", " ", "/", "../..", "__proto__", "a\0", "a", "é", "😀", "x".repeat(2000)];
const RANDOM_STEPS = 200;

/**
 * What every `OutboxStore` must do, as tests for any runner. `make` gives each test a place of its own; its stores are closed after it.
 *
 * @example
 * for (const { name, run } of outboxStoreSuite(async () => {
 *   const path = await mkdtemp("outbox-");
 *   return () => fileStore({ path });
 * })) test(name, run);
 */
export function outboxStoreSuite(make: MakeOutboxStore): SuiteTest[] {
  const tests: SuiteTest[] = [];
  const check = (name: string, body: (open: () => OutboxStore) => Promise<void>): void => {
    const run = async (): Promise<void> => {
      const place = await make();
      const stores: OutboxStore[] = [];
      try {
        await body(() => {
          const store = place();
          stores.push(store);
          return store;
        });
      } finally {
        for (const store of stores.toReversed()) await store.close();
      }
    };
    tests.push({ name, run });
  };

  check("a new outbox is empty", async (at) => {
    await holds(await at().open("a"), [], undefined);
  });

  check("what was written is there when it is opened again, as it was", async (at) => {
    const events = [
      eventOf("plain"),
      eventOf("with an id", 0),
      eventOf("😀\u2028\\ud800"),
      eventOf("long".repeat(50_000), 2 ** 40),
      eventOf("bytes", 7, [Uint8Array.of(0, 255, 10), new Uint8Array(0), new Uint8Array(10_000).fill(7)]),
    ];
    const first = at();
    const outbox = await first.open("a");
    await outbox.write({ appended: events, removed: 0, state: STATE });
    await holds(outbox, [], undefined);
    await outbox.close();
    await holds(await first.open("a"), events, STATE);
    await first.close();
    await holds(await at().open("a"), events, STATE);
  });

  check("the first events go, also in the write that appends them", async (at) => {
    const store = at();
    const write = async (names: string[], removed: number): Promise<void> => {
      const outbox = await store.open("a");
      await outbox.write({ ...changeOf(...names), removed });
      await outbox.close();
    };
    const names = async (): Promise<string[]> => {
      const outbox = await store.open("a");
      await outbox.close();
      return outbox.events.map(({ text }) => text);
    };
    await write(["1", "2", "3"], 0);
    await write(["4"], 2);
    same(await names(), ["3", "4"]);
    await write(["5", "6"], 3);
    same(await names(), ["6"]);
    await write([], 1);
    same(await names(), []);
    await write(["7"], 1);
    await write(["8"], 0);
    same(await names(), ["8"]);
  });

  check("the newest state counts, also one without a seat", async (at) => {
    const store = at();
    const outbox = await store.open("a");
    const state = { seat: undefined, done: 0, nextId: 9 };
    await outbox.write({ ...changeOf(), state: STATE });
    await outbox.write({ ...changeOf(), state });
    await outbox.close();
    const again = await store.open("a");
    await holds(again, [], state);
    same(again.state?.seat, undefined, "seat");
  });

  check("writes need not wait for each other, and are done in order", async (at) => {
    const store = at();
    const outbox = await store.open("a");
    const done: number[] = [];
    const writes = Array.from({ length: 50 }, async (_, index) => {
      await outbox.write(changeOf(`${index}`));
      done.push(index);
    });
    await Promise.all(writes);
    const all = Array.from({ length: 50 }, (_, index) => index);
    same(done, all);
    await outbox.close();
    const { events } = await store.open("a");
    same(
      events.map(({ text }) => Number(text)),
      all,
    );
  });

  check("bytes are as they were when they were written", async (at) => {
    const store = at();
    const outbox = await store.open("a");
    const bytes = Uint8Array.of(1, 2, 3, 4);
    const written = outbox.write({
      ...changeOf(),
      appended: [eventOf("x", undefined, [bytes.subarray(1, 3)])],
    });
    bytes.fill(9);
    await written;
    await outbox.close();
    const { events } = await store.open("a");
    same(events[0]?.binary[0], Uint8Array.of(2, 3), "list of bytes");
  });

  check("names are only names, each with an outbox of its own", async (at) => {
    const store = at();
    for (const name of ODD_NAMES) await (await store.open(name)).write(changeOf(name));
    await store.close();
    for (const name of ODD_NAMES) same((await store.open(name)).events[0]?.text, name, "event");
  });

  check("one has it at a time", async (at) => {
    const [store, other] = [at(), at()];
    const outbox = await store.open("a");
    await refuses(() => store.open("a"), "STORE_IN_USE");
    await refuses(() => other.open("a"), "STORE_IN_USE");
    await outbox.write(changeOf("1"));
    await outbox.close();
    await outbox.close();
    await store.close();
    const again = await other.open("a");
    same(again.events.length, 1, "number of events");
    await refuses(() => outbox.write(changeOf("2")), "STORE_CLOSED");
  });

  check("closing waits for what is being written; a store that is closed can be opened again", async (at) => {
    const store = at();
    const outbox = await store.open("a");
    const written = outbox.write(changeOf("1"));
    await store.close();
    await written;
    await refuses(() => outbox.write(changeOf("2")), "STORE_CLOSED");
    same(
      (await store.open("a")).events.map(({ text }) => text),
      ["1"],
    );
  });

  check("clearing forgets everything, and closes", async (at) => {
    const store = at();
    const outbox = await store.open("a");
    await outbox.write({ ...changeOf("1"), state: STATE });
    await (await store.open("b")).write(changeOf("2"));
    await store.close();
    const other = at();
    const held = await other.open("a");
    await other.clear();
    await refuses(() => held.write(changeOf("3")), "STORE_CLOSED");
    for (const name of ["a", "b"]) await holds(await other.open(name), [], undefined);
  });

  check("random steps, against a list", async (at) => {
    const random = new SeededRandom(5);
    let expected: StoredEvent[] = [];
    let store = at();
    let outbox = await store.open("a");
    for (let step = 0; step < RANDOM_STEPS; step += 1) {
      const appended = Array.from({ length: random.integer(0, 6) }, (_, index) =>
        eventOf(`${step}-${index}`, random.integer(0, 1) ? step : undefined, bytesOf(random)),
      );
      expected.push(...appended);
      const removed = random.integer(0, Math.min(6, expected.length));
      expected = expected.slice(removed);
      const state = { ...STATE, done: step };
      const written = outbox.write({ appended, removed, state });
      if (random.integer(0, 9) > 0) continue;
      await written;
      await store.close();
      store = at();
      outbox = await store.open("a");
      await holds(outbox, expected, state);
    }
  });

  return tests;
}

function bytesOf(random: SeededRandom): Uint8Array[] {
  return Array.from({ length: random.integer(0, 2) }, () => new Uint8Array(random.integer(0, 100)).fill(1));
}

function eventOf(text: string, id?: number, binary: readonly Uint8Array[] = []): StoredEvent {
  return { id, text, binary };
}

function changeOf(...names: string[]): OutboxChanges {
  return { appended: names.map((name) => eventOf(name)), removed: 0, state: STATE };
}

async function holds(
  outbox: StoredOutbox,
  events: readonly StoredEvent[],
  state: OutboxState | undefined,
): Promise<void> {
  same(outbox.events.map(plain), events.map(plain), "list of events");
  same(plainState(outbox.state), plainState(state), "state");
}

function plain({ id, text, binary }: StoredEvent): unknown {
  return [id ?? null, text, [...binary]];
}

function plainState(state: OutboxState | undefined): unknown {
  const { seat, done, nextId } = state ?? {};
  return [state === undefined, seat?.key, seat?.epoch, seat?.offset, done, nextId];
}

async function refuses(attempt: () => Promise<unknown>, code: string): Promise<void> {
  let found: unknown = "nothing";
  try {
    await attempt();
  } catch (error) {
    found = (error as { code?: unknown }).code;
  }
  same(found, code, "error");
}
