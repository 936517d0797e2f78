/**
 * The validator refuses a text in the piece that holds the first byte after which no continuation could make it valid UTF-8, and
 * calls it complete if and only if it is valid, however it is cut.
 */
import assert from "node:assert/strict";
import { isUtf8 } from "node:buffer";
import { Utf8Validator } from "../src/protocol/utf8.ts";

import { cutEvery, cutRandomly } from "./lib/cuts.ts";
import { fuzzer, type Run } from "./lib/fuzzer.ts";
import { mutate } from "./lib/mutate.ts";
import { lengthOf, textOf } from "./lib/texts.ts";

/** Whole characters, as the grammar of RFC 3629 §4 has them. */
const CHARACTERS =
  /(?:[\0-\x7f]|[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2})*/y;
/** The beginning of one. */
const BEGINNING =
  /^(?:[\xc2-\xdf]|\xe0(?:[\xa0-\xbf])?|[\xe1-\xec\xee\xef][\x80-\xbf]?|\xed[\x80-\x9f]?|\xf0(?:[\x90-\xbf][\x80-\xbf]?)?|[\xf1-\xf3][\x80-\xbf]{0,2}|\xf4(?:[\x80-\x8f][\x80-\xbf]?)?)$/;

export const run: Run = fuzzer("utf8", (random) => {
  const valid = textOf(random.fraction() < 0.2 ? random.integer(64, 400) : lengthOf(random), random);
  const text = random.fraction() < 0.7 ? mutate(valid, random) : valid;
  const expected = judge(text.toString("latin1"));
  assert.equal(expected.isWhole, isUtf8(text), "the grammar of this test is wrong");
  const ways = text.length > 1000 ? [[text]] : [[text], cutEvery(1, text)];
  ways.push(cutRandomly(text, random, 5), cutRandomly(text, random, 200));
  for (const pieces of ways) {
    for (const check of [undefined, isUtf8]) {
      const validator = new Utf8Validator(check);
      let offset = 0;
      let refusedIn: [number, number] | undefined;
      for (const piece of pieces) {
        const isGood = validator.push(piece, 0, piece.length);
        offset += piece.length;
        if (isGood) continue;
        refusedIn = [offset - piece.length, offset];
        break;
      }
      const how = `${pieces.length} pieces, ${check === undefined ? "own" : "native"} check: ${text.toString("hex")}`;
      if (refusedIn === undefined) {
        assert.equal(expected.badByte, -1, how);
        assert.equal(validator.complete, expected.isWhole, how);
      } else {
        const [start, end] = refusedIn;
        assert.ok(
          expected.badByte >= start && expected.badByte < end,
          `${expected.badByte} in ${start}-${end}, ${how}`,
        );
      }
    }
  }
  return expected.isWhole ? "valid" : expected.badByte >= 0 ? "refused" : "incomplete";
});

/** The first byte that nothing can put right (-1: none), and whether the text is valid as it is. */
function judge(latin1: string): { badByte: number; isWhole: boolean } {
  CHARACTERS.lastIndex = 0;
  CHARACTERS.test(latin1);
  const whole = CHARACTERS.lastIndex;
  for (let end = whole + 1; end <= latin1.length; end += 1) {
    if (!BEGINNING.test(latin1.slice(whole, end))) return { badByte: end - 1, isWhole: false };
  }
  return { badByte: -1, isWhole: whole === latin1.length };
}
