import { encodeEnginePacket, enginePacketType, PacketError } from "../packets/index.ts";
import type { Timer } from "../shared/clock.ts";
import { type Endpoint, RequestError } from "./endpoint.ts";
import { Silence, SLEEP_LATE_MS, SleepWatch } from "./liveness.ts";
import type { ManagerOptions } from "./options.ts";
import type { Platform } from "./platform.ts";
import type { SessionFacts } from "./session-facts.ts";
import {
  closedByServer,
  type CloseDetails,
  type EngineCloseReason,
  MAX_TIMER_MS,
  type Session,
  type SessionHandler,
} from "./session.ts";
import type { Transport, TransportSink } from "./transport.ts";
import type { OpeningSink, SessionLine, Ways } from "./ways.ts";

/**
 * An Engine.IO v4 session as the client sees it, over any transport: handshake, heartbeat watch, messages both ways. Where
 * the server offers it, it is a link: it outlives its transports, and no message is lost, doubled or reordered by that.
 */
export class EngineSession implements Session, TransportSink, OpeningSink {
  readonly #handler: SessionHandler;
  readonly #platform: Platform;
  readonly #endpoint: Endpoint;
  readonly #ways: Ways;
  readonly #options: ManagerOptions;
  readonly #opening: { cancel(): void };
  /** Since a packet came down. */
  readonly #silence: Silence;
  /** Since an upload was answered. */
  readonly #answered: Silence;
  #state: "opening" | "open" | "closed" = "opening";
  #facts: SessionFacts | undefined;
  #line: SessionLine | undefined;
  #sleepWatch: SleepWatch | undefined;
  #timer: Timer | undefined;

  /** Connects; gives up if the handshake is not done in time. Throws what opening the first transport throws. */
  constructor(endpoint: Endpoint, ways: Ways, options: ManagerOptions, handler: SessionHandler) {
    const { platform } = endpoint;
    this.#handler = handler;
    this.#platform = platform;
    this.#endpoint = endpoint;
    this.#ways = ways;
    this.#options = options;
    this.#silence = new Silence(platform);
    this.#answered = new Silence(platform);
    this.#opening = ways.open(endpoint, options, this);
    const { timeout: timeoutMs = 20_000 } = options;
    if (timeoutMs === false) return;
    this.#timer = platform.clock.setTimeout(() => {
      this.#end("transport error", new Error(`The server did not answer within ${timeoutMs} ms.`));
    }, timeoutMs);
  }

  get id(): string | undefined {
    return this.#facts?.sid;
  }

  get bufferedBytes(): number {
    return this.#line?.bufferedBytes ?? 0;
  }

  send(text: string, attachments: readonly Uint8Array[]): void {
    if (this.#state !== "open") return;
    const messages = [text, ...attachments];
    const problem = this.#line!.problemWith(messages);
    if (problem === undefined) {
      for (const message of messages) this.#line!.sendMessage(message);
      return;
    }
    // What was sent before still leaves, and the server is told.
    this.#line!.close();
    this.#end("transport error", problem);
  }

  close(reason: EngineCloseReason = "forced close"): void {
    if (this.#state === "open") this.#line!.close();
    this.#end(reason, undefined);
  }

  offline(): void {
    if (this.#state === "open" && !this.#line!.offline()) this.#end("transport close", undefined);
  }

  check(toleratedMs: number = this.#facts?.suspectMs ?? 0): void {
    if (this.#state !== "open") return;
    if (this.#absentMs >= this.#facts!.silenceLimitMs) this.#timeOut();
    else if (!this.#line!.isAttached || this.#silence.ms >= toleratedMs) this.#line!.renew();
  }

  retry(): void {
    if (this.#state === "open" && !this.#line!.isAttached) this.#line!.renew();
  }

  onOpened(transport: Transport, facts: SessionFacts, isSecondChoice: boolean): void {
    this.#state = "open";
    this.#facts = facts;
    this.#line = this.#ways.line(this.#endpoint, this.#options, facts, transport, this, this.#handler);
    this.#sleepWatch = new SleepWatch(this.#platform, () => this.check(SLEEP_LATE_MS));
    this.#silence.end();
    this.#watch();
    this.#ways.worked(transport.kind, isSecondChoice);
    this.#handler.onOpen(transport.kind);
    this.#line.improve(!isSecondChoice);
  }

  onOpeningFailed(error: Error | undefined): void {
    this.#closedBy(error);
  }

  onTransportOpen(): void {}

  receivePacket(packet: string): void {
    this.#receive(() => {
      const type = enginePacketType(packet);
      const data = packet.slice(1);
      const { link } = this.#facts!;
      this.#handler.onPacket(type, data);
      // Who was told may have ended it.
      if (!this.#isOpen) return;
      if (type === "message") {
        this.#count(data.length);
        this.#handler.receiveText(data);
      } else if (type === "ping") {
        this.#silence.end();
        link?.receiveAck(data);
        const echo = link === undefined ? data : String(link.takeAck());
        this.#line!.sendPacket(encodeEnginePacket("pong", echo));
      } else if (type === "close") this.#end("transport close", undefined);
      else if (type !== "noop") throw new PacketError("A server sends no such packet on an open session.");
      else if (link !== undefined && data !== "") {
        link.receiveAck(data);
        this.#line!.synchronized();
      }
    });
  }

  receiveBinary(data: Uint8Array): void {
    this.#receive(() => {
      this.#handler.onPacket("message", data);
      if (!this.#isOpen) return;
      this.#count(data.length);
      this.#handler.receiveBinary(data);
    });
  }

  /** The server is there. It says nothing about the way down, by which a transport is judged. */
  onUploaded(count: number): void {
    if (this.#state !== "open") return;
    this.#answered.end();
    this.#facts!.link!.receiveAck(String(count));
  }

  onTransportClose(error: Error | undefined, context?: unknown): void {
    if (error instanceof RequestError && error.isFinal && this.#facts!.link !== undefined) {
      this.#end("transport close", error);
    } else if (error instanceof PacketError || !this.#line!.lost()) this.#closedBy(error, context);
  }

  /** Runs what a packet brings, and ends the session if it makes no sense. */
  #receive(work: () => void): void {
    if (this.#state !== "open") return;
    if (this.#facts!.link !== undefined) {
      this.#silence.end();
      this.#line!.heard();
      // Who was told that the session goes on may have ended it.
      if (!this.#isOpen) return;
    }
    try {
      work();
    } catch (error) {
      if (!(error instanceof PacketError)) throw error;
      this.#end("parse error", error);
    }
  }

  get #isOpen(): boolean {
    return this.#state === "open";
  }

  #count(length: number): void {
    if (this.#facts!.link?.count(length) === true) this.#line!.sendAck();
  }

  /** A server that is there pings in time; if it doesn't, the connection is dead although nobody said so. */
  #watch(): void {
    const { suspectMs, silenceLimitMs, link } = this.#facts!;
    const { ms } = this.#silence;
    const dueMs = link === undefined || ms >= suspectMs ? silenceLimitMs - this.#absentMs : suspectMs - ms;
    this.#timer?.cancel();
    this.#timer = this.#platform.clock.setTimeout(
      () => this.#onSilence(),
      Math.min(Math.max(dueMs, 0), MAX_TIMER_MS),
    );
  }

  #onSilence(): void {
    const { suspectMs, silenceLimitMs } = this.#facts!;
    const { ms } = this.#silence;
    if (this.#absentMs >= silenceLimitMs) return this.#timeOut();
    this.#watch();
    if (ms >= suspectMs && this.#line!.isAttached) this.#line!.distrust();
  }

  /** For how long nothing has shown that the server is there. */
  get #absentMs(): number {
    return Math.min(this.#silence.ms, this.#answered.ms);
  }

  #timeOut(): void {
    const error = new Error(`No ping came within ${this.#facts!.silenceLimitMs} ms.`);
    this.#end(this.#line!.isJoined ? "ping timeout" : "transport close", error);
  }

  #closedBy(error: Error | undefined, context?: unknown): void {
    if (error instanceof PacketError && this.#state === "open") this.#end("parse error", error);
    else if (error !== undefined) this.#end("transport error", error);
    else this.#end("transport close", closedByServer(context));
  }

  #end(reason: EngineCloseReason, details: CloseDetails | undefined): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#timer?.cancel();
    this.#sleepWatch?.stop();
    this.#opening.cancel();
    this.#line?.destroy();
    this.#handler.onClose(reason, details);
  }
}
