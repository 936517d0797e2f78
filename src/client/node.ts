/** `switchboard/client` in Node. */
import { type Base64, PacketError } from "../packets/index.ts";
import { type Clock, detachedClock, systemClock } from "../shared/clock.ts";
import { systemRandom } from "../shared/random.ts";
import { WebSocket, type WebSocketOptions } from "../websocket/index.ts";
import { allSessions } from "./engine-session.ts";
import { type Io, makeIo, makeManager, type ManagerConstructor } from "./io.ts";
import type { Manager as BaseManager } from "./manager.ts";
import { nodeFetch } from "./node-fetch.ts";
import { warningOfNames } from "./option-names.ts";
import type { ManagerOptions, NodeConnectionOptions } from "./options.ts";
import type {
  Platform,
  PlatformWebSocket,
  RequestPlatform,
  WebSocketSink,
  WebSocketWishes,
} from "./platform.ts";
import { type ReliableWebSocketClass, reliableWebSocketOn } from "./reliable-websocket/index.ts";
import type { SessionsTo } from "./session.ts";

export * from "./exports.ts";

/** `clock` is that of the handshake; one that is detached leaves the connection so, too. `request` is for Node. */
function openWebSocket(
  url: string,
  headers: Readonly<Record<string, string>>,
  sink: WebSocketSink,
  { protocols = [], compression = false }: WebSocketWishes = {},
  clock: Clock = systemClock,
  request: NodeConnectionOptions = {},
): PlatformWebSocket {
  const socket = new WebSocket(url, protocols, {
    ...(request as WebSocketOptions),
    headers,
    perMessageDeflate: compression,
    clock,
  });
  if (clock === detachedClock) socket.on("upgrade", ({ socket: stream }) => stream.unref());
  let failure: Error | undefined;
  socket.on("open", () => sink.onOpen());
  socket.on("message", (data, isBinary) => {
    if (isBinary) sink.receiveBinary(data as Buffer);
    else sink.receiveText(data.toString());
  });
  socket.on("error", (error) => {
    failure = error;
  });
  socket.on("close", (code, reason) => {
    const error = failure ?? (code === 1006 ? new Error("The connection was lost.") : undefined);
    sink.onClose(error, { code, reason: reason.toString(), wasClean: code !== 1006 });
  });
  return {
    get bufferedAmount() {
      return socket.bufferedAmount;
    },
    get isOpen() {
      return socket.readyState === WebSocket.OPEN;
    },
    get protocol() {
      return socket.protocol;
    },
    get extensions() {
      return socket.extensions;
    },
    send: (data) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(data);
    },
    close: (code, reason) => socket.close(code, reason),
    destroy: () => socket.terminate(),
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

const attached: Omit<RequestPlatform, "detached"> & Platform = {
  pageUrl: undefined,
  clock: systemClock,
  random: systemRandom,
  base64,
  fetch: (url, init) => fetch(url, init),
  openWebSocket,
  wallNow: () => Date.now(),
  watch: () => () => {},
  remember: (key, value) => void memory.set(key, value),
  recall: (key) => memory.get(key),
};

/** The world as Node offers it. Nothing here tells of the network. */
export const nodePlatform: RequestPlatform & Platform = {
  ...attached,
  detached: {
    ...attached,
    clock: detachedClock,
    openWebSocket: (url, headers, sink) => openWebSocket(url, headers, sink, {}, detachedClock),
  },
};

const CONNECTION_OPTIONS: readonly (keyof NodeConnectionOptions)[] = [
  "agent",
  "ca",
  "cert",
  "ciphers",
  "key",
  "passphrase",
  "pfx",
  "rejectUnauthorized",
];

/** @internal The same sessions, over connections that are made as the options of their manager say. */
export function connectingBy(sessionsTo: SessionsTo<RequestPlatform>): SessionsTo<RequestPlatform> {
  return (platform, origin, options) => sessionsTo(platformFor(platform, options), origin, options);
}

function platformFor(world: RequestPlatform, options: ManagerOptions): RequestPlatform {
  const given = CONNECTION_OPTIONS.filter((name) => options[name] !== undefined);
  if (given.length === 0) return world;
  const request = Object.fromEntries(given.map((name) => [name, options[name]]));
  return {
    ...world,
    fetch: nodeFetch(request),
    openWebSocket: (url, headers, sink) => openWebSocket(url, headers, sink, {}, world.clock, request),
  };
}

/** One connection to a server, for the sockets of any number of namespaces. */
export const Manager: ManagerConstructor = /* @__PURE__ */ warningOfNames(
  makeManager(nodePlatform, connectingBy(allSessions)),
);
export type Manager = BaseManager;

/** Connects to a server. See {@link Io}. */
export const io: Io = /* @__PURE__ */ makeIo(nodePlatform, connectingBy(allSessions), Manager);
export { io as connect, io as default };

/** The version of the Socket.IO protocol. */
export const protocol = 5;

/** A WebSocket to any server that comes back by itself. See {@link ReliableWebSocketClass}. */
export const ReliableWebSocket: ReliableWebSocketClass = /* @__PURE__ */ reliableWebSocketOn(nodePlatform);
export type ReliableWebSocket = InstanceType<ReliableWebSocketClass>;
