import { randomFillSync } from "node:crypto";

const masks = new Int32Array(1024);
let masksUsed = masks.length;

/** A fresh key from a strong source of entropy for each frame (RFC 6455 §10.3). */
export function randomMask(): number {
  if (masksUsed === masks.length) {
    randomFillSync(masks);
    masksUsed = 0;
  }
  return masks[masksUsed++]!;
}
