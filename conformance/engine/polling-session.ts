import { must, Unexpected } from "../lib/verdict.ts";
import type { Answer } from "../lib/wire/http.ts";
import { Disturbed } from "./disturbed.ts";
import { type Exchange, expectOk, expectPayload } from "./wire/exchange.ts";
import type { Handshake } from "./wire/handshake.ts";
import { describePacket, messagePacket, payload, TYPE } from "./wire/packets.ts";
import type { RequestOptions } from "./wire/request.ts";

/** What a session needs of the visit that it belongs to. */
interface Visit {
  /** Sends a request on a connection of its own. Resolves when it is written. */
  request(options: RequestOptions): Promise<Exchange>;
  /** Resolves when the server has read what was sent before. */
  barrier(): Promise<void>;
  /** The sid is unknown on every way in. */
  expectGone(sid: string, livesUntil: () => number): Promise<void>;
}

/** The suite's side of a session that began on polling. */
export class PollingSession {
  readonly handshake: Handshake;
  readonly sid: string;
  /** The last moment from which the server may count: when the handshake was asked for, or a pong was sent. */
  countsFrom: number;
  readonly #visit: Visit;
  readonly #arrived: string[] = [];

  constructor(visit: Visit, handshake: Handshake, countsFrom: number, packets: readonly string[] = []) {
    this.#visit = visit;
    this.handshake = handshake;
    this.sid = handshake.sid;
    this.countsFrom = countsFrom;
    this.#take(packets);
  }

  /** When a server that hears no pong may close, at the earliest. */
  get livesUntil(): number {
    return this.countsFrom + this.handshake.pingInterval + this.handshake.pingTimeout;
  }

  // Single requests.

  get(options: RequestOptions = {}): Promise<Exchange> {
    return this.#visit.request({ ...options, query: { sid: this.sid, ...options.query } });
  }

  /** A GET that the server has seen and not answered. */
  async hold(): Promise<Exchange> {
    const exchange = await this.get();
    await this.#visit.barrier();
    if (exchange.over) await this.expectAnswer(exchange, "a GET that is held");
    return exchange;
  }

  startPost(body: string | Uint8Array, options: RequestOptions = {}): Promise<Exchange> {
    return this.#visit.request({
      method: "POST",
      body,
      ...options,
      query: { sid: this.sid, ...options.query },
    });
  }

  async post(body: string | Uint8Array, options: RequestOptions = {}): Promise<Answer> {
    return (await this.startPost(body, options)).answer();
  }

  /** What a held GET brings. Throws `Disturbed` if it is a ping. */
  async expectAnswer(exchange: Exchange, expected: string): Promise<void> {
    const packets = expectPayload(await exchange.answer());
    if (packets.includes(TYPE.ping) && expected !== TYPE.ping)
      throw new Disturbed("a ping took the held GET");
    const got = packets.map(describePacket).join(" and ");
    must(payload(...packets) === expected, describePacket(expected), got);
  }

  // A client's ways.

  /** Posts packets, and expects `ok`. */
  async send(...packets: readonly string[]): Promise<void> {
    expectOk(await this.post(payload(...packets)));
  }

  /** The next packet but for pings, which are answered, and noops. Asks as often as it takes. */
  async next(): Promise<string> {
    for (;;) {
      const packet = this.#arrived.shift();
      if (packet === TYPE.ping) await this.pong();
      else if (packet !== undefined && packet !== TYPE.noop) return packet;
      else if (packet === undefined) this.#take(expectPayload(await (await this.get()).answer()));
    }
  }

  async pong(): Promise<void> {
    const sentAt = performance.now();
    await this.send(TYPE.pong);
    this.countsFrom = sentAt;
  }

  async expectPacket(packet: string): Promise<void> {
    const got = await this.next();
    must(got === packet, `the packet ${describePacket(packet)}`, `the packet ${describePacket(got)}`);
  }

  /** Sends a message and has it back: so the session lives. */
  async echo(data: string | Uint8Array): Promise<void> {
    const packet = messagePacket(data);
    await this.send(packet);
    await this.expectPacket(packet);
  }

  /** The server knows the sid no more, and not because of the heartbeat. */
  expectGone(): Promise<void> {
    return this.#visit.expectGone(this.sid, () => this.livesUntil);
  }

  /** Everything asked for has come. */
  expectQuiet(): void {
    const packet = this.#arrived.find((one) => one !== TYPE.ping && one !== TYPE.noop);
    if (packet !== undefined) throw new Unexpected("nothing more", `the packet ${describePacket(packet)}`);
  }

  #take(packets: readonly string[]): void {
    this.#arrived.push(...packets);
  }
}
