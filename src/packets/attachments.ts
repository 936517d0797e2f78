import { PacketError } from "./errors.ts";

/** Stock clients (parser 4.2.6 and later) close the connection on more, so we never send more. */
export const MAX_ATTACHMENTS = 10;

/** Deeper values are left to JSON, which names a circular structure in its error. */
const MAX_DEPTH = 500;

interface Placeholder {
  readonly _placeholder: true;
  readonly num: number;
}

function isBinary(value: object): value is ArrayBuffer | ArrayBufferView {
  return ArrayBuffer.isView(value) || value instanceof ArrayBuffer;
}

/** Whether there is binary data anywhere in a value. */
export function hasBinary(value: unknown, depth = 0): boolean {
  if (typeof value !== "object" || value === null || depth > MAX_DEPTH) return false;
  if (isBinary(value)) return true;
  if (Array.isArray(value)) {
    for (const item of value) if (hasBinary(item, depth + 1)) return true;
    return false;
  }
  for (const key of Object.keys(value)) {
    if (hasBinary((value as Record<string, unknown>)[key], depth + 1)) return true;
  }
  return false;
}

/** A copy of `value` with placeholders where binary data was; the data itself goes to `attachments`. */
export function takeAttachments(value: unknown, attachments: Uint8Array[]): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (isBinary(value)) {
    if (attachments.length === MAX_ATTACHMENTS) {
      throw new PacketError(
        `An event carries at most ${MAX_ATTACHMENTS} binary attachments; send more in several events.`,
      );
    }
    const placeholder: Placeholder = { _placeholder: true, num: attachments.length };
    attachments.push(
      ArrayBuffer.isView(value)
        ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
        : new Uint8Array(value),
    );
    return placeholder;
  }
  if (Array.isArray(value)) return value.map((item) => takeAttachments(item, attachments));
  if (typeof (value as { toJSON?: unknown }).toJSON === "function") return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, takeAttachments(item, attachments)]),
  );
}

/** Puts attachments back in the place of their placeholders, in place. Throws `PacketError` if one has none. */
export function putAttachments(value: unknown, attachments: readonly Uint8Array[]): unknown {
  if (typeof value !== "object" || value === null) return value;
  if ((value as Partial<Placeholder>)._placeholder === true) {
    const { num } = value as Partial<Placeholder>;
    const attachment = typeof num === "number" ? attachments[num] : undefined;
    if (attachment === undefined) {
      throw new PacketError(`There is no attachment number ${JSON.stringify(num)}.`);
    }
    return attachment;
  }
  const container = value as Record<string, unknown>;
  for (const key of Object.keys(container)) {
    const before = container[key];
    const after = putAttachments(before, attachments);
    if (after === before) continue;
    // Assigning to "__proto__" would change the object's prototype.
    if (key === "__proto__") throw new PacketError('An attachment can\'t stand at "__proto__".');
    container[key] = after;
  }
  return value;
}
