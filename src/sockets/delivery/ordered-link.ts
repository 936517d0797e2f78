import type { KeptRequest, PreparedMessage } from "../../engine/index.ts";
import { type EncodedSocketPacket, encodeSocketPacket, type SocketPacket } from "../../packets/index.ts";
import type { Connection } from "../connection.ts";
import type { Drained } from "../drain-watch.ts";
import type { LinkedSocket, SocketLink } from "../socket-link.ts";

/** Whoever knows what waits for its commit. */
export interface Order {
  readonly isWaiting: boolean;
  inOrder(run: () => void): void;
}

/** A socket's way to its client that keeps what is not logged behind what is logged and waits for its commit. */
export class OrderedLink implements SocketLink {
  readonly #link: SocketLink;
  readonly #order: Order;

  constructor(link: SocketLink, order: Order) {
    this.#link = link;
    this.#order = order;
  }

  get isWritable(): boolean {
    return this.#link.isWritable;
  }

  get wantsErrors(): boolean {
    return this.#link.wantsErrors;
  }

  get wantsDelivery(): boolean {
    return this.#link.wantsDelivery;
  }

  get bufferedBytes(): number {
    return this.#link.bufferedBytes;
  }

  get request(): KeptRequest {
    return this.#link.request;
  }

  get connection(): Connection {
    return this.#link.connection;
  }

  send(packet: SocketPacket, compress?: boolean): void {
    if (this.#order.isWaiting) this.sendEncoded(encodeSocketPacket(packet), compress);
    else this.#link.send(packet, compress);
  }

  sendEncoded(packet: EncodedSocketPacket, compress?: boolean): void {
    this.#order.inOrder(() => this.#link.sendEncoded(packet, compress));
  }

  sendPrepared(message: PreparedMessage): void {
    if (this.#order.isWaiting) this.#order.inOrder(() => this.#link.sendPrepared(message));
    else this.#link.sendPrepared(message);
  }

  sendLogged(message: PreparedMessage): void {
    this.#link.sendLogged(message);
  }

  whenDrained(callback: Drained): void {
    this.#link.whenDrained(callback);
  }

  endSession(): void {
    this.#link.endSession();
  }

  leave(socket: LinkedSocket, closeSession: boolean): void {
    this.#order.inOrder(() => this.#link.leave(socket, closeSession));
  }
}
