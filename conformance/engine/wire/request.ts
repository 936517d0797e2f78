/** HTTP requests as bytes. The encoder obeys: it writes whatever it is told, right or wrong. */

export type Query = Record<string, string | undefined>;

export interface RequestOptions {
  /** Default: GET. */
  method?: string;
  /** Beside `EIO=4&transport=polling`; `undefined` leaves a parameter out. */
  query?: Query;
  /** What stands between the path under test and the query. Default: nothing. */
  pathSuffix?: string;
  /** Fields to add or to replace; `undefined` leaves one out. */
  fields?: Record<string, string | undefined>;
  /** Text is encoded as UTF-8. Default: none. */
  body?: string | Uint8Array;
  /** Send the body in chunks of this size, without a Content-Length. */
  chunkBytes?: number;
  /** Announce this length whatever the body is. */
  announcedLength?: number;
}

/** The path with its query. */
export function requestTarget(path: string, { pathSuffix = "", query }: RequestOptions): string {
  const parameters = Object.entries({ EIO: "4", transport: "polling", ...query }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  const text = parameters
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join("&");
  return `${path}${pathSuffix}?${text}`;
}

export function encodeRequest(path: string, host: string, options: RequestOptions): Buffer {
  const { method = "GET", body, chunkBytes } = options;
  const bytes = Buffer.from(body ?? "");
  const length = options.announcedLength ?? (body === undefined ? undefined : bytes.length);
  const fields: Record<string, string | undefined> = {
    Host: host,
    Connection: "close",
    ...(length !== undefined && { "Content-Type": "text/plain;charset=UTF-8" }),
    ...(chunkBytes ? { "Transfer-Encoding": "chunked" } : { "Content-Length": length?.toString() }),
    ...options.fields,
  };
  let head = `${method} ${requestTarget(path, options)} HTTP/1.1\r\n`;
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined) head += `${name}: ${value}\r\n`;
  }
  return Buffer.concat([
    // Latin-1, so that a field may hold any byte.
    Buffer.from(`${head}\r\n`, "latin1"),
    chunkBytes ? inChunks(bytes, chunkBytes) : bytes,
  ]);
}

function inChunks(bytes: Buffer, size: number): Buffer {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    const piece = bytes.subarray(at, at + size);
    parts.push(Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from("\r\n"));
  }
  return Buffer.concat([...parts, Buffer.from("0\r\n\r\n")]);
}
