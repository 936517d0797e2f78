import type { TestContext } from "node:test";
import { io, type ManagerOptions, type Socket, type SocketOptions } from "socket.io-client";
import type { Socket as ServerSocket } from "../../src/sockets/socket.ts";
import { type RunningServer, undoAfter } from "./fixture.ts";

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

/** A client that has joined, and the server's end of it. */
export async function connectPair(
  t: TestContext,
  { io, url }: RunningServer,
  options?: Parameters<typeof stockClient>[2],
): Promise<{ client: Socket; socket: ServerSocket }> {
  const arriving = nextOf(io, "connection");
  const client = stockClient(t, url, options);
  await nextOf(client, "connect");
  const [socket] = await arriving;
  return { client, socket: socket as ServerSocket };
}

/** What a client has been told so far, in order: events are delivered in order, so the last one says that all came. */
export function collect(client: Socket): { until(last: string): Promise<unknown[][]> } {
  const heard: unknown[][] = [];
  const waiting = new Map<string, () => void>();
  client.onAny((...event: unknown[]) => {
    heard.push(event);
    waiting.get(String(event[0]))?.();
  });
  return {
    until: async (last) => {
      const isThere = (): boolean => heard.some(([name]) => name === last);
      if (!isThere()) await new Promise<void>((resolve) => waiting.set(last, resolve));
      return heard.filter(([name]) => name !== last);
    },
  };
}
