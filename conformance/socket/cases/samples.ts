/** Arguments of events that go through every server unchanged. */
export const ARGUMENTS: readonly (readonly [name: string, args: readonly unknown[]])[] = [
  ["none", []],
  ["text", ["hello"]],
  ["empty-text", [""]],
  ["true", [true]],
  ["false", [false]],
  ["null", [null]],
  ["zero", [0]],
  ["negative", [-17]],
  ["fraction", [0.1, -1.5e-7]],
  ["large-number", [2 ** 53 - 1, 1e21, 1.7976931348623157e308]],
  ["empty-object", [{}]],
  ["empty-array", [[]]],
  ["nested", [{ a: [1, { b: [null, { c: "d" }] }], e: {} }]],
  ["many", Array.from({ length: 100 }, (_, i) => i)],
  ["keys", [{ "": 1, " ": 2, '"': 3, "a.b": 4, "0": 5, "🙂": 6, "\n": 7 }]],
  ["to-json-key", [{ toJSON: "a text" }]],
  ["greek", ["κόσμε"]],
  ["cjk", ["実時間"]],
  ["emoji", ["🙂👩‍👩‍👧🇪🇺"]],
  ["last-code-point", ["\u{10ffff}"]],
  ["lone-surrogate", ["\ud800 and \udfff"]],
  ["controls", ["\u0000\u0001\u001d\u001e\u001f\u007f"]],
  ["line-ends", ["one\ntwo\r\nthree\u2028four"]],
  ["quotes", [`"quotes" and \\ backslashes`]],
  ["like-packets", ["42", '2["message"]', "51-", "/custom,", "13[]"]],
  ["like-placeholder", [{ _placeholder: true, num: 0 }]],
  ["like-base64", ["bAQIDBA=="]],
];

/** Names that mean something to objects. */
export const MAGIC_NAMES: readonly string[] = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "hasOwnProperty",
];

/** Bytes that don't repeat soon. */
export { bytes } from "../../engine/cases/samples.ts";

/** So many characters of one byte. */
export { text } from "../../engine/cases/samples.ts";

/** An array in an array in an array …, as JSON. */
export function nestedJson(depth: number): string {
  return "[".repeat(depth) + "]".repeat(depth);
}
