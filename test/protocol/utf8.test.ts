import assert from "node:assert/strict";
import { isUtf8 } from "node:buffer";
import { describe, test } from "node:test";
import { Utf8Validator } from "../../src/protocol/utf8.ts";
import { SeededRandom } from "../../src/testing/seeded-random.ts";

const decoder = new TextDecoder("utf-8", { fatal: true });

/** What the platform's decoder says of a whole text. */
function isValid(bytes: Uint8Array): boolean {
  try {
    decoder.decode(bytes);
    return true;
  } catch {
    return false;
  }
}

function validate(bytes: Uint8Array, validator = new Utf8Validator()): boolean {
  return validator.push(bytes, 0, bytes.length) && validator.complete;
}

/** C0, C1 and F5 to F7 look like leads, too. */
function isLead(byte: number): boolean {
  return byte >= 0xc0 && byte <= 0xf7;
}

/** How many bytes are taken one by one before one is refused; all of them if none is. */
function taken(bytes: Uint8Array): number {
  const validator = new Utf8Validator();
  for (let at = 0; at < bytes.length; at += 1) {
    if (!validator.push(bytes, at, at + 1)) return at;
  }
  return bytes.length;
}

/** Bytes of every class that the grammar of RFC 3629 §4 tells apart, with the edges of each. */
const EDGES = [
  0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef,
  0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xf7, 0xf8, 0xfd, 0xfe, 0xff,
];

describe("validating UTF-8", () => {
  test("every sequence of one and two bytes, and of three after ASCII or a lead, is judged as by the platform", () => {
    const bytes = new Uint8Array(3);
    const validator = new Utf8Validator();
    let wrong = 0;
    const check = (length: number): void => {
      const part = bytes.subarray(0, length);
      validator.reset();
      if ((validator.push(part, 0, length) && validator.complete) !== isUtf8(part)) wrong += 1;
    };
    for (let a = 0; a < 256; a += 1) {
      bytes[0] = a;
      check(1);
      for (let b = 0; b < 256; b += 1) {
        bytes[1] = b;
        check(2);
        if (a !== 0x41 && !isLead(a)) continue;
        for (let c = 0; c < 256; c += 1) {
          bytes[2] = c;
          check(3);
        }
      }
    }
    assert.equal(wrong, 0);
  });

  test("every sequence of four edge bytes, too, and the judge agrees with TextDecoder", () => {
    for (const a of EDGES) {
      for (const b of EDGES) {
        for (const c of EDGES) {
          assert.equal(validate(Uint8Array.of(a, b, c)), isValid(Uint8Array.of(a, b, c)));
          for (const d of EDGES) {
            const bytes = Uint8Array.of(a, b, c, d);
            if (validate(bytes) !== isUtf8(bytes)) assert.fail(Buffer.from(bytes).toString("hex"));
          }
        }
      }
    }
  });

  test("every code point is valid", () => {
    const encoder = new TextEncoder();
    for (let page = 0; page < 0x110000; page += 0x800) {
      if (page === 0xd800) continue;
      const points = Array.from({ length: 0x800 }, (_, index) => page + index);
      assert.ok(validate(encoder.encode(String.fromCodePoint(...points))), page.toString(16));
    }
  });

  test("a text may be cut anywhere, in two and in three", () => {
    const bytes = new TextEncoder().encode("aß漢🙂\u{10ffff}\u{7ff}\u{800}\u{ffff}z");
    for (let first = 0; first <= bytes.length; first += 1) {
      for (let second = first; second <= bytes.length; second += 1) {
        const validator = new Utf8Validator();
        assert.ok(validator.push(bytes, 0, first));
        assert.ok(validator.push(bytes, first, second));
        assert.ok(validator.push(bytes, second, bytes.length));
        assert.ok(validator.complete);
      }
    }
  });

  test("complete says whether a character is open", () => {
    const validator = new Utf8Validator();
    assert.equal(validator.complete, true);
    const bytes = new TextEncoder().encode("é🙂");
    const states = [...bytes.keys()].map((at) => {
      assert.ok(validator.push(bytes, at, at + 1));
      return validator.complete;
    });
    assert.deepEqual(states, [false, true, false, false, false, true]);
  });

  test("reset forgets an open character and its narrow range", () => {
    const validator = new Utf8Validator();
    assert.ok(validator.push(Uint8Array.of(0xe0), 0, 1));
    validator.reset();
    assert.ok(validate(Uint8Array.of(0x41, 0xc2, 0x80), validator));
  });

  test("only the given range is looked at", () => {
    const bytes = Uint8Array.of(0xff, 0x41, 0x42, 0xff);
    const validator = new Utf8Validator();
    assert.ok(validator.push(bytes, 1, 3));
    assert.ok(validator.complete);
  });
});

describe("a byte that can't become valid is refused at once", () => {
  const CASES: [string, string, number][] = [
    ["a continuation byte at the start", "4180", 1],
    ["C0 and C1, always overlong", "41c0", 1],
    ["C1", "c1", 0],
    ["F5 and above", "4142f5", 2],
    ["FF", "ff", 0],
    ["an overlong form of three bytes", "e09f80", 1],
    ["an overlong form of four bytes", "f08f8080", 1],
    ["the first surrogate", "eda080", 1],
    ["a code point above U+10FFFF", "f4908080", 1],
    ["a second byte that is no continuation", "c241", 1],
    ["a third byte that is no continuation", "e28241", 2],
    ["a fourth byte that is no continuation", "f09f9941", 3],
    ["a new character inside one", "e282c3a9", 2],
  ];
  for (const [name, hex, at] of CASES) {
    test(`${name}: ${hex}`, () => {
      const bytes = Buffer.from(hex, "hex");
      assert.equal(taken(bytes), at);
      assert.equal(validate(bytes), false);
    });
  }

  test("in sequences of edge bytes: refused exactly where no continuation could help", () => {
    // By definition: a prefix is hopeless if none of these completions makes it valid.
    const endings = [[], ...[0x80, 0x90, 0xa0, 0xbf].flatMap((a) => [[a], [a, 0x80], [a, 0x80, 0x80]])];
    const canBecomeValid = (bytes: number[]): boolean =>
      endings.some((ending) => isUtf8(Uint8Array.from([...bytes, ...ending])));
    for (const a of EDGES) {
      for (const b of EDGES) {
        for (const c of EDGES) {
          const bytes = [a, b, c];
          let hopeful = 0;
          while (hopeful < 3 && canBecomeValid(bytes.slice(0, hopeful + 1))) hopeful += 1;
          if (taken(Uint8Array.from(bytes)) !== hopeful) assert.fail(Buffer.from(bytes).toString("hex"));
        }
      }
    }
  });
});

describe("with a native check for long pieces", () => {
  test("ends and beginnings of pieces inside characters", () => {
    for (const character of ["é", "漢", "🙂"]) {
      const bytes = new TextEncoder().encode(character.repeat(100));
      for (let cut = 0; cut <= bytes.length; cut += 1) {
        const validator = new Utf8Validator(isUtf8);
        assert.ok(validator.push(bytes, 0, cut), `${character} cut at ${cut}`);
        assert.ok(validator.push(bytes, cut, bytes.length), `${character} cut at ${cut}`);
        assert.ok(validator.complete);
      }
    }
  });

  test("random texts, spoilt and not, in random pieces: the same verdict at the same piece", () => {
    const random = new SeededRandom(3629);
    let spoilt = 0;
    for (let round = 0; round < 2000; round += 1) {
      const text = Array.from({ length: random.integer(60, 200) }, () => random.pick(["a", "é", "漢", "🙂"]));
      const bytes = new TextEncoder().encode(text.join(""));
      if (random.fraction() < 0.6) bytes[random.integer(0, bytes.length - 1)] = random.pick(EDGES);
      const native = new Utf8Validator(isUtf8);
      const plain = new Utf8Validator();
      let alive = true;
      for (let at = 0; alive && at < bytes.length;) {
        const end = Math.min(bytes.length, at + random.integer(0, 180));
        alive = plain.push(bytes, at, end);
        assert.equal(native.push(bytes, at, end), alive);
        if (alive) assert.equal(native.complete, plain.complete);
        at = end;
      }
      assert.equal(alive && plain.complete, isUtf8(bytes));
      if (!alive) spoilt += 1;
    }
    assert.ok(spoilt > 500, "the spoilt ones are not rare");
  });
});
