import type { FaultName } from "./faults.ts";

export interface SessionOptions {
  sid: string;
  fault: FaultName | undefined;
  /** The session is over and its sid to be forgotten. */
  onGone(): void;
  /** A packet could not be read. */
  onGarbage(): void;
  /** What is done with messages. Default: each is sent back. */
  application?: Application | undefined;
  /** Default: the suite's, which are short. */
  pingIntervalMs?: number | undefined;
}

/** What uses a session, in the place of the echo. */
export type Application = (session: MessageSession) => ApplicationSession;

/** As much of a session as its application needs. */
export interface MessageSession {
  readonly sid: string;
  /** Sends a packet: text, with its type, or a binary message. */
  send(packet: string | Buffer): void;
  end(): void;
  /** Ends it without a word. */
  destroy(): void;
}

export interface ApplicationSession {
  receive(message: string | Buffer): void;
  /** The session is over. */
  end(): void;
}
