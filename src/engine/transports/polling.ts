import { encodeEnginePacket, encodePayloadPacket, joinPayload } from "../../packets/index.ts";
import type { Timer } from "../../shared/clock.ts";
import { base64 } from "../base64.ts";
import type { Exchange } from "../exchange.ts";
import { PreparedMessage } from "../prepared-message.ts";
import type { WaitingPacket } from "../transport.ts";
import { NOOP_PACKET, RequestBased } from "./request-based.ts";

/**
 * Engine.IO v4 over requests: a GET is held until there is something to send, what the client sends comes in
 * POSTs. In a link, a GET may be held for a shorter time, or replaced.
 */
export class PollingTransport extends RequestBased {
  readonly name = "polling";
  #held: Exchange | undefined;
  #holdTimer: Timer | undefined;

  releaseRequest(): void {
    if (this.#held !== undefined) this.sendPacket(NOOP_PACKET);
  }

  protected get isCarried(): boolean {
    return this.#held !== undefined;
  }

  protected receiveGet(exchange: Exchange): void {
    const isFirst = exchange.query("sid") === undefined;
    if (this.#held !== undefined && !this.isLink) {
      exchange.refuse(400, "Another GET is still held: only one may at a time.");
      this.onBreach(new Error("a GET overlapped another one"));
      return;
    }
    if (this.isLink && !isFirst) {
      if (this.acknowledge(exchange) === undefined) return;
      // A new request means that the answer before it was lost.
      this.dropUnread();
    }
    this.release([NOOP_PACKET]);
    this.#held = exchange;
    exchange.onAbort = () => {
      this.#letGo();
      this.onCut("a held GET");
    };
    this.renew(isFirst);
    if (this.isLink) this.#limitHold(exchange);
  }

  protected carry(packets: readonly WaitingPacket[]): void {
    this.release(packets);
  }

  protected release(last: readonly WaitingPacket[]): void {
    const held = this.#held;
    if (held === undefined) return;
    this.#letGo();
    const payload = last.length === 1 ? encode(last[0]!) : joinPayload(last.map(encode));
    held.answer(payload);
    this.leave(held, payload.length);
  }

  #letGo(): void {
    if (this.#held !== undefined) this.#held.onAbort = undefined;
    this.#held = undefined;
    this.#holdTimer?.cancel();
  }

  #limitHold(exchange: Exchange): void {
    if (this.#held !== exchange || this.isWaiting) return;
    const hold = exchange.query("hold") ?? "";
    const { clock, maxHoldMs } = this.options;
    const holdMs = /^\d+$/.test(hold) ? Math.min(Number(hold), maxHoldMs) : maxHoldMs;
    if (holdMs === 0) this.release([NOOP_PACKET]);
    else this.#holdTimer = clock.setTimeout(() => this.release([NOOP_PACKET]), holdMs);
  }
}

function encode(packet: WaitingPacket): string {
  return packet instanceof PreparedMessage
    ? packet.encoding("payload", encodePrepared).text
    : encodePayloadPacket(packet, base64);
}

/** The message's packets, together in one text. */
function encodePrepared({ text, attachments }: PreparedMessage): { readonly text: string } {
  const binaries = attachments.map((attachment) => encodePayloadPacket(attachment, base64));
  return { text: joinPayload([encodeEnginePacket("message", text), ...binaries]) };
}
