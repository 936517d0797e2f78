import type { EncodedSocketPacket, SocketPacket } from "../../packets/index.ts";
import type { Clock } from "../../shared/clock.ts";
import type { OutgoingEvent } from "../send-buffer.ts";
import type { StoreError } from "./store-error.ts";

/** What came of joining: it is the first time; what was missed comes now; or it may have been missed for good. */
export type Joined = "new" | "recovered" | "gap";

/** What a socket needs of delivery: its seat on the server, and its outbox. */
export interface SocketDelivery {
  /** How many events the server has not said are done. */
  readonly length: number;
  /** What they count for in bytes. */
  readonly bytes: number;
  /** The acknowledgements that may still come, over any number of connections. */
  readonly asked: ReadonlySet<number>;
  /** Calls back with what CONNECT carries, at once or later: what the application gives, and which seat we had. */
  claim(
    auth: Record<string, unknown> | undefined,
    give: (auth: Record<string, unknown> | undefined) => void,
  ): void;
  /** The namespace was joined: sends what the server has not done. `answer` is what CONNECT's answer carries. */
  begin(answer: object): Joined;
  /** The connection is gone; `isForGood`: and so is the seat. */
  end(isForGood: boolean): void;
  /** Looks at a packet before the socket does, and returns what the socket is to see: an ACK without an id where there is nothing in it. */
  receive(packet: SocketPacket): SocketPacket;
  /** The server says while we are connected that it can't go on without a gap; false: it says something else. */
  skip(answer: object): boolean;
  /** An event for the outbox. Throws for one that can't be encoded. */
  encode(data: readonly unknown[], id: number | undefined): OutgoingEvent;
  /** Keeps an event, and sends it when it can. */
  push(event: OutgoingEvent): void;
  /** Nobody waits for an acknowledgement any more. */
  forget(id: number): void;
}

/** What delivery needs of a socket's connection. */
export interface DeliveryUplink {
  /** @internal */
  readonly clock: Clock;
  /** @internal The origin. */
  readonly server: string;
  readonly opts: { readonly path?: string };
  /** @internal */
  send(packet: EncodedSocketPacket): void;
  /** @internal What is emitted is not kept over a reload. */
  onEmitError(error: StoreError, namespace: string): void;
}

/** Makes the delivery of a namespace's socket. */
export type ClientDelivery = (namespace: string, io: DeliveryUplink) => SocketDelivery;
