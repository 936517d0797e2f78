import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import express from "express";
import { isOptions, placeOf } from "../../src/sockets/place.ts";
import { Server } from "../../src/sockets/server.ts";

test("a place is a port, also as a text, or an HTTP server", () => {
  const http = createServer();
  assert.equal(placeOf(http), http);
  for (const port of [0, 3000, "3000", "0"]) assert.equal(placeOf(port), Number(port));
});

test("anything else is a TypeError, with what to do instead", () => {
  const app = express();
  assert.throws(() => new Server(app as never), { name: "TypeError", message: /say createServer\(app\)/ });
  assert.throws(() => new Server().attach(app as never), /switchboard\/express/);
  for (const [where, name] of [
    ["/run/chat.sock", '"/run/chat.sock"'],
    ["", '""'],
    [{}, "object"],
    [null, "object"],
    [undefined, "undefined"],
    [true, "boolean"],
  ] as const) {
    assert.throws(() => new Server().attach(where as never), {
      name: "TypeError",
      message: `A server is attached to a port or an HTTP server, not to ${name}.`,
    });
  }
});

test("what stands first may be options", () => {
  assert.equal(isOptions({ path: "/live" }), true);
  assert.equal(isOptions({}), true);
  assert.equal(isOptions(undefined), false);
  assert.equal(isOptions(3000), false);
  assert.equal(isOptions(createServer()), false);
  for (const nothing of [undefined, null]) {
    assert.equal(new Server(nothing as undefined, { path: "/live" }).path(), "/live");
  }
});
