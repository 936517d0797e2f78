import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { HandshakeError } from "../../src/protocol/errors.ts";
import { formatExtension, parseExtensions } from "../../src/protocol/extensions.ts";
import { SeededRandom } from "../../src/testing/seeded-random.ts";

describe("a header of extensions is read", () => {
  const GOOD: [string, ReturnType<typeof parseExtensions>][] = [
    ["foo", [{ name: "foo", parameters: [] }]],
    ["foo;bar", [{ name: "foo", parameters: [["bar", true]] }]],
    ["foo; bar=1", [{ name: "foo", parameters: [["bar", "1"]] }]],
    [
      "  foo\t; bar =  1 ;baz ,\tqux  ",
      [
        {
          name: "foo",
          parameters: [
            ["bar", "1"],
            ["baz", true],
          ],
        },
        { name: "qux", parameters: [] },
      ],
    ],
    ['foo; bar="1"', [{ name: "foo", parameters: [["bar", "1"]] }]],
    [String.raw`foo; bar="\1\2"`, [{ name: "foo", parameters: [["bar", "12"]] }]],
    [
      "foo; a=1; a=2",
      [
        {
          name: "foo",
          parameters: [
            ["a", "1"],
            ["a", "2"],
          ],
        },
      ],
    ],
    [
      "a, a",
      [
        { name: "a", parameters: [] },
        { name: "a", parameters: [] },
      ],
    ],
    ["!#$%&'*+-.^_`|~09azAZ", [{ name: "!#$%&'*+-.^_`|~09azAZ", parameters: [] }]],
    [
      "x; __proto__; constructor=1",
      [
        {
          name: "x",
          parameters: [
            ["__proto__", true],
            ["constructor", "1"],
          ],
        },
      ],
    ],
  ];
  for (const [header, expected] of GOOD) {
    test(header, () => assert.deepEqual(parseExtensions(header), expected));
  }
});

describe("a malformed header of extensions is refused with 400", () => {
  const BAD = [
    "",
    " ",
    ",",
    "foo,",
    ",foo",
    "foo,,bar",
    ";",
    "foo;",
    "foo;;bar",
    "foo; bar=",
    "foo; =1",
    "foo; bar=1 2",
    "foo bar",
    "foo; bar baz",
    "foo=1",
    'foo; bar="',
    'foo; bar="1',
    'foo; bar=""',
    'foo; bar="1 2"',
    'foo; bar="a,b"',
    'foo; bar="1"2',
    'foo; bar="1\\"',
    "foo/1",
    "föö",
    "foo\u0000",
    "foo\nbar",
  ];
  for (const header of BAD) {
    test(JSON.stringify(header), () => {
      assert.throws(
        () => parseExtensions(header),
        (error) =>
          error instanceof HandshakeError && error.code === "WS_ERR_HANDSHAKE_HEADER" && error.status === 400,
      );
    });
  }

  test("more than 64 extensions", () => {
    assert.equal(parseExtensions(Array.from({ length: 64 }, () => "a").join()).length, 64);
    assert.throws(() => parseExtensions(Array.from({ length: 65 }, () => "a").join()), HandshakeError);
  });
});

test("a header as long as Node takes is read in a moment, however it is made", () => {
  for (const part of ["a;", 'a="', 'a;b="\\', "\t ", "a; b ", "a=", '"']) {
    const header = `a;b="${part.repeat(Math.ceil(16_384 / part.length))}`;
    assert.throws(() => parseExtensions(header), HandshakeError);
  }
});

test("what is written is read as the same, for random extensions", () => {
  const random = new SeededRandom(7);
  const token = (): string =>
    Array.from({ length: random.integer(1, 8) }, () =>
      random.pick("abcXYZ019!#$%&'*+-.^_`|~".split("")),
    ).join("");
  for (let round = 0; round < 500; round += 1) {
    const extensions = Array.from({ length: random.integer(1, 4) }, () => ({
      name: token(),
      parameters: Array.from(
        { length: random.integer(0, 4) },
        () => [token(), random.fraction() < 0.5 ? true : token()] as const,
      ),
    }));
    assert.deepEqual(
      parseExtensions(extensions.map((extension) => formatExtension(extension)).join(", ")),
      extensions,
    );
  }
});
