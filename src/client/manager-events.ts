import type { EventError } from "../shared/event-error.ts";
import type { AckError } from "../shared/pending-acks.ts";
import type { StoreError } from "./delivery/store-error.ts";
import type { CloseDetails, EngineCloseReason } from "./session.ts";

/** A packet of Socket.IO v5 that came. */
export interface IncomingPacket {
  /** 0 CONNECT, 1 DISCONNECT, 2 EVENT, 3 ACK, 4 CONNECT_ERROR. */
  readonly type: number;
  /** The namespace. */
  readonly nsp: string;
  /** The acknowledgement that is asked for, or given. */
  readonly id: number | undefined;
  /** Of an EVENT or ACK a list. */
  readonly data: unknown;
}

/** The events of a manager. */
export type ManagerEvents = {
  /** The connection is there. */
  open: () => void;
  /** It could not be made, or it broke. */
  error: (error: Error) => void;
  /** It is gone. */
  close: (reason: EngineCloseReason, details?: CloseDetails) => void;
  /** The server has asked whether we are there. */
  ping: () => void;
  /**
   * What became of an event of a socket, where nobody else can be told: it was refused because too much waits (`AckError`, `buffer_full`), was given
   * up after its retries, or the server says that it failed (`EventError`) and the callback takes no error. Also once, for an outbox with a store, that
   * what is emitted is not kept over a reload any more (`StoreError`). Without a listener it is logged.
   */
  emit_error: (error: AckError | EventError | StoreError, namespace: string) => void;
  /** A packet came, for any namespace; the sockets get it next. */
  packet: (packet: IncomingPacket) => void;
  /**
   * The line is down; the connection may still go on, and what is sent waits. Only with a server of ours, and not with
   * WebSocket alone; elsewhere it is the end, with `close`.
   */
  interrupted: () => void;
  /** An interrupted connection goes on; nothing was lost. */
  resumed: () => void;
  /** The platform says that there is no network, whatever the connection looks like. */
  offline: () => void;
  /** The platform says that there is a network again: what waited for its next attempt tries now. */
  online: () => void;
  /** The next attempt comes in `delayMs` milliseconds, unless `connect()` is called before. */
  reconnect_scheduled: (attempt: number, delayMs: number) => void;
  /** An attempt begins. */
  reconnect_attempt: (attempt: number) => void;
  /** An attempt failed. */
  reconnect_error: (error: Error) => void;
  /** The last attempt failed. */
  reconnect_failed: () => void;
  /** The connection is back. */
  reconnect: (attempt: number) => void;
};
