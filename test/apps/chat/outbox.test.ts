import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { Outbox, type OutboxEntry } from "../../../apps/chat/src/page/outbox.ts";
import type { SendReply, SendRequest } from "../../../apps/chat/src/shared/contract.ts";

interface Delivery {
  readonly id: string;
  answer(reply: SendReply): Promise<void>;
  fail(): Promise<void>;
}

describe("the outbox", () => {
  let deliveries: Delivery[];
  let sent: string[];
  let waits: { readonly ms: number; done(): Promise<void> }[];
  let outbox: Outbox;
  beforeEach(() => {
    deliveries = [];
    sent = [];
    waits = [];
    outbox = new Outbox({
      deliver: ({ id }: SendRequest) =>
        new Promise((resolve, reject) => {
          deliveries.push({
            id,
            answer: (reply) => settle(() => resolve(reply)),
            fail: () => settle(() => reject(new Error("The line went down."))),
          });
        }),
      onChange: () => {},
      onSent: ({ id }, at) => sent.push(`${id}@${at}`),
      wait: (ms) => new Promise((resolve) => waits.push({ ms, done: () => settle(resolve) })),
    });
  });

  const add = (id: string): void => outbox.add({ id, room: "lobby", text: id }, 0);
  const states = (): string[] => outbox.entries.map(({ id, state }) => `${id} ${state}`);
  const ids = (): string[] => deliveries.map(({ id }) => id);

  it("keeps everything while the line is down", () => {
    add("a");
    add("b");
    assert.deepEqual(states(), ["a waiting", "b waiting"]);
    assert.deepEqual(ids(), []);
  });

  it("sends one at a time, in order", async () => {
    add("a");
    add("b");
    outbox.open();
    assert.deepEqual(states(), ["a sending", "b waiting"]);
    await deliveries[0]?.answer({ ok: true, at: 1 });
    assert.deepEqual(states(), ["b sending"]);
    await deliveries[1]?.answer({ ok: true, at: 2 });
    add("c");
    await deliveries[2]?.answer({ ok: true, at: 3 });
    assert.deepEqual(ids(), ["a", "b", "c"]);
    assert.deepEqual(sent, ["a@1", "b@2", "c@3"]);
    assert.deepEqual(states(), []);
  });

  it("sends again what was not answered when the line is back", async () => {
    outbox.open();
    add("a");
    add("b");
    outbox.close();
    await deliveries[0]?.fail();
    assert.deepEqual(states(), ["a waiting", "b waiting"]);
    outbox.open();
    await deliveries[1]?.answer({ ok: true, at: 1 });
    assert.deepEqual(ids(), ["a", "a", "b"]);
    assert.deepEqual(sent, ["a@1"]);
  });

  it("does the same when the failure is known before the closing", async () => {
    outbox.open();
    add("a");
    await deliveries[0]?.fail();
    outbox.close();
    outbox.open();
    assert.deepEqual(ids(), ["a", "a"]);
    await waits[0]?.done();
    assert.deepEqual(ids(), ["a", "a"]);
    assert.deepEqual(states(), ["a sending"]);
  });

  it("counts a late answer of the old line, and only once", async () => {
    outbox.open();
    add("a");
    add("b");
    outbox.close();
    outbox.open();
    assert.deepEqual(ids(), ["a", "a"]);
    await deliveries[0]?.answer({ ok: true, at: 1 });
    assert.deepEqual(states(), ["b waiting"]);
    await deliveries[1]?.answer({ ok: true, at: 1 });
    assert.deepEqual(ids(), ["a", "a", "b"]);
    assert.deepEqual(sent, ["a@1"]);
  });

  it("changes nothing when it is opened while it is open", () => {
    outbox.open();
    add("a");
    add("b");
    outbox.open();
    assert.deepEqual(ids(), ["a"]);
  });

  it("waits as long as a busy server asks, and keeps the order", async () => {
    outbox.open();
    add("a");
    add("b");
    await deliveries[0]?.answer({ ok: false, code: "busy", reason: "Slowly.", retryAfterMs: 70 });
    assert.deepEqual(states(), ["a waiting", "b waiting"]);
    assert.equal(waits[0]?.ms, 70);
    await waits[0]?.done();
    assert.deepEqual(ids(), ["a", "a"]);
  });

  it("shows what the server will never take, and goes on", async () => {
    outbox.open();
    add("a");
    add("b");
    await deliveries[0]?.answer({ ok: false, code: "too-long", reason: "Too long." });
    const [failed] = outbox.entries as [OutboxEntry];
    assert.equal(failed.state, "failed");
    assert.equal(failed.reason, "Too long.");
    assert.deepEqual(ids(), ["a", "b"]);
    outbox.close();
    outbox.open();
    assert.deepEqual(ids(), ["a", "b", "b"]);
    outbox.remove("a");
    assert.deepEqual(states(), ["b sending"]);
  });
});

/** Settles a promise and lets all that follows from it happen. */
async function settle(action: () => void): Promise<void> {
  action();
  await new Promise((resolve) => setImmediate(resolve));
}
