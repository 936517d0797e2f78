import type { DefaultEvents, EventMap } from "../shared/events.ts";
import { Manager } from "./manager.ts";
import type { ClientOptions } from "./options.ts";
import type { Platform } from "./platform.ts";
import type { Socket } from "./socket.ts";

/** The `io` function of a platform. */
export interface Io {
  /**
   * Connects to a server and returns the socket of a namespace: the path of the URL, `/` for none.
   * In a page, the URL may be left out, or be a path: it is then the page's own server.
   * Throws a `TypeError` for something that is not a URL.
   *
   * @example
   * const socket = io("https://chat.example", { auth: { token } });
   * const admin = io("https://chat.example/admin");
   */
  <ListenEvents extends EventMap = DefaultEvents, EmitEvents extends EventMap = DefaultEvents>(
    url?: string | URL | ClientOptions,
    options?: ClientOptions,
  ): Socket<ListenEvents, EmitEvents>;
}

/** Makes `io` for a platform. */
export function makeIo(platform: Platform): Io {
  return <ListenEvents extends EventMap, EmitEvents extends EventMap>(
    first?: string | URL | ClientOptions,
    second?: ClientOptions,
  ): Socket<ListenEvents, EmitEvents> => {
    const hasUrl = typeof first === "string" || first instanceof URL;
    const options = (hasUrl ? second : first) ?? {};
    const url = serverUrl(hasUrl ? String(first) : "/", platform.pageUrl);
    const query = { ...Object.fromEntries(url.searchParams), ...options.query };
    const manager = new Manager(
      url.origin === "null" ? `${url.protocol}//${url.host}` : url.origin,
      { ...options, query },
      platform,
    );
    const socket = manager.socket<ListenEvents, EmitEvents>(url.pathname, options.auth);
    if (options.autoConnect !== false) socket.connect();
    return socket;
  };
}

function serverUrl(address: string, pageUrl: string | undefined): URL {
  let url: URL;
  try {
    url = new URL(address, pageUrl);
  } catch {
    throw new TypeError(
      pageUrl === undefined
        ? `"${address}" is not the URL of a server; outside a page it must be whole, like "http://localhost:3000".`
        : `"${address}" is not the URL of a server.`,
    );
  }
  if (!["http:", "https:", "ws:", "wss:"].includes(url.protocol)) {
    throw new TypeError(`A server's URL begins with http:, https:, ws: or wss:, not "${url.protocol}".`);
  }
  return url;
}
