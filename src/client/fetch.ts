import { PacketError } from "../packets/index.ts";

/** The longest answer to a request that is taken, in bytes; a longer one is a breach. An event stream has a limit of its own. */
export const MAX_ANSWER_BYTES: number = 100 * 1024 * 1024;

/** The part of an answer that we use. */
export interface FetchResponse {
  readonly status: number;
  readonly headers?: { get(name: string): string | null };
  text(): Promise<string>;
  /** The body as it comes; null if there is none, or if it comes only whole. */
  readonly body: { getReader(): FetchReader } | null;
}

/** Reads a body chunk by chunk. */
export interface FetchReader {
  read(): Promise<{ done: boolean; value?: Uint8Array | undefined }>;
}

/** What we ask for. */
export interface FetchInit {
  method: "GET" | "POST";
  headers: Record<string, string>;
  body?: string;
  cache: "no-store";
  credentials: "include" | "same-origin";
  /** The request outlives the page that makes it. */
  keepalive: boolean;
  signal: AbortSignal;
}

/** The global `fetch`, as far as we use it. */
export type Fetch = (url: string, init: FetchInit) => Promise<FetchResponse>;

/**
 * Reads an answer as UTF-8, piece by piece where it comes so. Throws `PacketError` for one that is too long; who made the request has to
 * give it up then.
 */
export async function readAnswer(
  response: FetchResponse,
  maxBytes: number = MAX_ANSWER_BYTES,
): Promise<string> {
  const count = (bytes: number): void => {
    if (bytes > maxBytes) throw new PacketError(`An answer is longer than ${maxBytes} bytes.`);
  };
  count(Number(response.headers?.get("content-length")));
  // Some platforms have no streams, whatever the type says.
  const reader = response.body?.getReader();
  if (reader === undefined) return response.text();
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    bytes += value!.length;
    count(bytes);
    text += decoder.decode(value, { stream: true });
  }
}
