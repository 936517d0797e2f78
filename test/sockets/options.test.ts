import assert from "node:assert/strict";
import { test } from "node:test";
import { Server } from "../../src/sockets/server.ts";
import { type ServerOptions, withDefaults } from "../../src/sockets/options.ts";

test("the defaults are the documented ones", () => {
  const { adapter: _adapter, logger: _logger, clock: _clock, ...rest } = withDefaults({});
  assert.deepEqual(rest, {
    path: "/socket.io/",
    pingInterval: 25_000,
    pingTimeout: 20_000,
    connectTimeout: 45_000,
    maxHttpBufferSize: 1_000_000,
    maxBufferedBytes: 64 * 1024 * 1024,
    shutdownTimeout: 1_000,
  });
});

test("the path begins and ends with one slash", () => {
  for (const path of ["live", "/live", "live/", "/live/", "//live//"]) {
    assert.equal(withDefaults({ path }).path, "/live/");
  }
  for (const path of ["", "/", "//"]) assert.equal(withDefaults({ path }).path, "/");
});

test("a number that can't be is refused by name", () => {
  const cases: readonly (readonly [keyof ServerOptions, readonly number[]])[] = [
    ["pingInterval", [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31]],
    ["pingTimeout", [0, -1, Number.NaN, 2 ** 31]],
    ["connectTimeout", [0, -1, Number.NaN, 2 ** 31]],
    ["shutdownTimeout", [-1, Number.NaN, 2 ** 31]],
    ["maxHttpBufferSize", [0, -1, Number.NaN]],
    ["maxBufferedBytes", [-1, Number.NaN]],
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
  withDefaults({ maxBufferedBytes: 0, shutdownTimeout: 0, pingInterval: 2 ** 31 - 1 });
});
