/** `switchboard/client` in Node. */
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

const platform: Platform = {
  pageUrl: undefined,
  clock: systemClock,
  random: systemRandom,
  openWebSocket,
};

/** Connects to a server. See {@link Io}. */
export const io: Io = makeIo(platform);
