import type { ServerResponse } from "node:http";
import {
  CLOSE_TEXT,
  MAX_PAYLOAD_BYTES,
  PING_INTERVAL_MS,
  PING_TIMEOUT_MS,
  UPGRADE_TIMEOUT_MS,
} from "../reference/settings.ts";
import { messagePacket, payload } from "../wire/packets.ts";
import type { FaultName } from "./faults.ts";
import type { FrameSocket } from "./frame-socket.ts";
import type { ApplicationSession, SessionOptions } from "./session-options.ts";

const NOOP_EVERY_MS = 100;
const CLOSE_GRACE_MS = 30_000;

/** A session that echoes, with at most one fault. A binary message stands for itself, all else is a packet as text. */
export class EchoSession {
  readonly sid: string;
  /** A POST is being read. */
  posting = false;
  readonly #options: SessionOptions;
  readonly #application: ApplicationSession | undefined;
  #outbox: (string | Buffer)[] = [];
  #lastPolled: string | Buffer | undefined;
  #get: ServerResponse | undefined;
  #socket: FrameSocket | undefined;
  #candidate: FrameSocket | undefined;
  #state: "open" | "closing" | "closed" = "open";
  readonly #timers = new Map<"ping" | "timeout" | "upgrade" | "noop" | "grace", NodeJS.Timeout>();

  constructor(options: SessionOptions, socket?: FrameSocket) {
    this.#options = options;
    this.sid = options.sid;
    this.#application = options.application?.(this);
    if (socket) this.#adopt(socket);
    this.send(`0${JSON.stringify(this.#handshake())}`);
    this.#schedulePing();
  }

  get transport(): "polling" | "websocket" {
    return this.#socket ? "websocket" : "polling";
  }

  /** Whether a second WebSocket may come for this session. */
  get mayUpgrade(): boolean {
    return (!this.#socket && !this.#candidate) || this.#has("second-takes-over");
  }

  // Polling.

  /** Takes a GET: to be answered as soon as there is something. */
  hold(response: ServerResponse): void {
    if (this.#get && !this.#has("two-gets")) {
      response.writeHead(400).end();
      return this.end();
    }
    this.#get = response;
    response.once("close", () => {
      const aborted = this.#get === response;
      if (aborted) this.#get = undefined;
      if (aborted && !this.#has("ignores-abort")) this.#vanish();
    });
    if (this.#has("never-holds") && this.#outbox.length === 0) this.#outbox.push("6");
    this.#flush();
    if (this.#state === "closing" && this.#get) this.#answerClose();
  }

  receivePayload(packets: readonly string[]): void {
    for (const packet of this.#has("first-packet-only") ? packets.slice(0, 1) : packets) {
      if (this.#state !== "open" && !this.#has("after-close")) return;
      if (packet.startsWith("b")) this.#receive(Buffer.from(packet.slice(1), "base64"));
      else if (packet === "1") this.#closedByClient();
      else this.#receive(packet);
    }
  }

  // WebSocket.

  /** Takes a second transport, which becomes the first if it is probed and taken. */
  offer(socket: FrameSocket): void {
    if (this.#has("second-takes-over") && this.#socket) {
      this.#socket.onEnd = () => {};
      return this.#adopt(socket);
    }
    this.#candidate = socket;
    let probed = false;
    if (!this.#has("patient-upgrade")) this.#after("upgrade", UPGRADE_TIMEOUT_MS, () => socket.close());
    socket.onEnd = () => {
      this.#forgetCandidate();
      if (this.#has("probe-is-session")) this.end();
    };
    socket.onMessage = (data) => {
      const mayMove = probed || this.#has("no-probe");
      if (mayMove && data === "5") return this.#move(socket);
      if (probed || (data !== "2probe" && !this.#has("any-probe"))) return socket.close();
      probed = true;
      socket.send("3probe");
      this.#nudge();
    };
  }

  // Sending.

  send(packet: string | Buffer): void {
    if (this.#state !== "open") return;
    if (this.#has("loses-between") && !this.#socket && !this.#get && packet.toString()[0] === "4") return;
    if (this.#has("reverses") && packet.toString()[0] === "4") this.#outbox.unshift(packet);
    else this.#outbox.push(packet);
    this.#flush();
  }

  /** Closes by the server's own wish. */
  end(): void {
    if (this.#state !== "open") return;
    if (this.#has("drops-last-words")) this.#outbox = [];
    this.#state = "closing";
    if (this.#has("silent-close") || this.#socket) return this.#vanish();
    if (this.#get) return this.#answerClose();
    this.#after("grace", CLOSE_GRACE_MS, () => this.#vanish());
    this.#clear("ping", "timeout");
    this.#candidate?.close();
  }

  /** Lets go of everything at once. */
  destroy(): void {
    this.#vanish();
  }

  #has(fault: FaultName): boolean {
    return this.#options.fault === fault;
  }

  get #pingIntervalMs(): number {
    return this.#options.pingIntervalMs ?? PING_INTERVAL_MS;
  }

  #handshake(): object {
    return {
      sid: this.sid,
      upgrades: this.#socket && !this.#has("upgrades-websocket") ? [] : ["websocket"],
      pingInterval: this.#pingIntervalMs,
      pingTimeout: PING_TIMEOUT_MS,
      maxPayload: MAX_PAYLOAD_BYTES,
      ...(this.#has("extra-key") && { server: "broken" }),
    };
  }

  #receive(packet: string | Buffer): void {
    if (this.#has("anything-is-pong") && packet !== "3") this.#schedulePing();
    if (this.#has("empty-is-noop") && packet === "") return;
    const type = typeof packet === "string" ? packet[0] : "4";
    if (type === "4") this.#receiveMessage(packet);
    else if (type === "3") this.#receivePong();
    else if (packet === "1" && this.#has("deaf-to-close")) return;
    else if (packet === "1" && this.#socket) this.#vanish();
    else if (type !== "6" && !this.#has("skips-garbage")) this.#receiveGarbage();
  }

  #receiveMessage(packet: string | Buffer): void {
    if (this.#application) {
      return this.#application.receive(typeof packet === "string" ? packet.slice(1) : packet);
    }
    // In a turn of its own, after the POST is answered.
    if (packet === `4${CLOSE_TEXT}`) return void setImmediate(() => this.end());
    if (this.#has("loses-emptiness") && packet === "4") return;
    if (this.#has("bytes-as-text") && typeof packet !== "string") return this.send(`4${packet.toString()}`);
    this.send(packet);
  }

  #receivePong(): void {
    this.#clear("timeout");
    if (!this.#has("fixed-beat")) this.#schedulePing();
  }

  #receiveGarbage(): void {
    this.end();
    // What was to come on a next GET is for nobody: the client broke the rules.
    this.#vanish();
    this.#options.onGarbage();
  }

  #closedByClient(): void {
    if (this.#get) this.#answer([this.#has("close-on-get") ? "1" : "6"]);
    if (this.#has("after-close")) return;
    this.#vanish();
  }

  // The heartbeat.

  #schedulePing(): void {
    if (this.#has("no-ping") || this.#state !== "open") return;
    this.#clear("timeout");
    const factor = this.#has("early-ping") ? 0.5 : this.#has("late-ping") ? 1.5 : 1;
    this.#after("ping", this.#pingIntervalMs * factor, () => {
      this.send("2");
      if (this.#has("fixed-beat")) this.#schedulePing();
      if (this.#has("no-timeout")) return;
      const waitMs = PING_TIMEOUT_MS * (this.#has("early-timeout") ? 0.5 : 1);
      this.#after("timeout", waitMs, () => {
        if (this.#get) this.#answerClose();
        this.#vanish();
      });
    });
  }

  // The upgrade.

  /** Ends held GETs with a noop every now and then, so that the client gets to its 5. */
  #nudge(): void {
    if (this.#has("no-noop")) return;
    this.#after("noop", NOOP_EVERY_MS, () => {
      const done = this.#get !== undefined && this.#has("one-noop");
      if (this.#get) this.#answer(["6"]);
      if (!done) this.#nudge();
    });
  }

  #move(socket: FrameSocket): void {
    this.#forgetCandidate();
    if (this.#get) this.#answer(["6"]);
    if (this.#has("forgets-buffer")) this.#outbox = [];
    if (this.#has("resends") && this.#lastPolled) this.#outbox.unshift(this.#lastPolled);
    this.#adopt(socket);
    this.#flush();
  }

  #adopt(socket: FrameSocket): void {
    this.#socket = socket;
    socket.onMessage = (data) => {
      if (Buffer.byteLength(data) <= MAX_PAYLOAD_BYTES - (this.#has("short-limit") ? 1 : 0))
        this.#receive(data);
      else if (this.#has("no-1009")) socket.destroy();
      else socket.close(1009);
    };
    socket.onEnd = () => this.#vanish();
  }

  #forgetCandidate(): void {
    this.#candidate = undefined;
    this.#clear("upgrade", "noop");
  }

  // Writing.

  #flush(): void {
    if (this.#outbox.length === 0) return;
    if (this.#socket) for (const packet of this.#outbox.splice(0)) this.#socket.send(this.#asFrame(packet));
    else if (this.#get) this.#answer(this.#outbox.splice(0));
  }

  #asFrame(packet: string | Buffer): string | Buffer {
    if (this.#has("all-binary")) return Buffer.from(packet);
    if (this.#has("typed-binary") && typeof packet !== "string")
      return Buffer.concat([Buffer.from("4"), packet]);
    return packet;
  }

  #answer(packets: readonly (string | Buffer)[]): void {
    const response = this.#get!;
    this.#get = undefined;
    this.#lastPolled = packets.at(-1);
    const texts = packets.map((packet) => {
      if (typeof packet === "string") return packet;
      return this.#has("url-base64") ? `b${packet.toString("base64url")}` : messagePacket(packet);
    });
    response.writeHead(200, {
      "Content-Type": this.#has("no-charset") ? "text/plain" : "text/plain; charset=UTF-8",
      ...(!this.#has("cacheable") && { "Cache-Control": "no-store" }),
    });
    response.end(payload(...texts));
  }

  #answerClose(): void {
    this.#answer([...this.#outbox.splice(0), "1"]);
    this.#vanish();
  }

  /** Nothing is left of the session. */
  #vanish(): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#clear("ping", "timeout", "upgrade", "noop", "grace");
    if (this.#get) this.#answer(["1"]);
    this.#socket?.close();
    this.#candidate?.close();
    this.#options.onGone();
    this.#application?.end();
  }

  #after(name: "ping" | "timeout" | "upgrade" | "noop" | "grace", ms: number, work: () => void): void {
    this.#clear(name);
    this.#timers.set(name, setTimeout(work, ms));
  }

  #clear(...names: readonly ("ping" | "timeout" | "upgrade" | "noop" | "grace")[]): void {
    for (const name of names) clearTimeout(this.#timers.get(name));
  }
}
