import { systemClock } from "../shared/clock.ts";
import { systemChance } from "../shared/random.ts";
import type { SessionPlatform, SessionWebSocket, WebSocketSink, WorldEvent } from "./platform.ts";

/** A page's own WebSocket, with what happens on it told to a sink. */
export function openPageWebSocket(
  url: string,
  sink: WebSocketSink,
  protocols?: readonly string[],
): WebSocket & SessionWebSocket {
  const socket = new WebSocket(url, protocols as string[]);
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
    const error = failed ? new Error(`The WebSocket failed (${end.code}).`) : undefined;
    sink.onClose(error && Object.assign(error, { context: end }), end);
  };
  // The compiler fears bytes that are shared between threads, which a page's WebSocket would refuse.
  return socket as WebSocket & SessionWebSocket;
}

function watch(listener: (event: WorldEvent) => void, withLeave = false): () => void {
  const ended = new AbortController();
  const events: WorldEvent[] = ["offline", "online", "pagehide", "pageshow", "visibilitychange"];
  // A page that listens to this one is not kept by some browsers.
  if (withLeave) events.push("beforeunload");
  for (const event of events) {
    const tell = (): void => {
      // It is the document's, from which it rises; a worker has none.
      if (event !== "visibilitychange" || document.visibilityState === "visible") listener(event);
    };
    addEventListener(event, tell, { signal: ended.signal });
  }
  return () => ended.abort();
}

/** The world as a page offers it to those who need no more than WebSocket. */
export const pagePlatform: Omit<SessionPlatform, "detached"> = {
  pageUrl: globalThis.location?.href,
  clock: systemClock,
  random: systemChance,
  wallNow: () => Date.now(),
  watch,
  openWebSocket: (url, _headers, sink) => openPageWebSocket(url, sink),
};
