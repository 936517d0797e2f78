import { type Base64, PacketError } from "../packets/index.ts";

/** Node's base64, as payloads need it. */
export const base64: Base64 = {
  encode: (bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64"),

  decode(text) {
    // Node takes anything for base64.
    if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) {
      throw new PacketError("A binary message in a payload is base64 with padding.");
    }
    return Buffer.from(text, "base64");
  },
};
