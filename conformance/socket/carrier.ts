import { Unexpected } from "../lib/verdict.ts";
import { describe } from "../lib/wire/describe.ts";
import type { EngineSocket } from "../engine/engine-socket.ts";
import type { PollingSession } from "../engine/polling-session.ts";
import type { SocketSession, Visit } from "../engine/visit.ts";
import { describeAnswer, type Exchange, expectPayload } from "../engine/wire/exchange.ts";
import { describePacket, messagePacket, payload, TYPE } from "../engine/wire/packets.ts";
import type { Message } from "./wire/packets.ts";

/** How a session carries its messages. */
export type Transport = "polling" | "websocket";

export const TRANSPORTS: readonly Transport[] = ["websocket", "polling"];

/** A session of the engine, the same over both transports. */
export interface Carrier {
  readonly sid: string;
  /** Sends messages together: in one write, or in one payload. */
  send(...messages: readonly Message[]): Promise<void>;
  /** As `send`, where the server may end the session while it reads. */
  sendAtRisk(...messages: readonly Message[]): Promise<void>;
  /** The next message; undefined when the session is over. */
  next(expected: string): Promise<Message | undefined>;
  /** Is ready for what comes: on polling, the server holds a GET. Only where nothing waits to be fetched. */
  listen(): Promise<void>;
  /** Nobody knows the session any more. */
  expectGone(): Promise<void>;
  /** Ends the session as clients do that go. */
  close(): Promise<void>;
  /** Breaks the session off in the middle. */
  destroy(): Promise<void>;
  /** Sends a pong that nobody asked for: a packet of the engine that is no message. */
  pong(): Promise<void>;
  /** The same session on a WebSocket. */
  upgrade(): Promise<Carrier>;
}

export async function openCarrier(visit: Visit, transport: Transport): Promise<Carrier> {
  if (transport === "polling") return new PollingCarrier(visit, await visit.openPolling());
  return new WebSocketCarrier(visit, await visit.openSocket());
}

class WebSocketCarrier implements Carrier {
  readonly #visit: Visit;
  readonly #session: SocketSession;
  readonly #socket: EngineSocket;

  constructor(visit: Visit, session: SocketSession) {
    this.#visit = visit;
    this.#session = session;
    this.#socket = session.socket;
  }

  get sid(): string {
    return this.#session.handshake.sid;
  }

  send(...messages: readonly Message[]): Promise<void> {
    return this.#socket.send(...messages.map((one) => (typeof one === "string" ? TYPE.message + one : one)));
  }

  sendAtRisk(...messages: readonly Message[]): Promise<void> {
    return this.send(...messages);
  }

  async next(expected: string): Promise<Message | undefined> {
    const arrival = await this.#socket.next(expected);
    if (arrival.type === "binary") return arrival.data;
    if (arrival.type === "close" || arrival.type === "end") return undefined;
    const packet = arrival.type === "text" ? arrival.data.toString() : "";
    if (packet.startsWith(TYPE.message)) return packet.slice(1);
    if (packet === TYPE.close) return undefined;
    if (packet === TYPE.noop) return this.next(expected);
    throw new Unexpected(expected, describe(arrival));
  }

  listen(): Promise<void> {
    return Promise.resolve();
  }

  expectGone(): Promise<void> {
    return this.#visit.expectSocketGone(this.#session);
  }

  close(): Promise<void> {
    return this.#socket.close();
  }

  destroy(): Promise<void> {
    this.#socket.destroy();
    return Promise.resolve();
  }

  pong(): Promise<void> {
    return this.#socket.pong();
  }

  upgrade(): Promise<Carrier> {
    throw new Error("A session on WebSocket has nowhere to move to.");
  }
}

class PollingCarrier implements Carrier {
  readonly #visit: Visit;
  readonly #session: PollingSession;
  readonly #arrived: string[] = [];
  #held: Exchange | undefined;

  constructor(visit: Visit, session: PollingSession) {
    this.#visit = visit;
    this.#session = session;
  }

  get sid(): string {
    return this.#session.sid;
  }

  send(...messages: readonly Message[]): Promise<void> {
    return this.#session.send(...messages.map(messagePacket));
  }

  async sendAtRisk(...messages: readonly Message[]): Promise<void> {
    const post = await this.#session.startPost(payload(...messages.map(messagePacket)));
    await post.end();
  }

  async next(expected: string): Promise<Message | undefined> {
    for (;;) {
      const packet = this.#arrived.shift();
      if (packet === undefined) {
        if (!(await this.#ask(expected))) return undefined;
      } else if (packet.startsWith(TYPE.message)) return packet.slice(1);
      else if (packet.startsWith("b")) return Buffer.from(packet.slice(1), "base64");
      else if (packet === TYPE.close) return undefined;
      else if (packet === TYPE.ping) await this.#session.pong();
      else if (packet !== TYPE.noop) throw new Unexpected(expected, describePacket(packet));
    }
  }

  async listen(): Promise<void> {
    this.#held = await this.#session.get();
    await this.#visit.barrier();
  }

  expectGone(): Promise<void> {
    return this.#session.expectGone();
  }

  close(): Promise<void> {
    return this.#session.send(TYPE.close);
  }

  /** A client that is gone breaks off the GET that is held for it. */
  async destroy(): Promise<void> {
    await this.listen();
    this.#held?.abort();
  }

  pong(): Promise<void> {
    return this.#session.pong();
  }

  async upgrade(): Promise<Carrier> {
    const socket = await this.#visit.probe(this.#session);
    await socket.send(TYPE.upgrade);
    const { handshake, countsFrom } = this.#session;
    return new WebSocketCarrier(this.#visit, {
      socket,
      handshake,
      askedAt: countsFrom,
      openedAt: countsFrom,
    });
  }

  /** Whether the session lives: a GET brought packets. */
  async #ask(expected: string): Promise<boolean> {
    const exchange = this.#held ?? (await this.#session.get());
    this.#held = undefined;
    const answer = await exchange.end(expected);
    if (answer === undefined || answer.status === 400) return false;
    if (answer.status !== 200)
      throw new Unexpected("packets, or the end of the session", describeAnswer(answer));
    this.#arrived.push(...expectPayload(answer));
    return true;
  }
}
