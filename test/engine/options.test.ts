import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Server, type ServerOptions } from "../../src/engine/index.ts";
import { pathPrefix, withDefaults } from "../../src/engine/options.ts";

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
  withDefaults({ maxBufferedBytes: 0, shutdownTimeout: 0, closeTimeout: 0, pingInterval: 2 ** 31 - 1 });
});
