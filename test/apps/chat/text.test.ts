import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { MAX_TEXT_LENGTH } from "../../../apps/chat/src/shared/limits.ts";
import { cleanName, cleanRoomName, cleanText, textProblem } from "../../../apps/chat/src/shared/text.ts";

describe("a name", () => {
  for (const [given, expected] of [
    ["Ada", "Ada"],
    ["  Ada \n Byron ", "Ada Byron"],
    ["e\u0301", "\u00e9"],
    ["👩‍🚀", "👩‍🚀"],
    ["<b>", "<b>"],
    ["x".repeat(32), "x".repeat(32)],
    ["x".repeat(33), undefined],
    ["x".repeat(1_000_000), undefined],
    ["", undefined],
    ["   ", undefined],
    ["\u200D", undefined],
    ["a\u0007", undefined],
    ["a\u202Eb", undefined],
    ["a\uD800", undefined],
    [undefined, undefined],
    [7, undefined],
    [{ length: 3 }, undefined],
  ] as const) {
    it(`${JSON.stringify(given)?.slice(0, 40)} is ${expected === undefined ? "refused" : "tidied"}`, () => {
      assert.equal(cleanName(given), expected);
    });
  }
});

describe("a room name", () => {
  for (const [given, expected] of [
    ["Lobby", "lobby"],
    ["#lobby", "lobby"],
    [" Tea  at five ", "tea-at-five"],
    ["café_2", "café_2"],
    ["ÜBUNG", "übung"],
    ["हिन्दी", "हिन्दी"],
    ["x".repeat(32), "x".repeat(32)],
    ["x".repeat(33), undefined],
    ["-lobby", undefined],
    ["../lobby", undefined],
    ["a/b", undefined],
    ["<b>", undefined],
    ["", undefined],
    ["#", undefined],
    [null, undefined],
    [["lobby"], undefined],
  ] as const) {
    it(`${JSON.stringify(given).slice(0, 40)} is ${expected === undefined ? "refused" : "tidied"}`, () => {
      assert.equal(cleanRoomName(given), expected);
      // A name that was made is a name: the address, the page and the server agree on it.
      if (expected !== undefined) assert.equal(cleanRoomName(expected), expected);
    });
  }
});

describe("a message's text", () => {
  it("keeps lines, tabs and markup", () => {
    assert.equal(cleanText("  <b>a</b>\r\n\tb\rc \n"), "<b>a</b>\n\tb\nc");
    assert.equal(textProblem("<b>a</b>\n\tb\nc"), undefined);
  });

  it("loses what can't be seen and could mislead", () => {
    assert.equal(cleanText("a\u0000b\u202Ec\u200Bd\uFEFF"), "abcd");
    assert.equal(textProblem("a\u202Ec"), "invalid");
  });

  it("has a length", () => {
    assert.equal(textProblem("x".repeat(MAX_TEXT_LENGTH)), undefined);
    assert.equal(textProblem("x".repeat(MAX_TEXT_LENGTH + 1)), "too-long");
    assert.equal(textProblem(" \n"), "invalid");
    assert.equal(textProblem(undefined), "invalid");
  });
});
