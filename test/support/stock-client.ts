import type { TestContext } from "node:test";
import { io, type ManagerOptions, type Socket, type SocketOptions } from "socket.io-client";
import { undoAfter } from "./fixture.ts";

export type { Socket as StockSocket } from "socket.io-client";

/** Connects an unmodified `socket.io-client` over WebSocket; it is disconnected after the test. */
export function stockClient(
  t: TestContext,
  url: string,
  options: Partial<ManagerOptions & SocketOptions> = {},
): Socket {
  const socket = io(url, { transports: ["websocket"], forceNew: true, ...options });
  undoAfter(t, () => socket.disconnect());
  return socket;
}

/** Anything that calls a listener once: our emitters, Node's, the stock client's. */
interface Subscribable {
  once(name: string, listener: (...args: unknown[]) => void): unknown;
}

/** The arguments of the next event of a name, whoever emits it. */
export function nextOf(emitter: object, name: string): Promise<unknown[]> {
  return new Promise((resolve) => {
    (emitter as Subscribable).once(name, (...args) => resolve(args));
  });
}
