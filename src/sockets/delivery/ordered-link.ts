import type { KeptRequest, PreparedMessage } from "../../engine/index.ts";
import { type EncodedSocketPacket, encodeSocketPacket, type SocketPacket } from "../../packets/index.ts";
import type { Connection } from "../connection.ts";
import type { Drained } from "../drain-watch.ts";
import type { LinkedSocket, SocketLink } from "../socket-link.ts";
import type { Intake } from "../turns/intake.ts";

/** What a packet that waits takes besides its own bytes, about. */
const WAITING_BYTES = 128;

/** Whoever knows what waits for its commit. */
export interface Order {
  readonly isWaiting: boolean;
  /** What waits and came last: another whenever something is added. */
  readonly lastWaiting: unknown;
  /** Beyond so many bytes that wait of one client its session ends. */
  readonly maxWaitingBytes: number;
  inOrder(run: () => void): void;
  onError(error: unknown): void;
}

/** What waits behind the same. */
class Batch {
  readonly behind: unknown;
  readonly sends: (() => void)[] = [];
  bytes = 0;

  constructor(behind: unknown) {
    this.behind = behind;
  }
}

/** A socket's way to its client that keeps what is not logged behind what is logged and waits for its commit. */
export class OrderedLink implements SocketLink {
  readonly #link: SocketLink;
  readonly #order: Order;
  /** In order; empty if nothing waits. */
  readonly #batches: Batch[] = [];
  #isOver = false;
  /** While something waits. */
  #forgetEnd: (() => void) | undefined;

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

  get waitingBytes(): number {
    return this.#link.waitingBytes;
  }

  set waitingBytes(bytes: number) {
    this.#link.waitingBytes = bytes;
  }

  get intake(): Intake | undefined {
    return this.#link.intake;
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
    if (this.#order.isWaiting) this.#wait(bytesOf(packet), () => this.#link.sendEncoded(packet, compress));
    else this.#link.sendEncoded(packet, compress);
  }

  sendPrepared(message: PreparedMessage): void {
    if (this.#order.isWaiting) this.#wait(bytesOf(message), () => this.#link.sendPrepared(message));
    else this.#link.sendPrepared(message);
  }

  sendLogged(message: PreparedMessage): void {
    this.#link.sendLogged(message);
  }

  whenDrained(callback: Drained): void {
    this.#link.whenDrained(callback);
  }

  whenOver(callback: () => void): () => void {
    return this.#link.whenOver(callback);
  }

  endSession(): void {
    this.#link.endSession();
  }

  leave(socket: LinkedSocket, closeSession: boolean): void {
    if (this.#order.isWaiting) this.#wait(0, () => this.#link.leave(socket, closeSession));
    else this.#link.leave(socket, closeSession);
  }

  /** One turn in the queue for all that waits behind the same, as a client may want very many. */
  #wait(bytes: number, send: () => void): void {
    if (this.#isOver) return;
    const { lastWaiting, maxWaitingBytes } = this.#order;
    let batch = this.#batches.at(-1);
    if (batch === undefined || batch.behind !== lastWaiting) batch = this.#begin(lastWaiting);
    batch.sends.push(send);
    batch.bytes += bytes + WAITING_BYTES;
    this.#link.waitingBytes += bytes + WAITING_BYTES;
    if (this.#link.waitingBytes <= maxWaitingBytes) return;
    this.#drop();
    this.#link.endSession();
  }

  #begin(behind: unknown): Batch {
    const batch = new Batch(behind);
    this.#batches.push(batch);
    this.#forgetEnd ??= this.#link.whenOver(() => this.#drop());
    this.#order.inOrder(() => this.#flush());
    return batch;
  }

  /** Sends the first batch; more may come to it meanwhile. */
  #flush(): void {
    const batch = this.#batches[0];
    if (batch === undefined) return;
    for (let index = 0; index < batch.sends.length && !this.#isOver; index += 1) {
      try {
        batch.sends[index]!();
      } catch (error) {
        this.#order.onError(error);
      }
    }
    if (this.#isOver) return;
    this.#batches.shift();
    this.#link.waitingBytes -= batch.bytes;
    if (this.#batches.length === 0) this.#unsubscribe();
  }

  /** Nobody is there any more to whom it could be sent; what has its turn later finds nothing. */
  #drop(): void {
    this.#isOver = true;
    for (const { bytes } of this.#batches) this.#link.waitingBytes -= bytes;
    this.#batches.length = 0;
    this.#unsubscribe();
  }

  #unsubscribe(): void {
    this.#forgetEnd?.();
    this.#forgetEnd = undefined;
  }
}

function bytesOf({ text, attachments }: EncodedSocketPacket): number {
  let bytes = text.length;
  for (const attachment of attachments) bytes += attachment.byteLength;
  return bytes;
}
