import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parseRequestHead } from "../../src/protocol/index.ts";

const head = (...headers: string[]) => parseRequestHead(["GET /a?b HTTP/1.1", ...headers].join("\r\n"));

describe("a request head", () => {
  test("has a request line and headers, which may be none", () => {
    const { method, target, httpVersion, headers } = head("Host: x", "X-Empty:");
    assert.deepEqual([method, target, httpVersion], ["GET", "/a?b", "1.1"]);
    assert.deepEqual(headers, { host: "x", "x-empty": "" });
    assert.deepEqual(head().headers, {});
  });

  test("has values without the blanks around them, and with those in them", () => {
    assert.equal(head("A: \t b  c\t ").headers["a"], "b  c");
    assert.equal(head("A: \t ").headers["a"], "");
    // This byte is a blank to JavaScript only.
    assert.equal(head("A: b\xa0").headers["a"], "b\xa0");
  });

  test("joins values of the same name, and keeps them apart beside that", () => {
    const { headers, rawHeaders } = head("A: 1", "a: 2");
    assert.equal(headers["a"], "1, 2");
    assert.deepEqual(rawHeaders, ["A", "1", "a", "2"]);
  });

  test("takes names that every object has for names", () => {
    const { headers, rawHeaders } = head("constructor: a", "__proto__: b");
    assert.equal(headers["constructor"], "a");
    assert.equal(Object.getPrototypeOf(headers), Object.prototype);
    assert.deepEqual(rawHeaders.slice(2), ["__proto__", "b"]);
  });

  for (const bad of [
    "",
    "A",
    ": b",
    "A : b",
    " A: b",
    "A: b\nC: d",
    "A: b\rc",
    "A: \x00",
    "A: b\r\n\tc",
    "A: ☃",
  ]) {
    test(`is refused with a header like ${JSON.stringify(bad)}`, () => {
      assert.throws(() => head("Host: x", bad), { status: 400 });
      assert.throws(() => head(bad, "Host: x"), { status: 400 });
    });
  }

  test("costs no more than its length, whatever stands in it", () => {
    for (const filler of [" ", "a", "a ", "\t "]) {
      assert.throws(() => head(`A: ${filler.repeat(200_000)}\x00`), { status: 400 });
    }
  });
});
