import type { PreparedMessage } from "../../src/engine/index.ts";
import type { TransportCloseReason, TransportSink, Transport } from "../../src/engine/transport.ts";

/** A transport to nowhere: what was sent is kept, what is received is said by the test. */
export class MemoryTransport implements Transport {
  readonly name = "websocket";
  bufferedBytes = 0;
  readonly sent: (string | Uint8Array)[] = [];
  /** Whether it was told to report nothing for a while: what is received waits. */
  isPaused = false;
  readonly #kept: (string | Uint8Array)[] = [];
  /** How it was told to end. */
  ending: TransportCloseReason | "destroyed" | undefined;
  /** Called when the session begins to listen. */
  onStart: (() => void) | undefined;
  #sink: TransportSink | undefined;

  start(sink: TransportSink): void {
    this.#sink = sink;
    this.onStart?.();
  }

  redirect(sink: TransportSink): void {
    this.#sink = sink;
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
    while (!this.isPaused && this.#kept.length > 0) this.#report(this.#kept.shift()!);
  }

  sendPacket(packet: string): void {
    this.sent.push(packet);
  }

  sendBinary(data: Uint8Array): void {
    this.sent.push(data);
  }

  sendPrepared(message: PreparedMessage): void {
    this.sent.push(`4${message.text}`, ...message.attachments);
  }

  close(reason: TransportCloseReason): void {
    this.ending ??= reason;
  }

  destroy(): void {
    this.ending = "destroyed";
  }

  /** A packet from the client. */
  receive(packet: string): void {
    this.#take(packet);
  }

  receiveBinary(data: Uint8Array): void {
    this.#take(data);
  }

  /** The transport fails; {@link end} follows. */
  fail(error: Error, isTooLong = false): void {
    this.#sink!.onTransportError(error, isTooLong);
  }

  /** The transport is gone. */
  end(clean: boolean, detail = "gone"): void {
    this.#sink!.onTransportClose(clean, detail);
  }

  /** What was sent since the last call. */
  take(): (string | Uint8Array)[] {
    return this.sent.splice(0);
  }

  #take(packet: string | Uint8Array): void {
    if (this.isPaused) this.#kept.push(packet);
    else this.#report(packet);
  }

  #report(packet: string | Uint8Array): void {
    if (typeof packet === "string") this.#sink!.receivePacket(packet.charCodeAt(0), packet.slice(1));
    else this.#sink!.receiveBinary(packet);
  }
}
