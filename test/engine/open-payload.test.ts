import assert from "node:assert/strict";
import { test } from "node:test";
import { OpenPayloads } from "../../src/engine/open-payload.ts";

const payloads = new OpenPayloads({ pingIntervalMs: 25_000, pingTimeoutMs: 20_000, maxMessageBytes: 1e6 });
const REST = { pingInterval: 25_000, pingTimeout: 20_000, maxPayload: 1e6 };

test("is what JSON would make of it, in the order of the protocol's own example, the second time as well", () => {
  for (let time = 0; time < 2; time += 1) {
    for (const upgrades of [[], ["websocket"]] as "websocket"[][]) {
      const plain = { sid: "one", upgrades, ...REST };
      assert.equal(payloads.of("one", upgrades, false), JSON.stringify(plain));
      assert.equal(payloads.of("one", upgrades, true), JSON.stringify({ ...plain, link: 1 }));
    }
  }
});

test("takes ids of any characters", () => {
  const id = 'a"b\\c\n\u2028é';
  assert.equal(payloads.of(id, [], false), JSON.stringify({ sid: id, upgrades: [], ...REST }));
});
