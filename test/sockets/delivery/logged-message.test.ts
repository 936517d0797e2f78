import assert from "node:assert/strict";
import { test } from "node:test";
import { LoggedMessage } from "../../../src/sockets/delivery/logged-message.ts";
import type { LogEntry } from "../../../src/sockets/log.ts";

const BYTES = new Uint8Array([1, 2]);
const EVENT: LogEntry = {
  type: "event",
  id: undefined,
  rooms: [],
  except: [],
  body: '["said",{"_placeholder":true,"num":0}]',
  attachments: [BYTES],
};
const ANSWER: LogEntry = { ...EVENT, type: "ack", id: 7, body: '["ok"]', attachments: [] };

test("what one is sent is what many are, on each wire", () => {
  const event = new LoggedMessage("/a", "epoch", 12, EVENT);
  assert.equal(event.packet("none").text, '51-/a,["said",{"_placeholder":true,"num":0}]');
  assert.equal(event.packet("numbered").text, '51-/a,@12,["said",{"_placeholder":true,"num":0}]');
  assert.equal(event.packet("trailing").text, '51-/a,["said",{"_placeholder":true,"num":0},"epoch:12"]');
  for (const wire of ["none", "numbered", "trailing"] as const) {
    const { text, attachments } = event.on(wire);
    assert.deepEqual(event.packet(wire), { text, attachments });
    assert.equal(event.on(wire), event.on(wire));
  }
  assert.equal(new LoggedMessage("/", "epoch", 13, ANSWER).packet("numbered").text, '3@13,7["ok"]');
});
