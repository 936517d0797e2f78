import { type EnginePacketType, enginePacketType, type Message, PacketError } from "../packets/index.ts";
import type { Timer } from "../shared/clock.ts";
import { MAX_BUFFERED_BYTES } from "./backlog.ts";
import { Endpoint, RequestError } from "./endpoint.ts";
import { Line } from "./line.ts";
import { Silence, SLEEP_LATE_MS, SleepWatch } from "./liveness.ts";
import { Opening, type OpeningSink } from "./opening.ts";
import type { ManagerOptions } from "./options.ts";
import { TransportPlan } from "./plan.ts";
import type { RequestPlatform, SessionPlatform } from "./platform.ts";
import { Preference } from "./preference.ts";
import {
  closedByServer,
  type CloseDetails,
  type EngineCloseReason,
  MAX_TIMER_MS,
  type Session,
  type SessionHandler,
  type SessionsTo,
} from "./session.ts";
import type { SessionFacts } from "./session-facts.ts";
import type { Transport, TransportKind, TransportSink } from "./transport.ts";
import { type OpenTransport, transportsTo } from "./transports/open.ts";

/**
 * An Engine.IO v4 session as the client sees it, over any transport: handshake, heartbeat watch, messages both ways. Where
 * the server offers it, it is a link: it outlives its transports, and no message is lost, doubled or reordered by that.
 */
export class EngineSession implements Session, TransportSink, OpeningSink {
  readonly #handler: SessionHandler;
  readonly #platform: SessionPlatform;
  readonly #preference: Preference;
  readonly #plan: TransportPlan;
  readonly #openTransport: OpenTransport;
  readonly #options: ManagerOptions;
  readonly #opening: Opening;
  /** Since a packet came down. */
  readonly #silence: Silence;
  /** Since an upload was answered. */
  readonly #answered: Silence;
  #state: "opening" | "open" | "closed" = "opening";
  #facts: SessionFacts | undefined;
  #line: Line | undefined;
  #sleepWatch: SleepWatch | undefined;
  #timer: Timer | undefined;

  /** Connects; gives up if the handshake is not done in time. Throws what opening the first transport throws. */
  constructor(endpoint: Endpoint, preference: Preference, options: ManagerOptions, handler: SessionHandler) {
    const { platform } = endpoint;
    const { timeout: timeoutMs = 20_000 } = options;
    this.#handler = handler;
    this.#platform = platform;
    this.#preference = preference;
    this.#options = options;
    this.#silence = new Silence(platform);
    this.#answered = new Silence(platform);
    this.#plan = new TransportPlan(options, preference.transport);
    this.#openTransport = transportsTo(endpoint);
    this.#opening = new Opening(this.#openTransport, this.#plan, platform.clock, this);
    if (timeoutMs === false) return;
    this.#timer = platform.clock.setTimeout(() => {
      this.#end("transport error", new Error(`No answer within ${timeoutMs} ms.`));
    }, timeoutMs);
  }

  get id(): string | undefined {
    return this.#facts?.sid;
  }

  get bufferedBytes(): number {
    return this.#line?.bufferedBytes ?? 0;
  }

  send(text: string, attachments: readonly Uint8Array[]): void {
    if (!this.#isOpen) return;
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
    if (this.#isOpen) this.#line!.close();
    this.#end(reason);
  }

  offline(): void {
    if (this.#isOpen && !this.#line!.offline()) this.#end("transport close");
  }

  check(toleratedMs: number = this.#facts?.suspectMs ?? 0): void {
    if (!this.#isOpen) return;
    if (this.#absentMs >= this.#facts!.silenceLimitMs) this.#timeOut();
    else if (!this.#line!.isAttached || this.#silence.ms >= toleratedMs) this.#line!.renew();
  }

  retry(): void {
    if (this.#isOpen && !this.#line!.isAttached) this.#line!.renew();
  }

  onOpened(transport: Transport, facts: SessionFacts, isSecondChoice: boolean): void {
    const { probeTimeout = 5000, raceDelay = 1000, maxBufferedBytes = MAX_BUFFERED_BYTES } = this.#options;
    this.#state = "open";
    this.#facts = facts;
    const context = {
      facts,
      platform: this.#platform,
      plan: this.#plan,
      openTransport: this.#openTransport,
      probeTimeoutMs: probeTimeout,
      firstEventMs: raceDelay,
      maxBufferedBytes,
      onWorking: (kind: TransportKind) => this.#worked(kind, false),
    };
    this.#line = new Line(context, transport, this, this.#handler);
    this.#sleepWatch = new SleepWatch(this.#platform, () => this.check(SLEEP_LATE_MS));
    this.#silence.end();
    this.#watch();
    this.#worked(transport.kind, isSecondChoice);
    this.#handler.onOpen(transport.kind);
    this.#line.improve(!isSecondChoice);
  }

  onOpeningFailed(error: Error | undefined): void {
    this.#closedBy(error);
  }

  /** Ends the session if a packet makes no sense. */
  receive(packet: Message): void {
    if (!this.#isOpen) return;
    const { link } = this.#facts!;
    if (link !== undefined) {
      this.#silence.end();
      this.#line!.heard();
      // Who was told that the session goes on may have ended it.
      if (!this.#isOpen) return;
    }
    try {
      if (typeof packet === "string") this.#receivePacket(enginePacketType(packet), packet.slice(1));
      else this.#receiveMessage(packet);
    } catch (error) {
      if (!(error instanceof PacketError)) throw error;
      this.#end("parse error", error);
    }
  }

  /** The server is there. It says nothing about the way down, by which a transport is judged. */
  onUploaded(count: number): void {
    if (!this.#isOpen) return;
    this.#answered.end();
    this.#facts!.link!.receiveAck(`${count}`);
  }

  onTransportClose(error: Error | undefined, context?: unknown): void {
    if (error instanceof RequestError && error.isFinal && this.#facts!.link !== undefined) {
      this.#end("transport close", error);
    } else if (error instanceof PacketError || !this.#line!.lost()) this.#closedBy(error, context);
  }

  #receiveMessage(data: Message): void {
    if (this.#facts!.link?.count(data.length) === true) this.#line!.sendAck();
    this.#handler.receivePacket("message", data);
  }

  #receivePacket(type: EnginePacketType, data: string): void {
    if (type === "message") return this.#receiveMessage(data);
    const { link } = this.#facts!;
    this.#handler.receivePacket(type, data);
    // Who was told may have ended it.
    if (!this.#isOpen) return;
    if (type === "ping") {
      this.#silence.end();
      link?.receiveAck(data);
      this.#line!.sendPacket(`3${link === undefined ? data : link.takeAck()}`);
    } else if (type === "close") this.#end("transport close");
    else if (type !== "noop") throw new PacketError("An unexpected packet.");
    else if (link !== undefined && data !== "") {
      link.receiveAck(data);
      this.#line!.synchronized();
    }
  }

  get #isOpen(): boolean {
    return this.#state === "open";
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
    const error = new Error(`No ping within ${this.#facts!.silenceLimitMs} ms.`);
    this.#end(this.#line!.isJoined ? "ping timeout" : "transport close", error);
  }

  /** The session is on this kind of transport; `isSecondChoice`: another one failed or was slow. */
  #worked(kind: TransportKind, isSecondChoice: boolean): void {
    if (kind === "websocket" || isSecondChoice) this.#preference.remember(kind);
  }

  #closedBy(error: Error | undefined, context?: unknown): void {
    if (error instanceof PacketError && this.#isOpen) this.#end("parse error", error);
    else if (error !== undefined) this.#end("transport error", error);
    else this.#end("transport close", closedByServer(context));
  }

  #end(reason: EngineCloseReason, details?: CloseDetails): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#timer?.cancel();
    this.#sleepWatch?.stop();
    this.#opening.cancel();
    this.#line?.destroy();
    this.#handler.onClose(reason, details);
  }
}

/** Sessions with all transports. */
export const allSessions: SessionsTo<RequestPlatform> = (platform, origin, options) => {
  const preference = new Preference(platform, origin, options);
  return (settings, handler) =>
    new EngineSession(new Endpoint(origin, settings, platform), preference, settings, handler);
};
