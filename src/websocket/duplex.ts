import { Duplex, type DuplexOptions } from "node:stream";
import { WebSocket } from "./websocket.ts";

/**
 * A WebSocket as a Node stream: each chunk written is a message, each message comes as a chunk (as a string with
 * `readableObjectMode`, if it is text). Ending the stream closes the WebSocket; reading too slowly makes the peer wait.
 *
 * @example
 * createWebSocketStream(ws, { encoding: "utf8" }).pipe(process.stdout);
 */
export function createWebSocketStream(socket: WebSocket, options: DuplexOptions = {}): Duplex {
  const duplex: Duplex = new Duplex({
    ...options,
    autoDestroy: false,
    emitClose: false,
    objectMode: false,
    writableObjectMode: false,
    read: () => socket.resume(),
    write: (chunk: Buffer, _encoding, callback) => {
      whenOpen(socket, () => socket.send(chunk, callback));
    },
    final: (callback) => {
      whenOpen(socket, () => {
        if (socket.readyState === WebSocket.CLOSED) callback();
        else {
          socket.once("close", () => callback());
          socket.close();
        }
      });
    },
    destroy: (error, callback) => {
      if (socket.readyState === WebSocket.CLOSED) {
        callback(error);
        process.nextTick(() => duplex.emit("close"));
        return;
      }
      socket.once("close", () => {
        callback(error);
        duplex.emit("close");
      });
      socket.terminate();
    },
  });
  socket.on("message", (data, isBinary) => {
    const chunk = !isBinary && duplex.readableObjectMode ? String(data) : data;
    if (!duplex.push(chunk)) socket.pause();
  });
  socket.once("error", (error) => {
    if (!duplex.destroyed) duplex.destroy(error);
  });
  socket.once("close", () => {
    if (!duplex.destroyed) duplex.push(null);
  });
  // Both halves are over: nothing will come of it any more.
  const end = (): void => {
    if (!duplex.destroyed && duplex.readableEnded && duplex.writableFinished) duplex.destroy();
  };
  duplex.on("end", end);
  duplex.on("finish", end);
  return duplex;
}

function whenOpen(socket: WebSocket, work: () => void): void {
  if (socket.readyState === WebSocket.CONNECTING) socket.once("open", work);
  else work();
}
