import assert from "node:assert/strict";
import { test } from "node:test";
import { createHttpServer } from "../../src/engine/index.ts";

test("a server of our own gives up on requests that are never finished", () => {
  const http = createHttpServer();
  assert.ok(http.headersTimeout > 0 && http.headersTimeout <= 10_000);
  assert.ok(http.requestTimeout > 0 && http.requestTimeout <= 30_000);
});
