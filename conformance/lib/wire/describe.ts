import type { Received } from "./frame-reader.ts";

/** What came, in a few words for a report. */
export function describe(received: Received): string {
  switch (received.type) {
    case "end":
      return received.how === "ended" ? "the end of the stream" : "a reset of the stream";
    case "violation":
      return received.sentence;
    case "close":
      if (received.code === undefined) return "close without a code";
      return `close ${received.code}${received.reason ? ` ${JSON.stringify(received.reason)}` : ""}`;
    default:
      return `${received.type} of ${describeBytes(received.data)}`;
  }
}

/** A length, and the bytes themselves as far as they are short. */
export function describeBytes(bytes: Uint8Array): string {
  const few = Buffer.from(bytes.subarray(0, 16))
    .toString("hex")
    .replace(/..(?=.)/g, "$& ");
  if (bytes.length === 0) return "0 bytes";
  return `${bytes.length} ${bytes.length === 1 ? "byte" : "bytes"} (${few}${bytes.length > 16 ? " …" : ""})`;
}

/** Where two byte strings part, for messages of the same kind and length. */
export function describeDifference(expected: Uint8Array, got: Uint8Array): string {
  if (expected.length !== got.length) return describeBytes(got);
  const at = expected.findIndex((byte, i) => byte !== got[i]);
  return `${describeBytes(got)}, other than sent from byte ${at} on`;
}
