import { randomBytes } from "node:crypto";
import type { ApplicationSession, MessageSession } from "../../engine/broken/session-options.ts";
import { TYPE } from "../../engine/wire/packets.ts";
import { CONNECT_TIMEOUT_MS } from "../reference/settings.ts";
import type { Message, Packet } from "../wire/packets.ts";
import { Breach, Decoder } from "./decoder.ts";
import { asMessages } from "./encoding.ts";
import type { FaultName } from "./faults.ts";
import type { Namespace } from "./namespace.ts";
import { BrokenSocket, type Link } from "./socket.ts";

/** What the sessions of a server have in common. */
export interface Shared {
  readonly fault: FaultName | undefined;
  readonly namespaces: ReadonlyMap<string, Namespace>;
  /** For faults that mix sessions up. */
  readonly decoder: Decoder;
  readonly questions: Link["questions"];
  /** A session broke the rules. */
  onBreach(): void;
}

/** The sockets of one session, with at most one fault. */
export class Multiplexer implements ApplicationSession {
  readonly #session: MessageSession;
  readonly #shared: Shared;
  readonly #decoder: Decoder;
  readonly #questions: Link["questions"] = new Map();
  readonly #sockets = new Map<string, BrokenSocket>();
  readonly #left = new Set<string>();
  /** For a fault that keeps them. */
  readonly #gone = new Map<string, BrokenSocket>();
  readonly #timer: NodeJS.Timeout | undefined;
  #hasJoined = false;
  #sid = newSid();

  constructor(session: MessageSession, shared: Shared) {
    this.#session = session;
    this.#shared = shared;
    this.#decoder = this.#has("shared-decoder") ? shared.decoder : new Decoder(shared.fault);
    if (this.#has("patient")) return;
    const limitMs = this.#has("early-timeout") ? CONNECT_TIMEOUT_MS / 2 : CONNECT_TIMEOUT_MS;
    this.#timer = setTimeout(() => {
      if (!this.#hasJoined || this.#has("timeout-for-all")) session.end();
      else if (this.#sockets.size === 0 && this.#has("timeout-after-leaving")) session.end();
    }, limitMs);
  }

  receive(message: Message): void {
    try {
      if (this.#has("long-is-fatal") && message.length > 150_000) return this.#shared.onBreach();
      const packet = this.#decoder.add(message);
      if (packet) this.#route(packet);
    } catch (error) {
      // Whatever else fails, such as a stack that is too short, is the fault of what came, too.
      if (!(error instanceof Breach && error.message === "skip")) this.#fail();
    }
  }

  end(): void {
    clearTimeout(this.#timer);
    for (const socket of this.#sockets.values()) socket.end("transport close");
  }

  #has(fault: FaultName): boolean {
    return this.#shared.fault === fault;
  }

  #fail(): void {
    this.#session.end();
    // What was to come on a next GET is for nobody: the client broke the rules.
    this.#session.destroy();
    if (this.#has("shared-fate")) this.#shared.onBreach();
  }

  #route(packet: Packet): void {
    const { type, namespace, id, data } = packet;
    if (type === "connect") return this.#connect(namespace, data ?? {});
    const socket = this.#sockets.get(namespace) ?? this.#gone.get(namespace);
    if (!socket) return this.#receiveAstray(packet);
    if (type === "event") socket.receiveEvent(Array.isArray(data) ? data : [], id);
    else if (type === "ack" && id !== undefined && Array.isArray(data)) socket.receiveAck(id, data);
    else if (type === "disconnect") this.#receiveLeave(namespace, socket);
    else if (type === "connect_error" && !this.#has("takes-connect-errors")) throw new Breach();
  }

  #receiveAstray({ type, namespace }: Packet): void {
    if (type === "event" && this.#has("forgives-events")) return;
    if (type !== "event" && this.#has("forgives-packets")) return;
    const wasLeft = this.#left.has(namespace);
    if (wasLeft && this.#has("forgives-leavers")) return;
    if (wasLeft && type === "disconnect" && this.#has("forgives-leaving-twice")) return;
    throw new Breach();
  }

  #receiveLeave(namespace: string, socket: BrokenSocket): void {
    if (this.#has("ignores-disconnect")) return;
    const leavers = this.#has("leaves-all") ? [...this.#sockets] : [[namespace, socket] as const];
    for (const [name, one] of leavers) {
      this.#sockets.delete(name);
      this.#left.add(name);
      one.end("client namespace disconnect");
    }
    if (this.#sockets.size === 0 && this.#has("last-ends")) this.#session.end();
  }

  #connect(name: string, auth: unknown): void {
    if (this.#sockets.has(name) && !this.#has("joins-twice")) throw new Breach();
    const namespace = this.#find(name);
    if (!namespace) return this.#refuse(name, { message: "Invalid namespace" });
    const socket = new BrokenSocket(this.#newSid(), auth, namespace, this.#link(name), this.#shared.fault);
    const refusal = namespace.refusal(socket);
    if (refusal) {
      const { message, data } = refusal;
      const told = data !== undefined && !this.#has("refuses-without-data");
      return this.#refuse(
        name,
        told || this.#has("always-data") ? { message, data: data ?? null } : { message },
      );
    }
    this.#hasJoined = true;
    this.#sockets.set(name, socket);
    const answer = { sid: socket.id, ...(this.#has("extra-key") && { pid: "private" }) };
    this.#send({ type: "connect", namespace: name, id: undefined, data: answer });
    namespace.add(socket);
    if (this.#has("joins-main") && !this.#sockets.has("/")) this.#connect("/", {});
  }

  #refuse(namespace: string, data: object): void {
    if (this.#has("refusal-joins")) this.#hasJoined = true;
    if (this.#has("refusal-ends")) return this.#session.end();
    if (this.#has("silent-refusal")) return;
    const told = this.#has("refuses-in-text") ? "Invalid namespace" : data;
    this.#send({ type: "connect_error", namespace, id: undefined, data: told });
  }

  #find(name: string): Namespace | undefined {
    const { namespaces } = this.#shared;
    if (this.#has("query-in-names")) return namespaces.get(name.split("?")[0]!);
    if (this.#has("names-of-any-case")) return namespaces.get(name.toLowerCase());
    if (this.#has("beginnings-of-names") && name.startsWith("/custom")) return namespaces.get("/custom");
    if (this.#has("any-namespace")) return namespaces.get(name) ?? namespaces.get("/custom");
    if (this.#has("magic-namespaces") && name.slice(1) in {}) return namespaces.get("/custom");
    return namespaces.get(name);
  }

  #newSid(): string {
    if (this.#has("engine-sid")) return this.#session.sid;
    if (!this.#has("one-sid")) this.#sid = newSid();
    return this.#sid;
  }

  #link(name: string): Link {
    const isShared = this.#has("questions-of-all");
    return {
      questions: isShared
        ? this.#shared.questions
        : this.#has("questions-of-session")
          ? this.#questions
          : new Map(),
      send: (packet) => this.#send(packet),
      leave: (close) => this.#leave(name, close),
    };
  }

  #leave(name: string, close: boolean): void {
    if (!this.#has("kick-silent")) {
      this.#send({ type: "disconnect", namespace: name, id: undefined, data: undefined });
    }
    if (this.#has("answers-when-gone")) this.#gone.set(name, this.#sockets.get(name)!);
    this.#sockets.delete(name);
    this.#left.add(name);
    if (this.#has("kick-loses-words") && close) return this.#session.destroy();
    if (close || this.#has("kick-closes")) this.#session.end();
  }

  #send(packet: Packet): void {
    for (const message of asMessages(packet, this.#shared.fault)) {
      this.#session.send(typeof message === "string" ? TYPE.message + this.#mangle(message) : message);
    }
  }

  #mangle(text: string): string {
    if (this.#has("latin-text")) return Buffer.from(text, "latin1").toString("latin1");
    if (this.#has("names-main")) return text.replace(/^2\[/, "2/,[");
    return text;
  }
}

function newSid(): string {
  return randomBytes(15).toString("base64url");
}
