import { systemClock } from "../shared/clock.ts";
import { systemRandom } from "../shared/random.ts";
import type { Platform, PlatformWebSocket, WebSocketSink, WorldEvent } from "./platform.ts";

class BrowserWebSocket implements PlatformWebSocket {
  readonly #socket: WebSocket;

  constructor(url: string, sink: WebSocketSink, protocols: readonly string[] = []) {
    const socket = new WebSocket(url, [...protocols]);
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    let failed = false;
    socket.onopen = () => sink.onOpen();
    socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
      if (typeof data === "string") sink.receiveText(data);
      else sink.receiveBinary(new Uint8Array(data));
    };
    // A page is told nothing about what went wrong.
    socket.onerror = () => {
      failed = true;
    };
    socket.onclose = (end) => {
      const error = failed ? new Error(`The WebSocket to ${socket.url} failed (${end.code}).`) : undefined;
      sink.onClose(error && Object.assign(error, { context: end }), end);
    };
  }

  get bufferedAmount(): number {
    return this.#socket.bufferedAmount;
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  get protocol(): string {
    return this.#socket.protocol;
  }

  get extensions(): string {
    return this.#socket.extensions;
  }

  send(data: string | Uint8Array<ArrayBuffer>): void {
    if (this.isOpen) this.#socket.send(data);
  }

  close(code?: number, reason?: string): void {
    this.#socket.close(code, reason);
  }

  destroy(): void {
    this.#socket.close();
  }
}

/** What tells the events of the world, and under which name. A worker has no page, but a network. */
const WORLD_EVENTS: readonly (readonly [EventTarget | undefined, string, WorldEvent])[] = [
  [globalThis, "offline", "offline"],
  [globalThis, "online", "online"],
  [globalThis, "beforeunload", "leave"],
  [globalThis, "pagehide", "hide"],
  [globalThis, "pageshow", "show"],
  [globalThis.document, "visibilitychange", "visible"],
];

function watch(listener: (event: WorldEvent) => void, withLeave = false): () => void {
  const ended = new AbortController();
  for (const [target, type, event] of WORLD_EVENTS) {
    // A page that listens to this one is not kept by some browsers.
    if (event === "leave" && !withLeave) continue;
    const tell = (): void => {
      if (type !== "visibilitychange" || document.visibilityState === "visible") listener(event);
    };
    target?.addEventListener(type, tell, { signal: ended.signal });
  }
  return () => ended.abort();
}

/** The world as a page offers it to those who need no more than WebSocket. */
export const pagePlatform: Omit<Platform, "detached"> = {
  pageUrl: globalThis.location?.href,
  clock: systemClock,
  random: systemRandom,
  wallNow: () => Date.now(),
  watch,
  openWebSocket: (url, _headers, sink, wishes) => new BrowserWebSocket(url, sink, wishes?.protocols),
};
