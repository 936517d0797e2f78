import type { KeptRequest, PreparedMessage } from "../engine/index.ts";
import type { EncodedSocketPacket, SocketPacket } from "../packets/index.ts";
import type { EventError } from "../shared/event-error.ts";
import type { Connection } from "./connection.ts";
import type { Drained } from "./drain-watch.ts";
import type { DisconnectDetails, DisconnectReason } from "./disconnect-reason.ts";
import type { Intake } from "./turns/intake.ts";
import type { SocketLimiter } from "./rate-limits/socket-limiter.ts";

/** A socket's way to its client. */
export interface SocketLink {
  /** Whether what is sent now leaves now; if not, volatile events are dropped. */
  readonly isWritable: boolean;
  /** Whether the client wants to be told of handlers that fail. */
  readonly wantsErrors: boolean;
  /** Whether the client speaks of offsets: see docs/protocol/delivery.md. */
  readonly wantsDelivery: boolean;
  /** What waits to be sent. */
  readonly bufferedBytes: number;
  /** What of this client, in all its namespaces, waits for a log that takes its time: whoever has it wait counts it. */
  waitingBytes: number;
  /** There if events are handled in order: what of this client waits for that. */
  readonly intake: Intake | undefined;
  readonly request: KeptRequest;
  /** Made when it is asked for. */
  readonly connection: Connection;
  /** `compress` false: it is not compressed, whatever the client has agreed on. */
  send(packet: SocketPacket, compress?: boolean): void;
  sendEncoded(packet: EncodedSocketPacket, compress?: boolean): void;
  sendPrepared(message: PreparedMessage): void;
  /** Sends what is in the log already, and so waits for nothing that is not. */
  sendLogged(message: PreparedMessage): void;
  /** Calls back once: when the client has taken most of what it was sent, or its session has ended. */
  whenDrained(callback: Drained): void;
  /** Calls back when the session has ended; at once, if it has. Returns how not to be told any more. */
  whenOver(callback: () => void): () => void;
  /** Ends the connection, with all its sockets. */
  endSession(): void;
  /** The socket leaves its namespace by the server's will; with `closeSession` all the others must too. */
  leave(socket: LinkedSocket, closeSession: boolean): void;
}

/** A socket as its session's multiplexer sees it. */
export interface LinkedSocket {
  readonly nsp: { readonly name: string };
  /** Whether the client owes it an acknowledgement. */
  readonly isAsked: boolean;
  /** Tells the client and the application that the socket is there. */
  start(): void;
  /** The client has answered a ping. */
  onPong(): void;
  /** `sequence`: its number in the client's outbox; `limiter` counts it, if anybody does. Throws `PacketError` for one that can't be. */
  receiveEvent(
    event: unknown[],
    ackId: number | undefined,
    sequence: number | undefined,
    limiter: SocketLimiter | undefined,
  ): void;
  receiveAck(ackId: number, args: unknown[]): void;
  /** Instead of an acknowledgement, the client's handler failed. */
  receiveAckError(ackId: number, error: EventError): void;
  /** The socket leaves its namespace by the server's will. */
  disconnect(): void;
  /** The socket is gone: the client left, or the session ended. */
  end(reason: DisconnectReason, details: DisconnectDetails): void;
}
