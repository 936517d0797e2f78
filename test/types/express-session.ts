/** What a program in TypeScript says of its sessions, so that `request.session` is known to middleware of Express and of the engine. */
import type { Session, SessionData } from "express-session";

declare module "express-session" {
  interface SessionData {
    user: string;
  }
}

declare module "node:http" {
  interface IncomingMessage {
    session: Session & Partial<SessionData>;
  }
}
