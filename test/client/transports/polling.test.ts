import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { MAX_ANSWER_BYTES } from "../../../src/client/fetch.ts";
import { settle } from "../../support/fake-client.ts";
import { openPacket } from "../../support/fake-platform.ts";
import { fakeSession } from "../../support/fake-session.ts";

/** An open session by polling. */
async function opened(link: object) {
  const made = await fakeSession({ transports: ["polling"] });
  made.platform.request("GET").answer(openPacket(link));
  await settle();
  return made;
}

describe("an answer without an end", () => {
  const piece = "x".repeat(MAX_ANSWER_BYTES / 10);
  const error = `An answer is longer than ${MAX_ANSWER_BYTES} bytes.`;

  for (const [name, link] of [
    ["plain session", {}],
    ["link", { link: 1 }],
  ] as const) {
    for (const status of [200, 400]) {
      test(`to a poll of a ${name} ends it, with ${status}`, async () => {
        const { platform, handler, clock } = await opened(link);
        const poll = platform.request("GET");
        poll.stream(status);
        for (let count = 0; count < 10; count++) poll.say(piece);
        await settle();
        assert.ok(handler.isOpen);
        poll.say("x");
        await settle();
        assert.deepEqual([handler.end?.reason, handler.end?.error?.message], ["parse error", error]);
        assert.equal(poll.isPending, false);
        assert.equal(clock.pending, 0);
      });
    }

    test(`to what a ${name} sends ends it`, async () => {
      const { platform, session, handler } = await opened(link);
      session.send("hello", []);
      await settle();
      const upload = platform.request("POST");
      upload.stream();
      for (let count = 0; count < 11; count++) upload.say(piece);
      await settle();
      assert.deepEqual([handler.end?.reason, handler.end?.error?.message], ["parse error", error]);
      assert.equal(platform.pending().length, 0);
    });
  }

  test("to the handshake is a failure to connect", async () => {
    const { platform, handler } = await fakeSession({ transports: ["polling"] });
    const poll = platform.request("GET");
    poll.stream();
    for (let count = 0; count < 11; count++) poll.say(piece);
    await settle();
    assert.deepEqual([handler.end?.reason, handler.end?.error?.message], ["transport error", error]);
    assert.equal(platform.pending().length, 0);
  });
});
