import type * as ws from "ws";

/** A message as it came. */
export interface Message {
  readonly data: Buffer;
  readonly isBinary: boolean;
}

interface PromiseHandlers {
  resolve(message: Message): void;
  reject(error: Error): void;
}

/** The messages of a socket from now on, one after the other, by the events of `ws`. */
export class Inbox {
  readonly #messages: Message[] = [];
  readonly #waiting: PromiseHandlers[] = [];

  constructor(socket: ws.WebSocket) {
    socket.on("message", (data, isBinary) => {
      const message = { data: data as Buffer, isBinary };
      const next = this.#waiting.shift();
      if (next === undefined) this.#messages.push(message);
      else next.resolve(message);
    });
    socket.on("close", (code) => {
      for (const waiting of this.#waiting)
        waiting.reject(new Error(`Closed with ${code} instead of a message.`));
    });
  }

  next(): Promise<Message> {
    const message = this.#messages.shift();
    if (message !== undefined) return Promise.resolve(message);
    return new Promise((resolve, reject) => void this.#waiting.push({ resolve, reject }));
  }
}

/** The code and reason that a socket is closed with. */
export function closed(socket: ws.WebSocket): Promise<{ code: number; reason: string }> {
  return new Promise((resolve) => {
    socket.once("close", (code, reason) => resolve({ code, reason: String(reason) }));
  });
}

/** The payload of the next ping or pong. */
export function nextControl(socket: ws.WebSocket, kind: "ping" | "pong"): Promise<Buffer> {
  return new Promise((resolve) => void socket.once(kind, resolve));
}

/** A text of this many bytes, or bytes that do not compress. */
export function payload(size: number, isBinary: boolean): Buffer {
  if (!isBinary)
    return Buffer.from("é€x😀".repeat(Math.ceil(size / 10)))
      .fill("x", size - (size % 10), size)
      .subarray(0, size);
  let state = size + 1;
  return Buffer.from(
    Uint8Array.from({ length: size }, () => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return state >>> 24;
    }),
  );
}
