import assert from "node:assert/strict";
import { test } from "node:test";
import { churnSockets } from "../soak/sockets.ts";

const WARM_UP = 500;
const CLIENTS = 1500;
/** What the first clients leave for good, as it is made once, and what measuring leaves open. */
const ONCE_BYTES = 2.5 * 1024 * 1024;
/** Three in four join; each is asked three questions that count. */
const QUESTIONS = (CLIENTS * 3 * 3) / 4;

/** The small form of `npm run soak -- --scene sockets`, for what is large enough to see at once. */
test(`${CLIENTS} clients that come and go leave nothing, at the server and at home`, async () => {
  const { before, after, abandoned } = await churnSockets(WARM_UP, CLIENTS);
  assert.equal(abandoned, QUESTIONS);
  assert.ok(after - before < ONCE_BYTES, `${after - before} bytes are left`);
});
