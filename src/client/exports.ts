/** What both entries of the client export, beside their `io`. */
export type { Engine, EngineEvents, EngineTransport } from "./engine.ts";
export type { Fetch, FetchInit, FetchReader, FetchResponse } from "./fetch.ts";
export { Manager } from "./manager.ts";
export type { ManagerEvents } from "./manager-events.ts";
export type { Auth, ClientOptions, ManagerOptions, TransportName } from "./options.ts";
export type { Io } from "./io.ts";
export {
  type ClientDisconnectReason,
  type ClientReservedEvents,
  Socket,
  type SocketUplink,
} from "./socket.ts";
export type { DefaultEvents, EventMap } from "../shared/events.ts";
export type { FlaggedEmitter } from "../shared/flagged-emitter.ts";
export { AckError } from "../shared/pending-acks.ts";
