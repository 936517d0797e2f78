import type { EncodedSocketPacket, SocketPacket } from "../../packets/index.ts";
import type { OutgoingEvent } from "../send-buffer.ts";

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
  /** What CONNECT carries: what the application gives, and which seat we had. */
  claim(auth: Record<string, unknown> | undefined): Record<string, unknown> | undefined;
  /** The namespace was joined: sends what the server has not done. `answer` is what CONNECT's answer carries. */
  begin(answer: object): Joined;
  /** The connection is gone; `isForGood`: and so is the seat. */
  end(isForGood: boolean): void;
  /** Looks at a packet before the socket does; true: there is nothing in it for the socket. */
  receive(packet: SocketPacket): boolean;
  /** The server says while we are connected that it can't go on without a gap; false: it says something else. */
  skip(answer: object): boolean;
  /** An event for the outbox. Throws for one that can't be encoded. */
  encode(data: readonly unknown[], id: number | undefined): OutgoingEvent;
  /** Keeps an event, and sends it when it can. */
  push(event: OutgoingEvent): void;
  /** Nobody waits for an acknowledgement any more. */
  forget(id: number): void;
}

/** Makes the delivery of a namespace's socket; `send` is for packets. */
export type ClientDelivery = (
  namespace: string,
  send: (packet: EncodedSocketPacket) => void,
) => SocketDelivery;
