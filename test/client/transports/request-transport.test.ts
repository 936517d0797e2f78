import assert from "node:assert/strict";
import { test } from "node:test";
import { settle } from "../../support/fake-client.ts";
import { openPacket } from "../../support/fake-platform.ts";
import { fakeSession, pollingLink } from "../../support/fake-session.ts";

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

test("the goodbye does not need the way down", async () => {
  const { platform, session } = await pollingLink();
  session.close();
  await settle();
  platform.request("GET").fail();
  await settle();
  assert.equal(platform.request("POST").body, "1");
});

test("a stream that is closed in the turn in which it begins asks for nothing", async () => {
  const { platform, session } = await fakeSession({ transports: ["sse"] });
  platform.request("GET").stream();
  platform.request("GET").say(`data: ${openPacket({ link: 1 })}\n\n`);
  await settle();
  session.send("bye", []);
  session.close();
  await settle();
  assert.deepEqual(
    platform.pending().map(({ method }) => method),
    ["POST"],
  );
});
