import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { CorsOptions, ServerOptions } from "../../src/engine/index.ts";
import { connectRaw } from "../support/engine-client.ts";
import { POLLING_PATH, send, startEngine, WEBSOCKET_PATH } from "../support/engine-server.ts";

const PAGE = "https://example.com";

describe("the origin that is answered", () => {
  const cases: readonly (readonly [string, CorsOptions, string | undefined, string | undefined])[] = [
    ["any", {}, "*", undefined],
    ["any, said so", { origin: "*" }, "*", undefined],
    ["one", { origin: "https://one.example" }, "https://one.example", "Origin"],
    ["any by name", { origin: true }, PAGE, "Origin"],
    ["none", { origin: false }, undefined, undefined],
    ["a list", { origin: ["https://one.example", PAGE] }, PAGE, "Origin"],
    ["another list", { origin: ["https://one.example"] }, undefined, "Origin"],
    ["an expression", { origin: /example\.com$/ }, PAGE, "Origin"],
    ["a list of expressions", { origin: [/one\.example$/, /^https:/] }, PAGE, "Origin"],
    ["another expression", { origin: /one\.example$/ }, undefined, "Origin"],
    ["a function that says yes", { origin: (_origin, callback) => callback(null, true) }, PAGE, "Origin"],
    [
      "a function that says no",
      { origin: (_origin, callback) => callback(null, false) },
      undefined,
      undefined,
    ],
    [
      "a function that says which, later",
      { origin: (origin, callback) => void setImmediate(callback, null, origin) },
      PAGE,
      "Origin",
    ],
  ];
  for (const [what, cors, allowed, vary] of cases) {
    test(what, async (t) => {
      const { port } = await startEngine(t, { cors });
      const { status, headers } = await send(port, POLLING_PATH, { headers: { Origin: PAGE } });
      assert.equal(status, 200);
      assert.equal(headers["access-control-allow-origin"], allowed);
      assert.equal(headers["vary"], vary);
    });
  }

  test("an expression that remembers where it stopped says the same every time", async (t) => {
    const { port } = await startEngine(t, { cors: { origin: /example\.com/g } });
    for (let index = 0; index < 3; index++) {
      const { headers } = await send(port, POLLING_PATH, { headers: { Origin: PAGE } });
      assert.equal(headers["access-control-allow-origin"], PAGE);
    }
  });

  test("a function that fails refuses with code 3", async (t) => {
    const { port } = await startEngine(t, {
      cors: { origin: (_origin, callback) => callback(new Error("no list")) },
    });
    const { status, text } = await send(port, POLLING_PATH, { headers: { Origin: PAGE } });
    assert.equal(status, 400);
    assert.deepEqual(JSON.parse(text), { code: 3, message: "Bad request" });
  });

  test("may differ from request to request", async (t) => {
    const { port } = await startEngine(t, {
      cors: (request, callback) => callback(null, { origin: `https://${String(request.headers["x-page"])}` }),
    });
    const { headers } = await send(port, POLLING_PATH, { headers: { "X-Page": "a.example" } });
    assert.equal(headers["access-control-allow-origin"], "https://a.example");
  });
});

test("a preflight is answered with 204 and what is allowed", async (t) => {
  const { engine, port } = await startEngine(t, {
    cors: { origin: PAGE, credentials: true, maxAge: 600, exposedHeaders: ["X-A", "X-B"] },
  });
  let errors = 0;
  engine.on("connection_error", () => (errors += 1));
  const { status, headers, text } = await send(port, POLLING_PATH, {
    method: "OPTIONS",
    headers: { Origin: PAGE, "Access-Control-Request-Headers": "x-token" },
  });
  assert.equal(status, 204);
  assert.equal(text, "");
  assert.equal(headers["access-control-allow-origin"], PAGE);
  assert.equal(headers["access-control-allow-credentials"], "true");
  assert.equal(headers["access-control-allow-methods"], "GET,HEAD,PUT,PATCH,POST,DELETE");
  assert.equal(headers["access-control-allow-headers"], "x-token");
  assert.equal(headers["access-control-expose-headers"], "X-A,X-B");
  assert.equal(headers["access-control-max-age"], "600");
  assert.equal(headers["vary"], "Origin, Access-Control-Request-Headers");
  assert.equal(headers["content-length"], "0");
  assert.equal(errors, 0);
});

test("a preflight names the methods and headers that were given, and may be handed on", async (t) => {
  const given: CorsOptions = { methods: ["GET", "POST"], allowedHeaders: ["x-a", "x-b"] };
  const { port } = await startEngine(t, { cors: { ...given, optionsSuccessStatus: 200 } });
  const { status, headers } = await send(port, POLLING_PATH, { method: "OPTIONS" });
  assert.equal(status, 200);
  assert.equal(headers["access-control-allow-methods"], "GET,POST");
  assert.equal(headers["access-control-allow-headers"], "x-a,x-b");
  const handingOn = await startEngine(t, { cors: { ...given, preflightContinue: true } });
  assert.equal((await send(handingOn.port, POLLING_PATH, { method: "OPTIONS" })).status, 400);
});

test("an actual answer says who may read it, also if it is a refusal", async (t) => {
  const { port } = await startEngine(t, { cors: { origin: true, credentials: true, exposedHeaders: "X-A" } });
  for (const path of [POLLING_PATH, "/engine.io/?EIO=4&transport=polling&sid=nobody"]) {
    const { headers } = await send(port, path, { headers: { Origin: PAGE } });
    assert.equal(headers["access-control-allow-origin"], PAGE);
    assert.equal(headers["access-control-allow-credentials"], "true");
    assert.equal(headers["access-control-expose-headers"], "X-A");
    assert.equal(headers["access-control-allow-methods"], undefined);
  }
});

test("without the option nothing is said", async (t) => {
  for (const options of [{}, { cors: false }] satisfies ServerOptions[]) {
    const { port } = await startEngine(t, options);
    const { headers } = await send(port, POLLING_PATH, { headers: { Origin: PAGE } });
    assert.equal(headers["access-control-allow-origin"], undefined);
    assert.equal(headers["vary"], undefined);
  }
});

test("true lets any in, and upgrades are not kept out", async (t) => {
  const { port } = await startEngine(t, { cors: true });
  assert.equal((await send(port, POLLING_PATH)).headers["access-control-allow-origin"], "*");
  const raw = await connectRaw(t, port);
  const { headers } = await raw.open(WEBSOCKET_PATH, { Origin: PAGE });
  assert.equal(headers["access-control-allow-origin"], "*");
});
