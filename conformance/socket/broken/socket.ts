import type { ContractSocket } from "../reference/contract.ts";
import type { Packet } from "../wire/packets.ts";
import { asJson } from "./encoding.ts";
import type { FaultName } from "./faults.ts";
import type { Namespace } from "./namespace.ts";
import type { Target } from "./target.ts";

type Listener = (...args: unknown[]) => void;

/** A socket's way to its client, and what it shares with the other sockets of its session. */
export interface Link {
  send(packet: Packet): void;
  /** The socket has left by the server's will. */
  leave(close: boolean): void;
  /** Questions that wait for an answer, by their ids. */
  readonly questions: Map<number, Listener>;
}

/** A session in a namespace, with at most one fault. */
export class BrokenSocket implements ContractSocket {
  readonly id: string;
  readonly handshake: { readonly auth: unknown };
  readonly rooms: Set<string> = new Set();
  connected = true;
  readonly #namespace: Namespace;
  readonly #link: Link;
  readonly #fault: FaultName | undefined;
  readonly #listeners = new Map<string, Listener>();

  constructor(id: string, auth: unknown, namespace: Namespace, link: Link, fault: FaultName | undefined) {
    this.id = id;
    this.handshake = { auth: fault === "loses-auth" ? {} : auth };
    this.#namespace = namespace;
    this.#link = link;
    this.#fault = fault;
    if (!this.#has("no-sid-rooms")) this.rooms.add(id);
  }

  // For the contract.

  get broadcast(): Target {
    return this.#namespace.to([]).except(this.#has("sends-to-sender") ? [] : this.id);
  }

  get volatile(): { emit(name: string, ...args: unknown[]): unknown } {
    return {
      emit: (name, ...args) => {
        if (!this.#has("no-volatile")) this.emit(name, ...args);
      },
    };
  }

  on(name: string, listener: Listener): void {
    this.#listeners.set(name, listener);
  }

  emit(name: string, ...args: unknown[]): void {
    const answer = typeof args.at(-1) === "function" ? (args.pop() as Listener) : undefined;
    const id = answer && this.#nextId();
    if (id !== undefined) this.#link.questions.set(id, answer!);
    this.sendEvent([name, ...args], id);
  }

  timeout(ms: number): { emit(name: string, ...args: unknown[]): unknown } {
    return {
      emit: (name, ...args) => {
        const callback = args.pop() as Listener;
        const id = this.#nextId();
        const timer = setTimeout(() => {
          if (!this.#has("late-answers")) this.#link.questions.delete(id);
          if (!this.#has("no-ack-timeout")) callback(new Error("no answer"));
        }, ms);
        this.#link.questions.set(id, (...answer) => {
          clearTimeout(timer);
          callback(null, ...answer);
        });
        this.sendEvent([name, ...args], id);
      },
    };
  }

  join(rooms: string | string[]): void {
    for (const room of this.#has("joins-first-only") ? [rooms].flat().slice(0, 1) : [rooms].flat()) {
      for (const one of this.#has("rooms-at-commas") ? [...room.split(",")] : [room]) this.rooms.add(one);
    }
  }

  leave(room: string): void {
    if (!this.#has("never-leaves-rooms")) this.rooms.delete(room);
  }

  to(room: string): Target {
    return this.broadcast.to(room);
  }

  disconnect(close: boolean): void {
    if (!this.connected) return;
    this.#link.leave(close && !this.#has("kick-keeps-session"));
    this.end("server namespace disconnect");
  }

  // For the multiplexer.

  sendEvent(args: readonly unknown[], id?: number): void {
    if (!this.connected && !this.#has("answers-when-gone")) return;
    const namespace = this.#has("answers-in-main") ? "/" : this.#namespace.name;
    this.#link.send({ type: "event", namespace, id, data: args });
  }

  receiveEvent(args: readonly unknown[], id: number | undefined): void {
    const [name, ...rest] = args;
    const listener = this.#listeners.get(String(name));
    if (!listener && this.#has("unheard-ends")) return this.disconnect(true);
    if (!listener && this.#has("magic-events") && String(name) in {}) return this.disconnect(true);
    if (this.#has("no-empty-events") && rest.length === 0) return;
    if (name === "polluted" && this.#has("pollutes")) return this.#acknowledge(id!)(true);
    const given = this.#has("one-argument") ? rest.slice(0, 1) : rest;
    listener?.(...given, ...(id === undefined ? [] : [this.#acknowledge(id)]));
  }

  receiveAck(id: number, args: readonly unknown[]): void {
    const answer = this.#link.questions.get(id);
    if (!this.#has("hears-answers-twice")) this.#link.questions.delete(id);
    if (!answer && this.#has("unknown-ack-ends")) this.disconnect(true);
    answer?.(...args);
  }

  /** The socket is gone. */
  end(reason: string): void {
    if (!this.connected) return;
    // With this fault its rooms go on to send, so that it must not look gone.
    this.connected = this.#has("stays-in-rooms");
    if (!this.connected) this.#namespace.sockets.delete(this);
    const told = this.#has("one-reason") ? "transport close" : reason;
    if (!this.#has("leaves-unnoticed")) this.#listeners.get("disconnect")?.(told);
  }

  #has(fault: FaultName): boolean {
    return this.#fault === fault;
  }

  #nextId(): number {
    return this.#has("one-question-id") ? 0 : this.#namespace.nextId(this.#link);
  }

  #acknowledge(id: number): Listener {
    let given = false;
    return (...args) => {
      if (given && !this.#has("acknowledges-twice")) return;
      given = true;
      const namespace = this.#has("acks-in-main") ? "/" : this.#namespace.name;
      const data = this.#has("wraps-acks") ? [args] : this.#has("acks-without-binary") ? asJson(args) : args;
      this.#link.send({ type: "ack", namespace, id, data });
    };
  }
}
