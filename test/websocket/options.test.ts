import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { WebSocket, WebSocketServer } from "../../src/websocket/index.ts";
import { DEFAULTS, deflateSetup } from "../../src/websocket/options.ts";

test("the defaults are those that are documented", () => {
  assert.deepEqual(DEFAULTS, {
    handshakeTimeout: 10_000,
    maxPayload: 104_857_600,
    maxBufferedBytes: 67_108_864,
    closeTimeout: 30_000,
    maxRedirects: 10,
    threshold: 1024,
    concurrencyLimit: 10,
  });
});

describe("compression", () => {
  test("is off, on, or as is wished", () => {
    assert.equal(deflateSetup(false), undefined);
    assert.equal(deflateSetup(true), deflateSetup(true));
    assert.equal(deflateSetup(true)!.settings.thresholdBytes, 1024);
    const setup = deflateSetup({ threshold: 5, serverMaxWindowBits: 9, clientMaxWindowBits: true })!;
    assert.equal(setup.settings.thresholdBytes, 5);
    assert.equal(setup.wishes.serverMaxWindowBits, 9);
    assert.equal(setup.wishes.clientMaxWindowBits, true);
    assert.notEqual(deflateSetup({})!.settings.pool, deflateSetup({})!.settings.pool);
  });

  for (const option of [
    { serverMaxWindowBits: 16 },
    { serverMaxWindowBits: 7 },
    { clientMaxWindowBits: 9.5 },
    { clientMaxWindowBits: Number.NaN },
    { serverMaxWindowBits: "10" as never },
    { concurrencyLimit: 0 },
    { concurrencyLimit: -1 },
    { concurrencyLimit: Number.NaN },
  ]) {
    test(`can't be ${JSON.stringify(option)}: refused at once, by a server and a client`, () => {
      assert.throws(() => deflateSetup(option), RangeError);
      assert.throws(() => new WebSocketServer({ noServer: true, perMessageDeflate: option }), RangeError);
      assert.throws(() => new WebSocket("ws://127.0.0.1:1", { perMessageDeflate: option }), RangeError);
    });
  }
});
