/** `switchboard/client` in a page. */
import { allSessions } from "./engine-session.ts";
import { base64 } from "./base64.ts";
import type { FetchInit } from "./fetch.ts";
import { type Io, makeIo, makeManager, type ManagerConstructor } from "./io.ts";
import type { Manager as BaseManager } from "./manager.ts";
import { openPageWebSocket, pagePlatform } from "./page.ts";
import type { Platform, RequestPlatform } from "./platform.ts";
import { type ReliableWebSocketClass, reliableWebSocketOn } from "./reliable-websocket/index.ts";

export * from "./exports.ts";

/** Runs what a page's storage may refuse: it can be full, or forbidden. */
function guarded<Result>(work: () => Result): Result | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

/** The world as a page offers it. */
const browserPlatform: RequestPlatform = /* @__PURE__ */ Object.assign(
  {
    base64,
    fetch: (url: string, init: FetchInit) => fetch(url, init),
    remember: (key: string, value: string) => guarded(() => localStorage.setItem(key, value)),
    recall: (key: string) => guarded(() => localStorage.getItem(key) ?? undefined),
  },
  pagePlatform,
);

/** The same for those who want more of a WebSocket. */
const reliablePlatform: Platform = /* @__PURE__ */ Object.assign({}, pagePlatform, {
  openWebSocket: (...[url, , sink, wishes]: Parameters<Platform["openWebSocket"]>) => {
    const socket = openPageWebSocket(url, sink, wishes?.protocols);
    return {
      get bufferedAmount() {
        return socket.bufferedAmount;
      },
      get isOpen() {
        return socket.readyState === WebSocket.OPEN;
      },
      get protocol() {
        return socket.protocol;
      },
      get extensions() {
        return socket.extensions;
      },
      send: (data: string | Uint8Array<ArrayBuffer>) => {
        if (socket.readyState === WebSocket.OPEN) socket.send(data);
      },
      close: (code?: number, reason?: string) => socket.close(code, reason),
      destroy: () => socket.close(),
    };
  },
});

/** One connection to a server, for the sockets of any number of namespaces. */
export const Manager: ManagerConstructor = /* @__PURE__ */ makeManager(browserPlatform, allSessions);
export type Manager = BaseManager;

/** Connects to a server. See {@link Io}. */
export const io: Io = /* @__PURE__ */ makeIo(browserPlatform, allSessions, Manager);
export { io as connect, io as default };

/** The version of the Socket.IO protocol. */
export const protocol = 5;

/** A WebSocket to any server that comes back by itself. See {@link ReliableWebSocketClass}. */
export const ReliableWebSocket: ReliableWebSocketClass =
  /* @__PURE__ */ reliableWebSocketOn(reliablePlatform);
export type ReliableWebSocket = InstanceType<ReliableWebSocketClass>;
