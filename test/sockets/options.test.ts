import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { Adapter as StockAdapter } from "socket.io-adapter";
import type { AdapterHost } from "../../src/sockets/adapter.ts";
import { LocalAdapter } from "../../src/sockets/local-adapter.ts";
import { Server } from "../../src/sockets/server.ts";
import { type ServerOptions, withDefaults } from "../../src/sockets/options.ts";
import { RecordingLogger } from "../support/recording-logger.ts";

test("the defaults are the documented ones; those of the engine are its own", () => {
  const { adapter: _adapter, logger, clock, ...rest } = withDefaults({});
  assert.deepEqual(rest, {
    path: "/socket.io/",
    connectTimeoutMs: 45_000,
    serveClient: true,
    cleanupEmptyChildNamespaces: true,
    delivery: undefined,
    isStockRecovery: false,
    rateLimits: undefined,
    turns: undefined,
    limits: {
      maxNamespaces: 100,
      maxNamespaceNameLength: 1024,
      maxEventNameLength: 1024,
      maxAttachmentBytes: 4_000_000,
      maxRoomsPerSocket: 10_000,
      maxDynamicNamespaces: 10_000,
    },
    engine: { path: "/socket.io/", logger, clock },
  });
});

test("the engine gets what it knows, and nothing else", () => {
  const { engine, connectTimeoutMs } = withDefaults({
    connectTimeout: 7,
    path: "/live",
    pingInterval: 8,
    transports: ["polling"],
    cors: { origin: "https://example.com" },
    maxSessions: 9,
  });
  const { logger: _logger, clock: _clock, ...rest } = engine;
  assert.equal(connectTimeoutMs, 7);
  assert.deepEqual(rest, {
    path: "/live",
    pingInterval: 8,
    transports: ["polling"],
    cors: { origin: "https://example.com" },
    maxSessions: 9,
  });
});

test("a number that can't be is refused by name, also where the engine knows it", () => {
  const cases: readonly (readonly [keyof ServerOptions, readonly number[]])[] = [
    ["pingInterval", [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31]],
    ["pingTimeout", [0, -1, Number.NaN, 2 ** 31]],
    ["connectTimeout", [0, -1, Number.NaN, 2 ** 31]],
    ["shutdownTimeout", [-1, Number.NaN, 2 ** 31]],
    ["maxHttpBufferSize", [0, -1, Number.NaN]],
    ["maxBufferedBytes", [-1, Number.NaN]],
    ["maxNamespaces", [0, -1, Number.NaN]],
    ["maxDynamicNamespaces", [0, Number.NaN]],
    ["maxRoomsPerSocket", [0, Number.NaN]],
    ["maxEventNameLength", [0, Number.NaN]],
    ["maxNamespaceNameLength", [0, Number.NaN]],
    ["maxAttachmentBytes", [0, Number.NaN]],
  ];
  for (const [name, values] of cases) {
    for (const value of values) {
      assert.throws(
        () => new Server({ [name]: value }),
        (error) =>
          error instanceof RangeError && error.message.includes(name) && error.message.includes(`${value}`),
        `${name} ${value}`,
      );
    }
  }
  withDefaults({ connectTimeout: 2 ** 31 - 1 });
});

test("the options are in docs/reference/sockets.md, with their defaults", () => {
  const docs = readFileSync(new URL("../../docs/reference/sockets.md", import.meta.url), "utf8");
  const rows = new Map(
    [...docs.matchAll(/^\| `(\w+)` \| ([^|]+) \|/gm)].map(([, name, value]) => [name, value!.trim()]),
  );
  const { limits, connectTimeoutMs, cleanupEmptyChildNamespaces, path } = withDefaults({});
  for (const [name, value] of Object.entries(limits))
    assert.equal(rows.get(name), value.toLocaleString("en"));
  assert.equal(rows.get("connectTimeout"), `${connectTimeoutMs.toLocaleString("en")} ms`);
  assert.equal(rows.get("cleanupEmptyChildNamespaces"), String(cleanupEmptyChildNamespaces));
  assert.equal(rows.get("rateLimits"), "no limits");
  assert.equal(rows.get("disconnectAfter"), "1,000");
  assert.equal(rows.get("path"), `\`${path}\``);
});

describe("an option of Socket.IO that is not there", () => {
  test("is a TypeError that says what to do", () => {
    for (const [options, sentence] of [
      [{ parser: {} }, /"parser" is not supported.*leave it out/],
      [{ allowEIO3: true }, /"allowEIO3" can only be false/],
      [{ transports: ["webtransport"] }, /leave it out/],
      [{ delivery: { log: {} } }, /The option "log" must be a function/],
      [{ adapter: "redis" }, /must be a function or a class, not string/],
      [{ adapter: StockAdapter }, /Those of Socket.IO don't fit/],
      [{ adapter: (namespace: never) => new StockAdapter(namespace) }, /Those of Socket.IO don't fit/],
      [{ adapter: () => ({}) }, /Those of Socket.IO don't fit/],
    ] as const) {
      assert.throws(() => new Server(options as object), { name: "TypeError", message: sentence });
    }
  });

  test("and is not wanted, is taken; one that nobody knows is warned of", () => {
    const logger = new RecordingLogger();
    const options = { connectionStateRecovery: undefined, parser: undefined, allowEIO3: false };
    const make = (more: object): Server => new Server({ logger, ...more });
    make(options);
    make({ connectionStateRecovery: false });
    logger.assertEmpty();
    make({ pingIntervall: 5 });
    assert.deepEqual(
      logger.take().map(({ level, details }) => [level, details]),
      [["warn", { option: "pingIntervall" }]],
    );
  });
});

test("an adapter may be a class, or a function", () => {
  const made: unknown[] = [];
  class Mine extends LocalAdapter {
    constructor(namespace: string, host: AdapterHost) {
      super();
      made.push([namespace, typeof host.onError]);
    }
  }
  const io = new Server({ adapter: Mine });
  assert.ok(io.of("/n").adapter instanceof Mine);
  assert.ok(new Server({ adapter: (...args) => new Mine(...args) }).sockets.adapter instanceof Mine);
  assert.deepEqual(made, [
    ["/", "function"],
    ["/n", "function"],
    ["/", "function"],
  ]);
  const failing = new Error("no");
  assert.throws(
    () =>
      new Server({
        adapter: () => {
          throw failing;
        },
      }),
    failing,
  );
});
