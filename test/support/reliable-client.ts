import type { TestContext } from "node:test";
import { ReliableWebSocket } from "../../src/client/node.ts";
import { reliableWebSocketOn } from "../../src/client/reliable-websocket/class.ts";
import type { ReliableWebSocketEventMap } from "../../src/client/reliable-websocket/events.ts";
import type {
  ReliableWebSocketOptions,
  ReliableWebSocketUrl,
} from "../../src/client/reliable-websocket/options.ts";
import type { ReliableWebSocketCore } from "../../src/client/reliable-websocket/reliable-websocket.ts";
import { FakePlatform } from "./fake-platform.ts";
import { undoAfter } from "./fixture.ts";

const TYPES = ["open", "message", "reconnecting", "error", "drop", "close"] as const;

/** What happened, each as a line. */
export function recordReliable(socket: ReliableWebSocketCore): string[] {
  const lines: string[] = [];
  const say: {
    [Type in keyof ReliableWebSocketEventMap]: (event: ReliableWebSocketEventMap[Type]) => string;
  } = {
    open: ({ reconnected }) => (reconnected ? "again" : "first"),
    message: ({ data }) => String(data),
    reconnecting: ({ attempt, why }) => `${attempt} ${why.code}`,
    error: ({ error }) => ("code" in error ? String(error.code) : error.message),
    drop: ({ data }) => String(data),
    close: ({ code, reason }) => `${code} ${reason}`.trimEnd(),
  };
  for (const type of TYPES) {
    socket.addEventListener(type, (event) => void lines.push(`${type} ${say[type](event as never)}`));
  }
  return lines;
}

/** A client in a world made for tests; the first attempt is under way. */
export function fakeReliable(
  options: ReliableWebSocketOptions = {},
  url: ReliableWebSocketUrl = "ws://localhost:3000/x",
  protocols: string | readonly string[] = [],
) {
  const platform = new FakePlatform();
  const socket = new (reliableWebSocketOn(platform))(url, protocols, options);
  return { platform, clock: platform.clock, socket, events: recordReliable(socket) };
}

/** A client whose first connection is open. */
export function openReliable(options?: ReliableWebSocketOptions) {
  const made = fakeReliable(options);
  made.platform.webSocket.accept();
  made.events.splice(0);
  return made;
}

/** The next event of a type. */
export function nextEvent<Type extends keyof ReliableWebSocketEventMap>(
  socket: ReliableWebSocketCore,
  type: Type,
): Promise<ReliableWebSocketEventMap[Type]> {
  return new Promise((resolve) => {
    socket.addEventListener(type, (event) => resolve(event), { once: true });
  });
}

/** A client as it is in Node; it is closed after the test. */
export function reliableClient(
  t: TestContext,
  url: ReliableWebSocketUrl,
  options: ReliableWebSocketOptions = {},
  protocols?: string | readonly string[],
): ReliableWebSocket {
  const socket = new ReliableWebSocket(url, protocols, {
    reconnectionDelay: 10,
    reconnectionDelayMax: 20,
    ...options,
  });
  undoAfter(t, async () => {
    if (socket.readyState === socket.CLOSED) return;
    const closed = nextEvent(socket, "close");
    socket.close();
    await closed;
  });
  return socket;
}
