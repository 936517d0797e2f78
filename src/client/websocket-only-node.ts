/** `switchboard/client/websocket` in Node: the client without any transport but WebSocket, for those who count bytes. */
import { connectingBy, nodePlatform } from "./node.ts";
import { type Io, makeIo, makeManager, type ManagerConstructor } from "./io.ts";
import type { Manager as BaseManager } from "./manager.ts";
import { warningOfNames } from "./option-names.ts";
import { webSocketSessions } from "./websocket-session.ts";

export * from "./exports.ts";

/** One connection to a server, for the sockets of any number of namespaces. */
export const Manager: ManagerConstructor = /* @__PURE__ */ warningOfNames(
  makeManager(nodePlatform, connectingBy(webSocketSessions)),
);
export type Manager = BaseManager;

/** Connects to a server by WebSocket. See {@link Io}. */
export const io: Io = /* @__PURE__ */ makeIo(nodePlatform, connectingBy(webSocketSessions), Manager);
export { io as connect, io as default };

/** The version of the Socket.IO protocol. */
export const protocol = 5;
