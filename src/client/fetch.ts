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

/** Reads a body piece by piece; `receive` gets the text, UTF-8, and how many bytes it was. The last piece has none. */
export async function readPieces(
  body: { getReader(): FetchReader },
  receive: (text: string, bytes: number) => void,
): Promise<void> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  for (;;) {
    const { done, value } = await reader.read();
    receive(decoder.decode(value, { stream: !done }), value?.length ?? 0);
    if (done) return;
  }
}

/**
 * Reads an answer as UTF-8, piece by piece where it comes so. Throws `PacketError` for one that is too long; who made the request has to
 * give it up then.
 */
export async function readAnswer(
  response: FetchResponse,
  maxBytes: number = MAX_ANSWER_BYTES,
): Promise<string> {
  let answer = "";
  let size = 0;
  const count = (bytes: number): void => {
    if (bytes > maxBytes) throw new PacketError(`An answer is longer than ${maxBytes} bytes.`);
  };
  count(Number(response.headers?.get("content-length")));
  // Some platforms have no streams, whatever the type says.
  if (!response.body) return response.text();
  await readPieces(response.body, (text, bytes) => {
    count((size += bytes));
    answer += text;
  });
  return answer;
}
