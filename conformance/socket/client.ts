import { isDeepStrictEqual } from "node:util";
import { must, Unexpected } from "../lib/verdict.ts";
import type { Visit } from "../engine/visit.ts";
import { type Carrier, openCarrier, type Transport } from "./carrier.ts";
import {
  describeMessage,
  describePacket,
  encode,
  event,
  type Message,
  type Packet,
  parse,
  putBytes,
} from "./wire/packets.ts";

/** The suite's side of a session: it sends packets right or wrong, reads strictly, and expects one thing at a time. */
export class Client {
  carrier: Carrier;
  #nextId = 0;

  private constructor(carrier: Carrier) {
    this.carrier = carrier;
  }

  /** A session that has joined no namespace. */
  static async open(visit: Visit, transport: Transport): Promise<Client> {
    return new Client(await openCarrier(visit, transport));
  }

  // Sending.

  /** Sends messages together, as they are. */
  send(...messages: readonly Message[]): Promise<void> {
    return this.carrier.send(...messages);
  }

  emit(namespace: string, ...args: readonly unknown[]): Promise<void> {
    return this.send(...event(namespace, args));
  }

  /** Moves from polling to WebSocket. Everything asked for on polling must have come. */
  async upgrade(): Promise<void> {
    this.carrier = await this.carrier.upgrade();
  }

  // Expecting.

  /** The next packet with its attachments; undefined when the session is over. */
  async receive(expected: string): Promise<Packet | undefined> {
    const text = await this.carrier.next(expected);
    if (text === undefined) return undefined;
    must(typeof text === "string", expected, describeMessage(text));
    const { packet, attachments } = parse(text);
    const arrived: Buffer[] = [];
    while (arrived.length < attachments) {
      const attachment = await this.carrier.next(`attachment ${arrived.length} of ${attachments}`);
      const got = attachment === undefined ? "the end of the session" : describeMessage(attachment);
      must(Buffer.isBuffer(attachment), `attachment ${arrived.length} of ${attachments}`, got);
      arrived.push(attachment);
    }
    return attachments === 0 ? packet : { ...packet, data: putBytes(packet.data, arrived) };
  }

  /** As `receive`; the session must go on. */
  async next(expected: string): Promise<Packet> {
    const packet = await this.receive(expected);
    if (packet === undefined) throw new Unexpected(expected, "the end of the session");
    return packet;
  }

  async expect(packet: Packet): Promise<void> {
    const expected = describePacket(packet);
    const got = await this.next(expected);
    must(isDeepStrictEqual(got, packet), expected, describePacket(got));
  }

  expectEvent(namespace: string, ...args: readonly unknown[]): Promise<void> {
    return this.expect({ type: "event", namespace, id: undefined, data: args });
  }

  expectAck(namespace: string, id: number, ...args: readonly unknown[]): Promise<void> {
    return this.expect({ type: "ack", namespace, id, data: args });
  }

  expectDisconnect(namespace: string): Promise<void> {
    return this.expect({ type: "disconnect", namespace, id: undefined, data: undefined });
  }

  expectRefused(namespace: string, data: unknown): Promise<void> {
    return this.expect({ type: "connect_error", namespace, id: undefined, data });
  }

  /** An event that asks for an acknowledgement. Gives its id. */
  async expectRequest(namespace: string, ...args: readonly unknown[]): Promise<number> {
    const wanted: Packet = { type: "event", namespace, id: undefined, data: args };
    const expected = `${describePacket(wanted)} with an acknowledgement's id`;
    const got = await this.next(expected);
    const { id } = got;
    must(
      isDeepStrictEqual({ ...got, id: undefined }, wanted) && id !== undefined,
      expected,
      describePacket(got),
    );
    return id;
  }

  /** The server ends the session, says nothing more, and knows it no longer. */
  async expectEnd(): Promise<void> {
    const expected = "the end of the session";
    const packet = await this.receive(expected);
    if (packet !== undefined) throw new Unexpected(expected, describePacket(packet));
    await this.carrier.expectGone();
  }

  // A client's ways.

  /** Joins a namespace. Gives the socket's sid. */
  async connect(namespace = "/", auth?: Readonly<Record<string, unknown>>): Promise<string> {
    await this.send(...encode({ type: "connect", namespace, id: undefined, data: auth }));
    return this.expectConnected(namespace, auth);
  }

  /** The answer to a CONNECT: exactly `{sid}`; and then, as this server does it, the auth that came. */
  async expectConnected(namespace = "/", auth: Readonly<Record<string, unknown>> = {}): Promise<string> {
    const expected = `0${namespace === "/" ? "" : `${namespace},`}{"sid":"…"}`;
    const packet = await this.next(expected);
    const { type, id, data } = packet;
    const got = describePacket(packet);
    must(type === "connect" && packet.namespace === namespace && id === undefined, expected, got);
    const { sid, ...others } = (data ?? {}) as { sid?: unknown };
    must(typeof sid === "string" && Object.keys(others).length === 0, expected, got);
    must(/^[\w-]{16,}$/.test(sid), 'a sid of 16 or more letters, digits, "-" and "_"', got);
    must(sid !== this.carrier.sid, "another sid than the engine's", got);
    await this.expectEvent(namespace, "auth", auth);
    return sid;
  }

  /** Sends an event and has its arguments back: so the socket lives, and nothing else has come. */
  async echo(namespace = "/", ...args: readonly unknown[]): Promise<void> {
    await this.emit(namespace, "message", ...args);
    await this.expectEvent(namespace, "message-back", ...args);
  }

  /** Sends an event and waits for its acknowledgement. Gives what it holds. */
  async request(namespace: string, ...args: readonly unknown[]): Promise<unknown[]> {
    const id = this.#nextId++;
    await this.send(...event(namespace, args, id));
    const expected = `acknowledgement ${id}`;
    const packet = await this.next(expected);
    const right = packet.type === "ack" && packet.namespace === namespace && packet.id === id;
    must(right, expected, describePacket(packet));
    return packet.data as unknown[];
  }
}
