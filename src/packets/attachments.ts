import { PacketError } from "./errors.ts";

/** Stock clients (parser 4.2.6 and later) close the connection on more, so we never send more. */
export const MAX_ATTACHMENTS = 10;

/** How deep binary data is looked for, and put back: the stack must hold for whatever a peer sends. */
const MAX_DEPTH = 500;
const TOO_DEEP = "Too deep, or circular.";

interface Placeholder {
  readonly _placeholder: true;
  readonly num: number;
}

function isBinary(value: object): value is ArrayBuffer | ArrayBufferView {
  // JSON would make "{}" of it.
  if (value instanceof Blob) throw new TypeError("A Blob can't be sent: send its arrayBuffer().");
  return ArrayBuffer.isView(value) || value instanceof ArrayBuffer;
}

/** Whether there is binary data anywhere in a value. */
export function hasBinary(value: unknown): boolean {
  return findBinary(value, 0) === true;
}

/** Undefined if the value is too deep to say: that is left to JSON, which names a circular structure in its error. */
function findBinary(value: unknown, depth: number): boolean | undefined {
  if (typeof value !== "object" || value === null) return false;
  if (isBinary(value)) return true;
  if (hasToJson(value)) return false;
  if (depth === MAX_DEPTH) return undefined;
  for (const item of Array.isArray(value) ? value : Object.values(value)) {
    const found = findBinary(item, depth + 1);
    if (found !== false) return found;
  }
  return false;
}

/** Such a value says itself what it is in JSON: it is not looked into. */
function hasToJson(value: object): boolean {
  return typeof (value as { toJSON?: unknown }).toJSON === "function";
}

/** A copy of `value` with placeholders where binary data was; the data itself goes to `attachments`. */
export function takeAttachments(value: unknown, attachments: Uint8Array[], depth = 0): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (isBinary(value)) {
    if (attachments.length === MAX_ATTACHMENTS) {
      throw new PacketError(`More than ${MAX_ATTACHMENTS} attachments.`);
    }
    const placeholder: Placeholder = { _placeholder: true, num: attachments.length };
    attachments.push(
      ArrayBuffer.isView(value)
        ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
        : new Uint8Array(value),
    );
    return placeholder;
  }
  if (hasToJson(value)) return value;
  if (depth === MAX_DEPTH) throw new PacketError(TOO_DEEP);
  if (Array.isArray(value)) return value.map((item) => takeAttachments(item, attachments, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, takeAttachments(item, attachments, depth + 1)]),
  );
}

/** Puts attachments back in the place of their placeholders, in place. Throws `PacketError` if one has none. */
export function putAttachments(value: unknown, attachments: readonly Uint8Array[], depth = 0): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (depth === MAX_DEPTH) throw new PacketError(TOO_DEEP);
  if ((value as Partial<Placeholder>)._placeholder === true) {
    const { num } = value as Partial<Placeholder>;
    const attachment = typeof num === "number" ? attachments[num] : undefined;
    if (attachment === undefined) throw new PacketError("No such attachment.");
    return attachment;
  }
  const container = value as Record<string, unknown>;
  for (const key of Object.keys(container)) {
    const before = container[key];
    const after = putAttachments(before, attachments, depth + 1);
    if (after === before) continue;
    // Assigning to "__proto__" would change the object's prototype.
    if (key === "__proto__") throw new PacketError("No such attachment.");
    container[key] = after;
  }
  return value;
}
