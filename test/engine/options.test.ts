import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { Server, type ServerOptions } from "../../src/engine/index.ts";
import { pathPrefix, withDefaults } from "../../src/engine/options.ts";
import { defaultTotalBytes } from "../../src/engine/total-backlog.ts";
import { RecordingLogger } from "../support/recording-logger.ts";

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const DOCS = read("docs/reference/engine.md");

/** The names of the options in the two interfaces. */
function typed(): string[] {
  const source = read("src/engine/options.ts");
  const interfaces = [...source.matchAll(/export interface (?:Attach|Server)Options[^{]*\{(.*?)\n\}/gs)];
  return interfaces.flatMap(([, body]) => [...body!.matchAll(/^ {2}(\w+)\?:/gm)].map(([, name]) => name!));
}

test("each option is in docs/reference/engine.md, once, and each that is there exists", () => {
  const section = DOCS.split("\n## ").find((part) => part.startsWith("Options"))!;
  const documented = [...section.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name!);
  assert.ok(typed().length > 25);
  assert.deepEqual(documented.toSorted(), typed().toSorted());
});

test("each limit is in SECURITY.md", () => {
  const security = read("SECURITY.md");
  for (const name of [
    "maxHttpBufferSize",
    "maxBufferedBytes",
    "maxTotalBufferedBytes",
    "maxSessions",
    "handshakeRate",
    "handshakeTimeout",
    "bodyTimeout",
    "closeTimeout",
    "upgradeTimeout",
    "maxHeaderSize",
    "pingTimeout",
  ] satisfies (keyof ServerOptions)[]) {
    assert.ok(security.includes(`\`${name}\``), name);
  }
});

test("the defaults are the documented ones", () => {
  const { sessions, logger: _logger, findOrigin: _findOrigin, ...rest } = withDefaults({});
  const { clock: _clock, random: _random, ...times } = sessions;
  assert.deepEqual(times, {
    pingIntervalMs: 25_000,
    pingTimeoutMs: 20_000,
    maxMessageBytes: 1_000_000,
    maxBufferedBytes: 64 * 1024 * 1024,
    maxTotalBufferedBytes: defaultTotalBytes(),
    overflow: "terminate",
    upgradeTimeoutMs: 10_000,
    shutdownTimeoutMs: 1_000,
    closeGraceMs: 30_000,
  });
  assert.deepEqual(rest, {
    rules: { transports: ["polling", "websocket"], allowUpgrades: true, link: true },
    path: "/engine.io/",
    addTrailingSlash: true,
    destroyUpgrade: true,
    allowRequest: undefined,
    generateId: undefined,
    handshakeTimeoutMs: 10_000,
    cors: undefined,
    cookie: undefined,
    httpCompression: {},
    perMessageDeflate: false,
    maxSessions: Number.POSITIVE_INFINITY,
    handshakeRate: undefined,
    admission: undefined,
    bodyTimeoutMs: 30_000,
    maxHeaderSize: undefined,
    keepRequest: false,
  });
  assert.equal(withDefaults({ httpCompression: false }).httpCompression, undefined);
});

test("the path begins with one slash, and ends with one unless that is not wanted", () => {
  for (const path of ["live", "/live", "live/", "/live/", "//live//"]) {
    assert.equal(pathPrefix(path, true), "/live/");
    assert.equal(pathPrefix(path, false), "/live");
  }
  for (const path of ["", "/", "//"]) assert.equal(pathPrefix(path, true), "/");
});

test("a value that can't be is refused by name", () => {
  const tooLong = 2 ** 31;
  const cases: readonly (readonly [string, readonly unknown[]])[] = [
    ["pingInterval", [0, -1, Number.NaN, Number.POSITIVE_INFINITY, tooLong]],
    ["pingTimeout", [0, -1, Number.NaN, tooLong]],
    ["upgradeTimeout", [0, -1, Number.NaN, tooLong]],
    ["handshakeTimeout", [0, -1, Number.NaN, tooLong]],
    ["bodyTimeout", [0, -1, Number.NaN, tooLong]],
    ["closeTimeout", [-1, Number.NaN, tooLong]],
    ["shutdownTimeout", [-1, Number.NaN, tooLong]],
    ["maxHttpBufferSize", [0, -1, Number.NaN]],
    ["maxBufferedBytes", [-1, Number.NaN]],
    ["maxTotalBufferedBytes", [-1, Number.NaN]],
    ["maxSessions", [0, -1, Number.NaN]],
    ["maxHeaderSize", [0, -1, Number.NaN]],
    ["overflow", ["explode"]],
    ["transports", [["polling", "pigeon"]]],
    [
      "handshakeRate",
      [
        { max: 0, perMs: 1 },
        { max: 1, perMs: 0 },
      ],
    ],
  ];
  for (const [name, values] of cases) {
    for (const value of values) {
      assert.throws(
        () => new Server({ [name]: value }),
        (error) => error instanceof RangeError && error.message.includes(name),
        `${name} ${JSON.stringify(value)}`,
      );
    }
  }
  withDefaults({
    maxBufferedBytes: 0,
    maxTotalBufferedBytes: 0,
    shutdownTimeout: 0,
    closeTimeout: 0,
    pingInterval: 2 ** 31 - 1,
  });
});

describe("an option that is not there", () => {
  const warnings = (options: object): unknown[] => {
    const logger = new RecordingLogger();
    withDefaults({ logger, ...options });
    return logger.take().map(({ level, details, message }) => [level, details, message]);
  };

  test("of engine.io is a TypeError that says what to do", () => {
    for (const [options, sentence] of [
      [{ wsEngine: () => {} }, /"wsEngine" is not supported. .*leave it out/],
      [{ initialPacket: "hello" }, /"initialPacket" is not supported. Send it/],
      [{ allowEIO3: true }, /"allowEIO3" can only be false/],
      [{ transports: ["websocket", "webtransport"] }, /leave it out, and clients/],
    ] as const) {
      assert.throws(() => warnings(options), { name: "TypeError", message: sentence });
    }
    assert.throws(() => warnings({ transports: ["pigeon"] }), RangeError);
  });

  test("and changes nothing, is taken", () => {
    assert.deepEqual(
      warnings({ allowEIO3: false, destroyUpgradeTimeout: 1, wsEngine: undefined, hm: undefined }),
      [],
    );
  });

  test("and that nobody knows, is warned of and passed over", () => {
    assert.deepEqual(warnings({ pingIntervall: 1, constructor: 2 }), [
      ["warn", { option: "pingIntervall" }, 'The option "pingIntervall" is not known, and passed over.'],
      ["warn", { option: "constructor" }, 'The option "constructor" is not known, and passed over.'],
    ]);
  });
});
