/** `switchboard/engine`: sessions of Engine.IO v4 over any transport, by the names of `engine.io`. */
import type { AnyHttpServer } from "./attach.ts";
import type { ServerOptions } from "./options.ts";
import { Server } from "./server.ts";

export type { Server as HttpServer } from "node:http";
export type { AllowRequest } from "./admission.ts";
export type { AnyHttpServer, PerMessageDeflateOptions } from "./attach.ts";
export { ClientFiles } from "./client-files.ts";
export type { TrustProxy } from "./client-address.ts";
export type { CookieOptions } from "./cookie.ts";
export { cors, type CorsOptions, type CorsOptionsDelegate, type CorsOrigin } from "./cors.ts";
export {
  type EngineData,
  type EnginePacket,
  type EngineSendOptions,
  EngineSocket,
  type EngineSocketEvents,
} from "./engine-socket.ts";
export type { DrainOptions } from "./drain.ts";
export type { HandshakeRateOptions } from "./handshake-rate.ts";
export type { HttpCompressionOptions } from "./http-compression.ts";
export type { AnswerHeaders } from "./http-exchange.ts";
export { createHttpServer, refuseLate, startListening, stopListening } from "./listen.ts";
export type { ConnectMiddleware, Middleware } from "./middleware.ts";
export { type AttachOptions, pathPrefix, type ServerOptions } from "./options.ts";
export { PreparedMessage } from "./prepared-message.ts";
export type { EngineRequest, KeptRequest, RequestQuery } from "./request-check.ts";
export { type ConnectionError, Server, type ServerEvents } from "./server.ts";
export type { Session, SessionCloseReason, SessionHandler, SessionRequest } from "./session-contract.ts";
export type { TransportName } from "./transport.ts";
export type { AdmissionRateOptions } from "./waiting-room.ts";

/**
 * Makes a server and attaches it to an HTTP server.
 *
 * @example
 * const engine = attach(httpServer, { path: "/live/" });
 */
export function attach(http: AnyHttpServer, options: ServerOptions = {}): Server {
  return new Server(options).attach(http);
}

/**
 * Makes a server with a port of its own; `callback` is called when it listens.
 *
 * @example
 * const engine = listen(3000, { maxSessions: 10_000 });
 */
export function listen(port: number, options: ServerOptions = {}, callback?: () => void): Server {
  return new Server(options).listen(port, callback);
}
