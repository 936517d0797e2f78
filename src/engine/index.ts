/** Sessions over any transport; all that the layer above may know of them. */
export type { Server as HttpServer } from "node:http";
export { attach } from "./attach.ts";
export { createHttpServer } from "./listen.ts";
export { PreparedMessage } from "./prepared-message.ts";
export { EngineServer, type EngineOptions } from "./server.ts";
export type { Session, SessionCloseReason, SessionHandler, SessionRequest } from "./session.ts";
