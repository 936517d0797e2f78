import { type Base64, PacketError } from "../packets/index.ts";

/** So many bytes are made a string at once: a call takes only so many arguments. */
const CHUNK = 0x8000;

/** Base64 by what every platform has. */
export const base64: Base64 = {
  encode: (bytes) => {
    let text = "";
    for (let start = 0; start < bytes.length; start += CHUNK) {
      text += String.fromCharCode(...bytes.subarray(start, start + CHUNK));
    }
    return btoa(text);
  },
  decode: (text) => {
    try {
      return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    } catch {
      throw new PacketError("A binary message is not base64.");
    }
  },
};
