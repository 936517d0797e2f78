import zlib from "node:zlib";
import type { FaultName } from "./faults.ts";

/** What the server agreed to, in its own words. */
export interface Agreement {
  /** The value of Sec-WebSocket-Extensions. */
  answer: string;
  inflateBits: number;
  deflateBits: number;
  inflateKeeps: boolean;
  deflateKeeps: boolean;
}

const TAIL = Buffer.of(0, 0, 0xff, 0xff);
const SYNC = { finishFlush: zlib.constants.Z_SYNC_FLUSH };

/** Takes up the first valid offer of permessage-deflate; undefined if there is none. */
export function negotiate(offers: string, fault: FaultName | undefined): Agreement | undefined {
  for (const offer of offers.split(",")) {
    const [name, ...parameters] = offer.split(";").map((part) => part.trim());
    if (name !== "permessage-deflate") continue;
    const agreement = takeUp(parameters, fault === "bad-offers");
    if (agreement) return agreement;
  }
  return undefined;
}

function takeUp(parameters: readonly string[], lenient: boolean): Agreement | undefined {
  const seen = new Map<string, string | undefined>();
  for (const parameter of parameters) {
    const [name = "", value] = parameter.replaceAll('"', "").split("=");
    const known = name.endsWith("_max_window_bits") ? bitsAllowed(name, value) : value === undefined;
    const named = /^(server|client)_(no_context_takeover|max_window_bits)$/.test(name);
    if (!lenient && (!named || !known || seen.has(name))) return undefined;
    seen.set(name, value);
  }
  const agreement: Agreement = {
    answer: "permessage-deflate",
    inflateBits: bits(seen.get("client_max_window_bits")),
    deflateBits: bits(seen.get("server_max_window_bits")),
    inflateKeeps: !seen.has("client_no_context_takeover"),
    deflateKeeps: !seen.has("server_no_context_takeover"),
  };
  if (!agreement.deflateKeeps) agreement.answer += "; server_no_context_takeover";
  if (!agreement.inflateKeeps) agreement.answer += "; client_no_context_takeover";
  if (seen.has("server_max_window_bits"))
    agreement.answer += `; server_max_window_bits=${agreement.deflateBits}`;
  if (seen.get("client_max_window_bits"))
    agreement.answer += `; client_max_window_bits=${agreement.inflateBits}`;
  return agreement;
}

function bitsAllowed(name: string, value: string | undefined): boolean {
  return value === undefined ? name.startsWith("client") : /^([89]|1[0-5])$/.test(value);
}

function bits(value: string | undefined): number {
  return Math.min(15, Math.max(8, Number(value ?? 15) || 15));
}

export class MessageTooLong extends Error {}

/** Compression of one connection. The window of earlier messages is handed to zlib as a dictionary. */
export class Compression {
  readonly #agreement: Agreement;
  readonly #fault: FaultName | undefined;
  readonly #maxBytes: number;
  #received: Buffer = Buffer.alloc(0);
  #sent: Buffer = Buffer.alloc(0);

  constructor(agreement: Agreement, fault: FaultName | undefined, maxBytes: number) {
    this.#agreement = agreement;
    this.#fault = fault;
    this.#maxBytes = maxBytes;
  }

  /** Throws if the data is corrupt, and `MessageTooLong` if there is too much of it. */
  inflate(data: Uint8Array): Buffer {
    const { inflateBits, inflateKeeps } = this.#agreement;
    const maxOutputLength = this.#fault === "bomb" ? 2 ** 30 : this.#maxBytes;
    try {
      const options = { ...SYNC, windowBits: inflateBits, dictionary: this.#received, maxOutputLength };
      const message = zlib.inflateRawSync(Buffer.concat([data, TAIL]), options);
      if (inflateKeeps && this.#fault !== "forgets-context")
        this.#received = window(this.#received, message, inflateBits);
      return message;
    } catch (error) {
      throw (error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE" ? new MessageTooLong() : error;
    }
  }

  deflate(message: Buffer): Buffer {
    const { deflateBits, deflateKeeps } = this.#agreement;
    const windowBits = this.#fault === "large-window" ? 15 : deflateBits;
    const data = zlib.deflateRawSync(message, { ...SYNC, windowBits, dictionary: this.#sent });
    if (deflateKeeps || this.#fault === "keeps-context") this.#sent = window(this.#sent, message, windowBits);
    return data.subarray(0, -TAIL.length);
  }
}

function window(before: Buffer, message: Buffer, bits: number): Buffer {
  return Buffer.concat([before, message.subarray(-(2 ** bits))]).subarray(-(2 ** bits));
}
