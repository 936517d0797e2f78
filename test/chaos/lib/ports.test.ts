import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { test } from "node:test";
import { lastingPort, listenWhenFree } from "../../../chaos/lib/ports.ts";

test("one server after the other listens on a lasting port", async () => {
  const port = await lastingPort();
  assert.ok(port < 32_768);
  const [first, second] = [createServer(), createServer()];
  await listenWhenFree(first, port);
  const refused = once(second, "error");
  let isSecond = false;
  const listening = listenWhenFree(second, port).then(() => (isSecond = true));
  await refused;
  assert.equal(isSecond, false);
  first.close();
  await listening;
  assert.equal((second.address() as { port: number }).port, port);
  second.close();
});

test("what keeps a server from listening for good is told", async () => {
  await assert.rejects(listenWhenFree(createServer(), 1e6), RangeError);
});
