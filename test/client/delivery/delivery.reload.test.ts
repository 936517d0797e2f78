/** Our client with a store, and our server, whatever happens to pages, connections and servers: seeded schedules, judged by what the server handled. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { delivery } from "../../../src/client/delivery/index.ts";
import type { Socket } from "../../../src/client/socket.ts";
import { diskLog, type DiskLogs } from "../../../src/log/disk.ts";
import { memoryLog } from "../../../src/log/index.ts";
import type { LogFactory } from "../../../src/sockets/log.ts";
import type { Server } from "../../../src/sockets/server.ts";
import { startServer, undoAfter } from "../../support/fixture.ts";
import { MemoryStore } from "../../support/memory-store.ts";
import { nodeClient } from "../../support/node-client.ts";
import { SeededRandom } from "../../../src/testing/seeded-random.ts";
import { until } from "../../support/until.ts";

const STEPS = 60;

/** A server that may be restarted, and a page that may be reloaded. */
class World {
  readonly store = new MemoryStore();
  readonly handled: unknown[] = [];
  readonly #t: TestContext;
  readonly #random: SeededRandom;
  readonly #log: LogFactory | string;
  #disk: DiskLogs | undefined;
  readonly #options: { readonly keepSeat: boolean; readonly isSlow: boolean };
  #io: Server | undefined;
  #port = 0;
  #page: Socket | undefined;
  #value = 0;

  /** @param log or the folder of one that outlives its server */
  constructor(
    t: TestContext,
    random: SeededRandom,
    log: LogFactory | string,
    options: { readonly keepSeat: boolean; readonly isSlow: boolean },
  ) {
    this.#t = t;
    this.#random = random;
    this.#log = log;
    this.#options = options;
  }

  get page(): Socket {
    return this.#page!;
  }

  async start(): Promise<void> {
    const log = typeof this.#log === "string" ? (this.#disk = await diskLog({ path: this.#log })) : this.#log;
    const { io, port } = await startServer(
      this.#t,
      { delivery: { log, maxUnacknowledged: 8 }, shutdownTimeout: 0 },
      { port: this.#port },
    );
    this.#io = io;
    this.#port = port;
    io.on("connection", (socket) => {
      socket.on("n", async (value: unknown, bytes: Uint8Array, done?: (value: unknown) => void) => {
        this.handled.push(value);
        assert.equal(bytes[0], (value as number) % 256);
        // Some are still under way when the page is reloaded.
        if (this.#options.isSlow && (value as number) % 3 === 0) await turns(5);
        done?.(value);
      });
    });
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  async stop(): Promise<void> {
    await this.#io!.close();
    await this.#disk?.close();
  }

  /** The page is dropped, without a goodbye and whatever is being written; another one is there. */
  reload(): void {
    this.#page?.io.disconnect();
    this.store.crash();
    this.#page = nodeClient(this.#t, `http://127.0.0.1:${this.#port}`, {
      transports: ["websocket"],
      forceNew: true,
      delivery: delivery({ store: this.store, keepSeat: this.#options.keepSeat }),
    });
  }

  cut(): void {
    for (const [, socket] of this.#io!.sockets.sockets) socket.conn.close();
  }

  emit(count: number): void {
    for (let index = 0; index < count; index += 1) {
      this.#value += 1;
      const bytes = Uint8Array.of(this.#value % 256);
      if (this.#random.fraction() < 0.3) this.page.emit("n", this.#value, bytes, () => {});
      else this.page.emit("n", this.#value, bytes);
    }
  }
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => void setImmediate(resolve));
}

/** What the store has ever had. */
function valuesIn(store: MemoryStore): unknown[] {
  return store.had.map(({ text }) => (JSON.parse(text) as unknown[])[1]);
}

async function play(t: TestContext, seed: number, world: World, canRestart: boolean): Promise<void> {
  const random = new SeededRandom(seed);
  await world.start();
  world.reload();
  for (let step = 0; step < STEPS; step += 1) {
    const chance = random.fraction();
    if (chance < 0.4) world.emit(1 + Math.floor(random.fraction() * 6));
    else if (chance < 0.55) await turns(1 + Math.floor(random.fraction() * 30));
    else if (chance < 0.7) world.store.commit();
    else if (chance < 0.75) world.store.isSlow = !world.store.isSlow;
    else if (chance < 0.85) world.cut();
    else if (chance < 0.97) world.reload();
    else if (canRestart) await world.restart();
    await turns(Math.floor(random.fraction() * 4));
  }
  world.store.isSlow = false;
  world.store.commit();
  world.emit(3);
  const gaps: unknown[] = [];
  world.page.on("gap", () => gaps.push("gap"));
  await until(() => world.page.bufferedEvents === 0 && world.page.connected);
  assert.deepEqual(world.handled, valuesIn(world.store), `seed ${seed}`);
  assert.ok(world.handled.length > 3);
  t.diagnostic(`${world.handled.length} events, seed ${seed}`);
}

void describe(
  "an outbox with a store, over reloads, lost connections and restarts",
  { concurrency: 4 },
  () => {
    for (const keepSeat of [false, true]) {
      for (let seed = 1; seed <= 8; seed += 1) {
        const which = keepSeat ? "with its seat" : "anew";
        test(`handles each event that it has had once and in order, ${which}: memory, seed ${seed}`, async (t) => {
          const log = memoryLog();
          await play(t, seed, new World(t, new SeededRandom(seed), log, { keepSeat, isSlow: true }), false);
        });
      }
      for (let seed = 101; seed <= 103; seed += 1) {
        const which = keepSeat ? "with its seat" : "anew";
        test(`the same over restarts of a server with a log on disk, ${which}: seed ${seed}`, async (t) => {
          const path = await mkdtemp(join(tmpdir(), "switchboard-outbox-"));
          undoAfter(t, () => rm(path, { recursive: true, force: true }));
          const world = new World(t, new SeededRandom(seed), path, { keepSeat, isSlow: false });
          undoAfter(t, () => world.stop());
          await play(t, seed, world, true);
        });
      }
    }
  },
);
