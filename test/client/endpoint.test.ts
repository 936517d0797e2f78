import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Endpoint, RequestError } from "../../src/client/endpoint.ts";
import type { Fetch } from "../../src/client/fetch.ts";
import { FakePlatform } from "../support/fake-platform.ts";

describe("an address", () => {
  for (const [origin, ws, http] of [
    ["http://a:1", "ws://a:1/socket.io/?x=1", "http://a:1/socket.io/?x=1"],
    ["https://a", "wss://a/socket.io/?x=1", "https://a/socket.io/?x=1"],
    ["ws://a", "ws://a/socket.io/?x=1", "http://a/socket.io/?x=1"],
    ["wss://a", "wss://a/socket.io/?x=1", "https://a/socket.io/?x=1"],
  ] as const) {
    test(`of ${origin} for WebSocket and for requests`, () => {
      const endpoint = new Endpoint(origin, {}, new FakePlatform());
      assert.deepEqual([endpoint.url("ws", { x: "1" }), endpoint.url("http", { x: "1" })], [ws, http]);
    });
  }
});

describe("a request", () => {
  test("may be made by a function of the user", async () => {
    const asked: string[] = [];
    const fetch: Fetch = (url) => {
      asked.push(url);
      return Promise.resolve({ status: 200, text: () => Promise.resolve("yes"), body: null });
    };
    const endpoint = new Endpoint("http://a", { fetch, query: { room: "a b" } }, new FakePlatform());
    const response = await endpoint.request({ x: "1" }, new AbortController().signal);
    assert.equal(await response.text(), "yes");
    assert.deepEqual(asked, ["http://a/socket.io/?room=a+b&x=1"]);
  });

  test("may be made by the global function, as far as types go", () => {
    const same: Fetch = fetch;
    assert.equal(typeof same, "function");
  });

  test("that is refused says why, and whether asking again is of use", async () => {
    for (const [status, text, isFinal] of [
      [400, '{"code":1,"message":"Session ID unknown"}', true],
      [400, '{"code":3,"message":"Bad request"}', false],
      [400, "null", false],
      [400, "<html>", false],
      [413, "", true],
      [502, '{"code":1}', false],
    ] as const) {
      const platform = new FakePlatform();
      const asking = new Endpoint("http://a", {}, platform).request({}, new AbortController().signal, "4x");
      platform.request("POST").answer(text, status);
      await assert.rejects(asking, (error: RequestError) => {
        assert.deepEqual([error.name, error.status, error.isFinal], ["RequestError", status, isFinal]);
        return true;
      });
    }
  });

  test("says for how long the server wants to be left alone", async () => {
    for (const [retryAfter, expected] of [
      ["3", 3000],
      [undefined, 0],
      ["Wed, 21 Oct 2037 07:28:00 GMT", 0],
      ["", 0],
    ] as const) {
      const platform = new FakePlatform();
      const asking = new Endpoint("http://a", {}, platform).request({}, new AbortController().signal);
      platform
        .request("GET")
        .answer("busy", 503, retryAfter === undefined ? {} : { "retry-after": retryAfter });
      await assert.rejects(asking, { retryAfterMs: expected });
    }
  });
});
