import type { ManagerOptions } from "./options.ts";

/**
 * The address of a server. In a page it may be left out, or be a path. Throws a `TypeError` for something that is not a URL, or
 * not a server's.
 */
export function serverUrl(address: string | URL, pageUrl: string | undefined): URL {
  try {
    const url = new URL(address, pageUrl);
    if (/^(?:http|ws)s?:/.test(url.protocol)) return url;
  } catch {
    // Said below, too.
  }
  throw new TypeError(
    `"${address}" is not the URL of a server: it must be whole, and begins with http or ws.`,
  );
}

/** What stands before the path. `URL.origin` says "null" for ws and wss in some places. */
export function originOf({ protocol, host }: URL): string {
  return `${protocol}//${host}`;
}

/** The address of a request for a WebSocket, or of another one; `origin` may be of http, https, ws or wss. */
export function requestUrl(
  scheme: "ws" | "http",
  origin: string,
  { path = "/socket.io/", query }: ManagerOptions,
  more: Readonly<Record<string, string>>,
): string {
  const url = new URL(path, origin);
  if (!url.pathname.endsWith("/")) url.pathname += "/";
  for (const [name, value] of Object.entries({ ...query, ...more })) url.searchParams.set(name, value);
  // As text: a URL would not change ws to http.
  return url.href.replace(/^(?:http|ws)/, scheme);
}
