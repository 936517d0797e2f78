import type { KeptRequest, PreparedMessage } from "../engine/index.ts";
import type { SocketPacket } from "../packets/index.ts";
import type { EventError } from "../shared/event-error.ts";
import type { Connection } from "./connection.ts";
import type { DisconnectDetails, DisconnectReason } from "./disconnect-reason.ts";

/** A socket's way to its client. */
export interface SocketLink {
  /** Whether what is sent now leaves now; if not, volatile events are dropped. */
  readonly isWritable: boolean;
  /** Whether the client wants to be told of handlers that fail. */
  readonly wantsErrors: boolean;
  readonly request: KeptRequest;
  /** Made when it is asked for. */
  readonly connection: Connection;
  /** `compress` false: it is not compressed, whatever the client has agreed on. */
  send(packet: SocketPacket, compress?: boolean): void;
  sendPrepared(message: PreparedMessage): void;
  /** The socket leaves its namespace by the server's will; with `closeSession` all the others must too. */
  leave(socket: LinkedSocket, closeSession: boolean): void;
}

/** A socket as its session's multiplexer sees it. */
export interface LinkedSocket {
  readonly nsp: { readonly name: string };
  /** Tells the client and the application that the socket is there. */
  start(): void;
  receiveEvent(event: unknown[], ackId: number | undefined): void;
  receiveAck(ackId: number, args: unknown[]): void;
  /** Instead of an acknowledgement, the client's handler failed. */
  receiveAckError(ackId: number, error: EventError): void;
  /** The socket leaves its namespace by the server's will. */
  disconnect(): void;
  /** The socket is gone: the client left, or the session ended. */
  end(reason: DisconnectReason, details: DisconnectDetails): void;
}
