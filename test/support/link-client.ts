import assert from "node:assert/strict";
import { base64 } from "../../src/engine/base64.ts";
import type { TransportSession } from "../../src/engine/session.ts";
import {
  encodePayloadPacket,
  joinPayload,
  type Message,
  readPayloadPacket,
} from "../../src/packets/index.ts";
import { readPayload } from "../../src/packets/index.ts";
import { FakeExchange } from "./fake-exchange.ts";
import { MemoryTransport } from "./memory-transport.ts";
import type { SeededRandom } from "../../src/testing/seeded-random.ts";

/** A request under way. `arrived`: the server has it. */
interface Request {
  readonly exchange: FakeExchange;
  readonly transport: "polling" | "sse";
  /** A body that comes in later than its head. */
  readonly body: string | undefined;
  arrived: boolean;
  bodyArrived: boolean;
}

/** A WebSocket under way, with what is on its way in both directions. */
interface Pipe {
  readonly transport: MemoryTransport;
  readonly up: (string | Uint8Array)[];
  readonly down: (string | Uint8Array)[];
  /** What the client knows: it has sent its probe, has moved, and may send messages. */
  state: "probing" | "moved" | "ready";
  closed: boolean;
}

/**
 * The client's side of a link, as docs/protocol/link.md has it, on a network that loses, delays and repeats.
 * Each step does one random thing; {@link calm} ends the trouble.
 */
export class LinkClient {
  readonly received: Message[] = [];
  readonly sent: Message[] = [];
  calm = false;
  #session: TransportSession;
  #random: SeededRandom;
  #move = 0;
  #acknowledged = 0;
  #mode: "polling" | "sse" | "websocket";
  #get: Request | undefined;
  #post: { readonly request: Request; readonly end: number } | undefined;
  #pipe: Pipe | undefined;
  #probe: Pipe | undefined;
  /** Requests that the client has given up, and that may still arrive. */
  #strays: Request[] = [];
  #oldPipes: Pipe[] = [];
  #streamRest = "";

  constructor(
    session: TransportSession,
    mode: "polling" | "sse",
    random: SeededRandom,
    opening: FakeExchange,
  ) {
    this.#session = session;
    this.#mode = mode;
    this.#random = random;
    this.#get = { exchange: opening, transport: mode, body: undefined, arrived: true, bodyArrived: true };
  }

  /** Sends a message, some time. */
  send(message: Message): void {
    this.sent.push(message);
  }

  /** Whether the server is known to have everything. */
  get isDone(): boolean {
    return this.#acknowledged === this.sent.length;
  }

  /** Does something. */
  step(): void {
    const random = this.#random;
    const chance = (share: number): boolean => !this.calm && random.fraction() < share;
    this.#deliverStray();
    if (chance(0.02)) this.#changeMode();
    if (chance(0.03)) this.#cut();
    if (chance(0.03)) this.#giveUp();
    if (this.#probe !== undefined) this.#stepPipe(this.#probe);
    else if (chance(0.03)) this.#openProbe();
    if (this.#mode === "websocket") {
      if (this.#pipe !== undefined) this.#stepPipe(this.#pipe);
      else if (this.#probe === undefined) this.#openProbe();
      return;
    }
    this.#stepGet();
    this.#stepPost();
  }

  #changeMode(): void {
    const to = this.#random.pick(["polling", "sse"] as const);
    this.#leave();
    this.#move += 1;
    this.#mode = to;
  }

  /** Forgets what it has; the server does not hear of it, or hears of it late. */
  #leave(): void {
    this.#dropGet();
    if (this.#post !== undefined) this.#strays.push(this.#post.request);
    this.#post = undefined;
    if (this.#pipe !== undefined) this.#oldPipes.push(this.#pipe);
    this.#pipe = undefined;
  }

  #dropGet(): void {
    if (this.#get !== undefined) this.#strays.push(this.#get);
    this.#get = undefined;
    this.#streamRest = "";
  }

  /** A way is cut: both sides hear of it. */
  #cut(): void {
    if (this.#mode !== "websocket") {
      const which = this.#random.pick(["get", "post"] as const);
      if (which === "get" && this.#get !== undefined) {
        const get = this.#get;
        this.#get = undefined;
        this.#streamRest = "";
        if (get.arrived) get.exchange.abort();
        // Some clients count it as a renewal, some ask again.
        if (this.#random.fraction() < 0.5) this.#move += 1;
      } else if (which === "post" && this.#post !== undefined) {
        const { request } = this.#post;
        this.#post = undefined;
        const isRead = request.arrived && !request.bodyArrived && request.exchange.status === undefined;
        if (isRead) request.exchange.failBody("aborted");
        // The server has it, and makes the client wait for its answer.
        else if (request.bodyArrived && request.exchange.status === undefined) request.exchange.abort();
      }
    } else if (this.#pipe !== undefined) {
      this.#closePipe(this.#pipe);
      this.#pipe = undefined;
    }
  }

  /** A time-out: only the client knows. */
  #giveUp(): void {
    if (this.#mode === "websocket") return;
    if (this.#random.fraction() < 0.5) this.#dropGet();
    else if (this.#post !== undefined) {
      this.#strays.push(this.#post.request);
      this.#post = undefined;
    }
  }

  #deliverStray(): void {
    if (this.#strays.length > 0 && this.#random.fraction() < 0.2) {
      const [stray] = this.#strays.splice(this.#random.integer(0, this.#strays.length - 1), 1);
      if (stray!.arrived && stray!.bodyArrived) stray!.exchange.abort();
      else {
        this.#arrive(stray!);
        if (!stray!.bodyArrived || this.#random.fraction() < 0.5) this.#strays.push(stray!);
      }
    }
    const old = this.#oldPipes.at(0);
    if (old !== undefined && this.#random.fraction() < 0.2) {
      const packet = old.up.shift();
      if (packet !== undefined && !old.closed) this.#pass(old, packet);
      else {
        this.#closePipe(old);
        this.#oldPipes.shift();
      }
    }
  }

  #arrive(request: Request): void {
    if (!request.arrived) {
      request.arrived = true;
      this.#session.receiveExchange(request.exchange, request.transport);
    } else if (!request.bodyArrived) {
      request.bodyArrived = true;
      // A request that was refused is not read.
      if (request.exchange.status === undefined) request.exchange.completeBody(request.body!);
    }
  }

  #stepGet(): void {
    const get = this.#get;
    if (get === undefined) {
      const query: Record<string, string | number> = {
        sid: "s",
        move: this.#move,
        ack: this.received.length,
      };
      if (this.#mode === "polling" && this.#random.fraction() < 0.3) query.hold = this.#random.integer(0, 50);
      const exchange = FakeExchange.get(query);
      this.#get = {
        exchange,
        transport: this.#mode as "sse",
        body: undefined,
        arrived: false,
        bodyArrived: true,
      };
      return;
    }
    if (!get.arrived) {
      if (this.#random.fraction() < 0.6) this.#arrive(get);
      return;
    }
    const { exchange } = get;
    if (exchange.status === undefined || this.#random.fraction() < 0.3) return;
    assert.equal(exchange.status, 200, exchange.text);
    if (exchange.isStream) {
      this.#readStream(exchange);
      if (!exchange.isEnded) return;
      this.#get = undefined;
      this.#streamRest = "";
    } else {
      this.#get = undefined;
      if (!this.calm && this.#random.fraction() < 0.1) return;
      readPayload(exchange.text, base64, this.#sink);
    }
  }

  #stepPost(): void {
    const post = this.#post;
    if (post === undefined) {
      if (this.isDone) return;
      const begin = this.#acknowledged;
      const end = Math.min(this.sent.length, begin + this.#random.integer(1, 20));
      const packets = this.sent
        .slice(begin, end)
        .map((message) => encodePayloadPacket(typeof message === "string" ? `4${message}` : message, base64));
      if (this.#random.fraction() < 0.3) packets.unshift(`3${this.received.length}`);
      if (this.#random.fraction() < 0.3) packets.push(`6${this.received.length}`);
      const query = { sid: "s", move: this.#move, seq: begin + 1 };
      const request: Request = {
        exchange: FakeExchange.post(undefined, query),
        transport: this.#mode as "sse",
        body: joinPayload(packets),
        arrived: false,
        bodyArrived: false,
      };
      this.#post = { request, end };
      return;
    }
    const { exchange } = post.request;
    if (exchange.status === undefined) {
      if (this.#random.fraction() < 0.6) this.#arrive(post.request);
      return;
    }
    this.#post = undefined;
    if (!this.calm && this.#random.fraction() < 0.1) return;
    // 400: an abandoned one is still running.
    if (exchange.status === 200) this.#acknowledged = Math.max(this.#acknowledged, post.end);
    else assert.equal(exchange.status, 400);
  }

  #readStream(exchange: FakeExchange): void {
    this.#streamRest += exchange.take();
    for (;;) {
      const end = this.#streamRest.indexOf("\n\n");
      if (end < 0) return;
      const lines = this.#streamRest.slice(0, end).split("\n");
      this.#streamRest = this.#streamRest.slice(end + 2);
      if (lines[0] === ":") continue;
      const data = lines.find((line) => line.startsWith("data:"))!.slice("data:".length);
      const id = lines.find((line) => line.startsWith("id:"))?.slice("id:".length);
      const packet: string = data.startsWith('"') ? JSON.parse(data) : data;
      const isMessage = packet.startsWith("4") || packet.startsWith("b");
      assert.equal(id, isMessage ? String(this.received.length + 1) : undefined);
      readPayloadPacket(packet, base64, this.#sink);
    }
  }

  #openProbe(): void {
    const transport = new MemoryTransport();
    this.#probe = { transport, up: ["2probe"], down: [], state: "probing", closed: false };
    this.#session.receiveWebSocket(transport);
  }

  #stepPipe(pipe: Pipe): void {
    const { transport, up, down } = pipe;
    down.push(...transport.take());
    if (pipe.closed || transport.ending !== undefined) {
      if (this.#probe === pipe) this.#probe = undefined;
      if (this.#pipe === pipe) this.#pipe = undefined;
      this.#closePipe(pipe);
      return;
    }
    if (up.length > 0 && this.#random.fraction() < 0.7) this.#pass(pipe, up.shift()!);
    const packet = this.#random.fraction() < 0.7 ? down.shift() : undefined;
    if (packet === undefined) return;
    if (pipe.state === "probing") {
      assert.equal(packet, "3probe");
      this.#leave();
      this.#probe = undefined;
      this.#pipe = pipe;
      this.#mode = "websocket";
      this.#move += 1;
      pipe.state = "moved";
      up.push(`5${this.#move},${this.received.length}`);
    } else if (pipe.state === "moved") {
      assert.match(String(packet), /^6\d+$/);
      this.#acknowledged = Number(String(packet).slice(1));
      pipe.state = "ready";
      for (const message of this.sent.slice(this.#acknowledged)) this.#sendOn(pipe, message);
      this.#sentOnPipe = this.sent.length;
    } else if (typeof packet === "string") this.#sink.receivePacket(packet);
    else this.#sink.receiveBinary(packet);
    if (pipe.state === "ready") {
      for (const message of this.sent.slice(this.#sentOnPipe)) this.#sendOn(pipe, message);
      this.#sentOnPipe = this.sent.length;
    }
  }

  #sentOnPipe = 0;

  #sendOn(pipe: Pipe, message: Message): void {
    pipe.up.push(typeof message === "string" ? `4${message}` : message);
  }

  #pass({ transport }: Pipe, packet: string | Uint8Array): void {
    if (typeof packet === "string") transport.receive(packet);
    else transport.receiveBinary(packet);
  }

  #closePipe(pipe: Pipe): void {
    if (pipe.closed) return;
    pipe.closed = true;
    pipe.transport.end(this.#random.fraction() < 0.5);
  }

  readonly #sink = {
    receivePacket: (packet: string): void => {
      if (packet.startsWith("4")) this.#take(packet.slice(1));
      else if (packet.startsWith("2")) {
        this.#acknowledge(packet);
        if (this.#pipe?.state === "ready") this.#pipe.up.push(`3${this.received.length}`);
      } else if (packet.startsWith("6")) this.#acknowledge(packet);
      else assert.match(packet, /^0\{/);
    },
    receiveBinary: (data: Uint8Array): void => this.#take(data),
  };

  #take(message: Message): void {
    this.received.push(message);
    if (this.#pipe?.state === "ready" && this.received.length % 5 === 0) {
      this.#pipe.up.push(`6${this.received.length}`);
    }
  }

  #acknowledge(packet: string): void {
    if (packet.length > 1) this.#acknowledged = Math.max(this.#acknowledged, Number(packet.slice(1)));
  }
}
