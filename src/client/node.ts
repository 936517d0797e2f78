/** `switchboard/client` in Node. */
import { type Base64, PacketError } from "../packets/index.ts";
import { systemClock } from "../shared/clock.ts";
import { systemRandom } from "../shared/random.ts";
import { WebSocket } from "../websocket/index.ts";
import { type Io, makeIo } from "./io.ts";
import type { Platform, PlatformWebSocket, WebSocketSink } from "./platform.ts";

export * from "./exports.ts";

function openWebSocket(
  url: string,
  headers: Readonly<Record<string, string>>,
  sink: WebSocketSink,
): PlatformWebSocket {
  const socket = new WebSocket(url, undefined, { headers, perMessageDeflate: false });
  let failure: Error | undefined;
  socket.on("open", () => sink.onOpen());
  socket.on("message", (data, isBinary) => {
    if (isBinary) sink.receiveBinary(data as Buffer);
    else sink.receiveText(data.toString());
  });
  socket.on("error", (error) => {
    failure = error;
  });
  socket.on("close", (code) => {
    sink.onClose(failure ?? (code === 1006 ? new Error("The connection was lost.") : undefined));
  });
  return {
    get bufferedAmount() {
      return socket.bufferedAmount;
    },
    send: (data) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(data);
    },
    close: () => socket.close(),
  };
}

/** What comes is a Buffer, as it is over WebSocket. */
const base64: Base64 = {
  encode: (bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64"),
  decode: (text) => {
    const bytes = Buffer.from(text, "base64");
    // Node stops at what is not base64 and says nothing.
    if (Math.ceil(bytes.length / 3) * 4 !== text.length) {
      throw new PacketError("A binary message is not base64.");
    }
    return bytes;
  },
};

const memory = new Map<string, string>();

/** The world as Node offers it. Nothing here tells of the network. */
export const nodePlatform: Platform = {
  pageUrl: undefined,
  clock: systemClock,
  random: systemRandom,
  base64,
  fetch: (url, init) => fetch(url, init),
  openWebSocket,
  wallNow: () => Date.now(),
  watch: () => () => {},
  remember: (key, value) => {
    if (value === undefined) memory.delete(key);
    else memory.set(key, value);
  },
  recall: (key) => memory.get(key),
};

/** Connects to a server. See {@link Io}. */
export const io: Io = makeIo(nodePlatform);
