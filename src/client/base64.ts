import { type Base64, PacketError } from "../packets/index.ts";

/** Base64 by what every platform has. */
export const base64: Base64 = {
  encode: (bytes) => btoa(bytes.reduce((text, byte) => text + String.fromCharCode(byte), "")),
  decode: (text) => {
    try {
      return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    } catch {
      throw new PacketError("Not base64.");
    }
  },
};
