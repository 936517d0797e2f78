import assert from "node:assert/strict";
import { test } from "node:test";
import { pollingLink } from "../../support/fake-session.ts";

test("the goodbye has some time to arrive, and then nothing is under way any more", async () => {
  for (const isAnswered of [true, false]) {
    const { platform, session, clock, advance } = await pollingLink();
    session.close();
    await advance(4999);
    assert.equal(platform.request("POST").body, "1");
    assert.equal(platform.pending("GET").length, 1);
    if (isAnswered) platform.request("POST").answer("ok");
    else clock.advance(1);
    await advance(0);
    assert.equal(platform.pending().length, 0);
    assert.equal(clock.pending, 0);
  }
});
