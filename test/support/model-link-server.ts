import {
  type Message,
  Outbox,
  parseCount,
  parseLinkMove,
  readPayload,
  encodePayloadPacket,
} from "../../src/packets/index.ts";
import { base64 } from "../../src/client/base64.ts";
import { type FakePlatform, type FakeWebSocket, openPacket } from "./fake-platform.ts";
import type { FakeRequest } from "./fake-request.ts";

/** What becomes of a request or of a WebSocket on its way. */
export interface Fates {
  /** It does not arrive. */
  isLost(): boolean;
  /** It arrives, but its answer does not. */
  isAnswerLost(): boolean;
}

type Way =
  | { readonly kind: "websocket"; readonly socket: FakeWebSocket }
  | { readonly kind: "polling"; held: FakeRequest | undefined }
  | { readonly kind: "sse"; readonly request: FakeRequest };

/** The server's side of docs/protocol/link.md in the simplest way: one session, everything in memory, over a fake network. */
export class ModelLinkServer {
  readonly received: Message[] = [];
  /** Requests that no client may make. */
  readonly breaches: string[] = [];
  readonly #platform: FakePlatform;
  readonly #fates: Fates;
  readonly #outbox = new Outbox();
  readonly #sockets = new Set<FakeWebSocket>();
  #seenRequests = 0;
  #seenSockets = 0;
  #move = 0;
  #way: Way | undefined;
  /** Packets that are no messages and wait for a GET. */
  #control: string[] = [];
  #messagesToPoll: Message[] = [];

  constructor(platform: FakePlatform, fates: Fates) {
    this.#platform = platform;
    this.#fates = fates;
  }

  /** On what the session is. */
  get kind(): string | undefined {
    return this.#way?.kind;
  }

  /** The messages that the client is not known to have. */
  get unacknowledged(): number {
    return this.#outbox.messages.length;
  }

  send(message: Message): void {
    this.#outbox.push(message);
    this.#transmit(message);
  }

  ping(): void {
    this.#sendPacket(`2${this.received.length}`);
  }

  /** Cuts whatever the session is on. */
  cut(): void {
    if (this.#way?.kind === "websocket") this.#way.socket.lose(new Error("cut"));
    if (this.#way?.kind === "sse") this.#way.request.fail();
    if (this.#way?.kind === "polling") this.#way.held?.fail();
  }

  /** Takes in what has come. */
  work(): void {
    for (const socket of this.#platform.webSockets.slice(this.#seenSockets)) {
      this.#seenSockets += 1;
      if (this.#fates.isLost()) socket.lose(new Error("refused"));
      else this.#acceptSocket(socket);
    }
    for (const request of this.#platform.requests.slice(this.#seenRequests)) {
      this.#seenRequests += 1;
      if (!request.isPending) continue;
      if (this.#fates.isLost()) request.fail();
      else if (request.method === "POST") this.#receivePost(request);
      else this.#receiveGet(request);
    }
    for (const socket of this.#sockets) {
      for (const message of socket.take()) if (!socket.isClosed) this.#receiveOn(socket, message);
    }
  }

  #acceptSocket(socket: FakeWebSocket): void {
    this.#sockets.add(socket);
    socket.accept();
    if (new URL(socket.url).searchParams.has("sid")) return;
    this.#way = { kind: "websocket", socket };
    socket.say(openPacket({ link: 1, pingInterval: 25_000, pingTimeout: 20_000, maxPayload: 120 }));
  }

  #receiveOn(socket: FakeWebSocket, message: Message): void {
    if (message === "2probe") return socket.say("3probe");
    if (typeof message === "string" && message.startsWith("5")) {
      const { move, ack } = parseLinkMove(message.slice(1));
      if (move <= this.#move) return socket.lose();
      this.#enter(move, { kind: "websocket", socket }, ack);
      return;
    }
    if (this.#way?.kind !== "websocket" || this.#way.socket !== socket) return;
    if (typeof message === "string") this.#receivePacket(message);
    else this.received.push(message);
  }

  #receiveGet(request: FakeRequest): void {
    const { move, ack, transport } = request.query;
    const isStream = transport === "sse";
    if (isStream) request.stream();
    const way: Way = isStream ? { kind: "sse", request } : { kind: "polling", held: request };
    if (request.query.sid === undefined) {
      this.#way = way;
      this.#sendPacket(openPacket({ link: 1, pingInterval: 25_000, pingTimeout: 20_000, maxPayload: 120 }));
      return;
    }
    const number = parseCount(move!);
    if (number < this.#move) return request.answer('{"code":3}', 400);
    if (number > this.#move) return this.#enter(number, way, parseCount(ack!));
    this.#outbox.acknowledge(parseCount(ack!));
    if (this.#way?.kind === "polling") this.#way.held?.answer("6");
    this.#way = way;
    this.#messagesToPoll = [...this.#outbox.messages];
    this.#answerHeld();
  }

  #receivePost(request: FakeRequest): void {
    const { move, seq } = request.query;
    const number = parseCount(move!);
    if (number < this.#move) return request.answer('{"code":3}', 400);
    if (number > this.#move) {
      const kind = request.query.transport;
      // A stream that was announced by its POST comes with the GET.
      if (kind === "sse") return request.answer('{"code":3}', 400);
      this.#enter(number, { kind: "polling", held: undefined }, 0);
    }
    let next = parseCount(seq!);
    if (next > this.received.length + 1) this.breaches.push(`a gap: ${seq} after ${this.received.length}`);
    const take = (message: Message): void => {
      if (next++ === this.received.length + 1) this.received.push(message);
    };
    if (request.body!.length > 120 && request.body!.includes("\x1e")) this.breaches.push("a large body");
    readPayload(request.body!, base64, {
      receivePacket: (packet) => {
        if (packet.startsWith("4")) take(packet.slice(1));
        else this.#receivePacket(packet);
      },
      receiveBinary: take,
    });
    if (this.#fates.isAnswerLost()) request.fail();
    else request.answer("ok");
  }

  #receivePacket(packet: string): void {
    if (packet.startsWith("4")) this.received.push(packet.slice(1));
    else if (/^[36]\d+$/.test(packet)) this.#outbox.acknowledge(parseCount(packet.slice(1)));
    else this.breaches.push(packet);
  }

  #enter(move: number, way: Way, ack: number): void {
    const old = this.#way;
    this.#move = move;
    this.#way = way;
    if (old?.kind === "websocket") old.socket.lose();
    if (old?.kind === "polling") old.held?.answer("6");
    if (old?.kind === "sse") old.request.end();
    this.#control = [];
    this.#outbox.acknowledge(ack);
    this.#messagesToPoll = [];
    this.#sendPacket(`6${this.received.length}`);
    for (const message of this.#outbox.messages) this.#transmit(message);
  }

  #transmit(message: Message): void {
    const way = this.#way;
    if (way?.kind === "websocket") way.socket.say(typeof message === "string" ? `4${message}` : message);
    else if (way?.kind === "sse")
      this.#sayEvent(way.request, typeof message === "string" ? `4${message}` : message);
    else {
      this.#messagesToPoll.push(message);
      this.#answerHeld();
    }
  }

  #sendPacket(packet: string): void {
    const way = this.#way;
    if (way?.kind === "websocket") way.socket.say(packet);
    else if (way?.kind === "sse") this.#sayEvent(way.request, packet);
    else {
      this.#control.push(packet);
      this.#answerHeld();
    }
  }

  #sayEvent(request: FakeRequest, packet: Message): void {
    request.say(`data: ${encodePayloadPacket(packet, base64)}\n\n`);
  }

  #answerHeld(): void {
    if (this.#way?.kind !== "polling" || this.#way.held?.isPending !== true) return;
    const packets = [
      ...this.#control,
      ...this.#messagesToPoll.map((message) => (typeof message === "string" ? `4${message}` : message)),
    ];
    if (packets.length === 0) return;
    const { held } = this.#way;
    this.#way.held = undefined;
    this.#control = [];
    this.#messagesToPoll = [];
    if (this.#fates.isAnswerLost()) held.fail();
    else held.answer(packets.map((packet) => encodePayloadPacket(packet, base64)).join("\x1e"));
  }
}
