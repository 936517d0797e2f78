import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type CookieOptions, cookieWriter } from "../../src/engine/cookie.ts";
import { EngineClient } from "../support/engine-client.ts";
import { openPolling, POLLING_PATH, send, startEngine } from "../support/engine-server.ts";

describe("the cookie's text", () => {
  const cases: readonly (readonly [CookieOptions | true, string])[] = [
    [true, "io=abc; Path=/; HttpOnly; SameSite=Lax"],
    [{}, "io=abc; Path=/; HttpOnly; SameSite=Lax"],
    [{ name: "sid", path: "", httpOnly: false, sameSite: false }, "sid=abc"],
    [{ sameSite: true, secure: true }, "io=abc; Path=/; HttpOnly; Secure; SameSite=Strict"],
    [
      {
        maxAge: 60.9,
        domain: "example.com",
        path: "/a",
        priority: "high",
        partitioned: true,
        sameSite: "none",
      },
      "io=abc; Max-Age=60; Domain=example.com; Path=/a; HttpOnly; Partitioned; Priority=High; SameSite=None",
    ],
    [
      { expires: new Date(0) },
      "io=abc; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; SameSite=Lax",
    ],
  ];
  for (const [options, expected] of cases) {
    test(JSON.stringify(options), () => assert.equal(cookieWriter(options)("abc"), expected));
  }

  test("an id of the application's is escaped", () => {
    assert.equal(
      cookieWriter({ path: "", httpOnly: false, sameSite: false })("a; b=\n"),
      "io=a%3B%20b%3D%0A",
    );
  });

  test("what can't be in a cookie is refused", () => {
    for (const [name, value] of [
      ["name", "a b"],
      ["name", ""],
      ["path", "/;x"],
      ["domain", "a b"],
      ["maxAge", Number.NaN],
    ] as const) {
      assert.throws(() => cookieWriter({ [name]: value }), { name: "TypeError", message: new RegExp(name) });
    }
  });
});

test("comes with the answer to a handshake by polling, and no other", async (t) => {
  const { port } = await startEngine(t, { cookie: { name: "lb" } });
  const { status, headers, text } = await send(port, POLLING_PATH);
  assert.equal(status, 200);
  const { sid } = JSON.parse(text.slice(1)) as { sid: string };
  assert.deepEqual(headers["set-cookie"], [`lb=${sid}; Path=/; HttpOnly; SameSite=Lax`]);
  const posted = await send(port, `${POLLING_PATH}&sid=${sid}`, { method: "POST", body: "4x" });
  assert.equal(posted.headers["set-cookie"], undefined);
  assert.equal((await send(port, POLLING_PATH, { method: "POST" })).headers["set-cookie"], undefined);
});

test("is not there unless it is asked for", async (t) => {
  for (const cookie of [undefined, false]) {
    const { port } = await startEngine(t, cookie === undefined ? {} : { cookie });
    assert.equal((await send(port, POLLING_PATH)).headers["set-cookie"], undefined);
    await openPolling(port);
    await EngineClient.open(t, port, "/engine.io/?EIO=4&transport=websocket");
  }
});
