import { type OutgoingMessage, sizeOf } from "./data.ts";
import { type QueueLimits, SendQueue } from "./queue.ts";

/** What messages leave by. */
export interface Outlet {
  /** Whether what is sent now leaves. */
  readonly isOpen: boolean;
  send(data: string | Uint8Array): void;
}

/** Who is told of messages that don't leave. */
export interface OutboxEvents {
  onDrop(message: OutgoingMessage): void;
  onUnreadable(error: unknown): void;
}

/** What is sent: now, or when there is a connection again, each message once and in order. */
export class Outbox {
  readonly #queue: SendQueue;
  readonly #events: OutboxEvents;
  #outlet: Outlet | undefined;
  #isGreeting = false;
  #isClosed = false;
  /** What will never be sent: it was given after the end, or waited at it. */
  #discardedBytes = 0;

  constructor(limits: QueueLimits, events: OutboxEvents) {
    this.#queue = new SendQueue(limits, (message) => events.onDrop(message));
    this.#events = events;
  }

  /** The bytes that were given and have not been handed to a connection. */
  get bytes(): number {
    return this.#queue.bytes + this.#discardedBytes;
  }

  /** Sends a message, or has it wait. Throws if it can't, and `overflow` says so. */
  send(message: OutgoingMessage): void {
    if (this.#isClosed) this.#discardedBytes += sizeOf(message);
    else if (!(message instanceof Blob) && this.#mayPass()) this.#outlet!.send(message);
    else this.#enqueue(message);
  }

  /** There is a connection. What `greet` sends, but for Blobs, goes before what waits. */
  attach(outlet: Outlet, greet: () => void): void {
    this.#outlet = outlet;
    this.#isGreeting = true;
    greet();
    this.#isGreeting = false;
    this.#flush();
  }

  /** There is none any more. */
  detach(): void {
    this.#outlet = undefined;
  }

  /** Nothing leaves any more. */
  close(): void {
    this.#isClosed = true;
    this.#discardedBytes += this.#queue.clear();
  }

  /** Whether a message may leave now, and not overtake another one. */
  #mayPass(): boolean {
    return this.#outlet?.isOpen === true && (this.#queue.isEmpty || this.#isGreeting);
  }

  #enqueue(message: OutgoingMessage): void {
    // What waits is the caller's, who may change it meanwhile.
    const kept = message instanceof Uint8Array ? new Uint8Array(message) : message;
    if (this.#queue.add(kept, sizeOf(kept)) && kept instanceof Blob) void this.#read(kept);
  }

  async #read(blob: Blob): Promise<void> {
    try {
      this.#queue.replace(blob, new Uint8Array(await blob.arrayBuffer()));
    } catch (error) {
      if (this.#queue.remove(blob)) this.#events.onUnreadable(error);
    }
    this.#flush();
  }

  #flush(): void {
    while (this.#outlet?.isOpen === true) {
      const message = this.#queue.take();
      if (message === undefined) return;
      this.#outlet.send(message);
    }
  }
}
