/** The part of an answer that we use. */
export interface FetchResponse {
  readonly status: number;
  text(): Promise<string>;
  /** The body as it comes. */
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
