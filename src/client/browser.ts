/** `switchboard/client` in a page. */
import { systemClock } from "../shared/clock.ts";
import { systemRandom } from "../shared/random.ts";
import { type Io, makeIo } from "./io.ts";
import type { Platform, PlatformWebSocket, WebSocketSink } from "./platform.ts";

export * from "./exports.ts";

class BrowserWebSocket implements PlatformWebSocket {
  readonly #socket: WebSocket;

  constructor(url: string, sink: WebSocketSink) {
    const socket = new WebSocket(url);
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
    socket.onclose = ({ code }) => {
      sink.onClose(failed ? new Error(`The WebSocket to ${socket.url} failed (${code}).`) : undefined);
    };
  }

  get bufferedAmount(): number {
    return this.#socket.bufferedAmount;
  }

  send(data: string | Uint8Array<ArrayBuffer>): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(data);
  }

  close(): void {
    this.#socket.close();
  }
}

const platform: Platform = {
  pageUrl: globalThis.location?.href,
  clock: systemClock,
  random: systemRandom,
  openWebSocket: (url, _headers, sink) => new BrowserWebSocket(url, sink),
};

/** Connects to a server. See {@link Io}. */
export const io: Io = makeIo(platform);
