import { invalidCloseCode, invalidUtf8 } from "./breaches.ts";
import { CLOSE_NO_STATUS, isValidCloseCode } from "./close-codes.ts";
import { Utf8Validator } from "./utf8.ts";

/** The code in the body of a close frame, 1005 if that is empty. Throws what is wrong with it, or with the reason behind it. */
export function readCloseCode(body: Uint8Array): number {
  if (body.length === 0) return CLOSE_NO_STATUS;
  const code = (body[0]! << 8) | body[1]!;
  if (!isValidCloseCode(code)) throw invalidCloseCode(code);
  const validator = new Utf8Validator();
  if (!validator.push(body, 2, body.length) || !validator.complete) throw invalidUtf8();
  return code;
}
