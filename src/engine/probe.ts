import type { PacketError } from "../packets/index.ts";
import { encodeEnginePacket } from "../packets/index.ts";
import type { Clock, Timer } from "../shared/clock.ts";
import { DeafSink } from "./deaf-sink.ts";
import type { Transport } from "./transport.ts";

/** How often a held request is let go while a client waits for it to leave polling. */
const RELEASE_INTERVAL_MS = 100;

const PING = 0x32;
const UPGRADE = 0x35;

/** What a probe tells its session. */
export interface ProbeHost {
  /** Whether the client is made to wait for the end of what it sends over the other transport: then it can't move. */
  readonly isHeldUp: boolean;
  /** The client wants the session to go on over the probe's transport; `data` is what the packet carried. */
  onUpgrade(probe: Probe, data: string): void;
  /** Said every 100 ms once the client has seen that the transport works. */
  onProbeTick(): void;
  /** The client has not moved: the transport is gone if `gone`, else it is to be closed. */
  onProbeEnd(probe: Probe, gone: boolean): void;
}

/**
 * A WebSocket that wants to become the transport of a session: `2probe`, `3probe`, then `5`, and nothing
 * else.
 */
export class Probe extends DeafSink {
  readonly transport: Transport;
  readonly #host: ProbeHost;
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  #deadline: number;
  #state: "silent" | "probed" | "upgrading" | "over" = "silent";
  #timer: Timer | undefined;

  constructor(transport: Transport, host: ProbeHost, clock: Clock, timeoutMs: number) {
    super();
    this.transport = transport;
    this.#host = host;
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
    this.#deadline = clock.now() + timeoutMs;
  }

  /** Begins to listen. */
  start(): void {
    this.#await();
    this.transport.start(this);
  }

  /** Ends the probe and says nothing; the transport is the caller's. */
  stop(): void {
    this.#state = "over";
    this.#timer?.cancel();
  }

  override receivePacket(digitCode: number, data: string): void {
    if (this.#state === "over") return;
    if (digitCode === PING && data === "probe" && this.#state !== "upgrading") {
      this.transport.sendPacket(encodeEnginePacket("pong", "probe"));
      if (this.#state === "probed") return;
      this.#state = "probed";
      this.#await();
    } else if (digitCode === UPGRADE && this.#state === "probed") {
      this.#state = "upgrading";
      this.#host.onUpgrade(this, data);
    } else this.#giveUp(false);
  }

  override receiveBinary(): void {
    this.#giveUp(false);
  }

  override fail(_error: PacketError): void {
    this.#giveUp(false);
  }

  override onTransportClose(): void {
    this.#giveUp(true);
  }

  #await(): void {
    this.#timer?.cancel();
    const left = this.#deadline - this.#clock.now();
    const delay = this.#state === "silent" ? left : Math.min(left, RELEASE_INTERVAL_MS);
    this.#timer = this.#clock.setTimeout(() => {
      if (this.#state !== "silent" && this.#host.isHeldUp) {
        this.#deadline = this.#clock.now() + this.#timeoutMs;
      }
      if (this.#clock.now() >= this.#deadline) {
        this.#giveUp(false);
        return;
      }
      if (this.#state !== "silent") this.#host.onProbeTick();
      this.#await();
    }, delay);
  }

  #giveUp(gone: boolean): void {
    if (this.#state === "over") return;
    this.stop();
    this.#host.onProbeEnd(this, gone);
  }
}
