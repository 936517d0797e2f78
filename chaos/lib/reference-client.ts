import { WebSocket } from "switchboard/websocket";

/** What a {@link ReferenceClient} tells. */
export interface ReferenceSink {
  onEvent(name: string, args: readonly unknown[]): void;
  onAck(id: number, args: readonly unknown[]): void;
  /** The answer to CONNECT came, or the session ended. */
  onLive(isLive: boolean): void;
  /** Something may be missing. */
  onGap(): void;
}

/** What the server says of a seat; see docs/protocol/delivery.md. */
interface SeatFacts {
  readonly key?: string;
  readonly epoch: string;
  readonly offset: number;
  readonly sequence?: number;
  readonly window?: number;
  readonly recovered?: boolean;
}

interface Kept {
  readonly ackId: number | undefined;
  readonly data: string;
}

/** After a loss it waits about so long before it comes back, in milliseconds; twice as long after each failure, up to the most. */
const BACK_AFTER = { first: 500, most: 2000 };
/** Opening a session may take so long, in milliseconds. */
const OPEN_TIMEOUT_MS = 5000;
/** So many events may be under way if the server does not say. */
const DEFAULT_WINDOW = 256;

/**
 * A client with delivery in one file, written from docs/protocol/delivery.md and knowing nothing of ours but the WebSocket: text only, one namespace, one transport.
 * It shows that the page is enough for others to write theirs.
 */
export class ReferenceClient {
  readonly #url: string;
  readonly #auth: object;
  readonly #sink: ReferenceSink;
  #socket: WebSocket | undefined;
  /** Connections that it has left without a word. */
  readonly #left = new Set<WebSocket>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #aliveForMs = OPEN_TIMEOUT_MS;
  #isClosed = false;
  #failures = 0;
  /** Whether CONNECT was answered in this session. */
  #isJoined = false;
  /** What it comes back with; `offset` is the last that it has. */
  #seat: { key: string; epoch: string; offset: number } | undefined;
  #hadSession = false;
  #window = DEFAULT_WINDOW;
  #ackIds = 0;
  /** What is not known to be done. The first has the number `#done + 1`; of them `#underWay` were sent in this session. */
  readonly #outbox: Kept[] = [];
  #done = 0;
  #underWay = 0;

  /** @param url such as `http://127.0.0.1:3000` */
  constructor(url: string, auth: object, sink: ReferenceSink) {
    this.#url = `${url.replace(/^http/, "ws")}/socket.io/?EIO=4&transport=websocket&delivery=1`;
    this.#auth = auth;
    this.#sink = sink;
    this.#open();
  }

  /** Sends an event, now or when there is a connection; each once. Returns the id of the acknowledgement that it asks for. */
  emit(name: string, ...args: readonly unknown[]): number {
    const ackId = this.#ackIds++;
    this.#outbox.push({ ackId, data: JSON.stringify([name, ...args]) });
    this.#flush();
    return ackId;
  }

  /** Opens another session and leaves the one that it has as it is, like a device that has changed its network: nobody tells the server. */
  move(): void {
    if (!this.#isJoined || this.#socket === undefined) return;
    this.#left.add(this.#socket);
    this.#lose(this.#socket);
  }

  close(): void {
    for (const socket of this.#left) socket.terminate();
    this.#isClosed = true;
    clearTimeout(this.#timer);
    if (this.#isJoined) this.#socket?.send("41");
    this.#socket?.close();
  }

  #open(): void {
    const socket = new WebSocket(this.#url, { perMessageDeflate: false });
    this.#socket = socket;
    this.#aliveForMs = OPEN_TIMEOUT_MS;
    this.#heard(socket);
    socket.on("error", () => {});
    socket.on("message", (data) => {
      if (socket !== this.#socket) return;
      this.#heard(socket);
      this.#receive(String(data));
    });
    socket.on("close", () => {
      this.#left.delete(socket);
      this.#lose(socket);
    });
  }

  /** The session is over if nothing is heard for longer than its pings may take. */
  #heard(socket: WebSocket): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      socket.terminate();
      this.#lose(socket);
    }, this.#aliveForMs);
  }

  #lose(socket: WebSocket): void {
    if (socket !== this.#socket) return;
    this.#socket = undefined;
    this.#underWay = 0;
    clearTimeout(this.#timer);
    if (this.#isJoined) this.#sink.onLive(false);
    this.#isJoined = false;
    if (this.#isClosed) return;
    const pauseMs = Math.min(BACK_AFTER.most, BACK_AFTER.first * 2 ** this.#failures) * (0.5 + Math.random());
    this.#failures += 1;
    this.#timer = setTimeout(() => this.#open(), pauseMs);
  }

  /** A message of Engine.IO. */
  #receive(message: string): void {
    const rest = message.slice(1);
    switch (message[0]) {
      case "0": {
        const { pingInterval, pingTimeout } = JSON.parse(rest) as {
          pingInterval: number;
          pingTimeout: number;
        };
        this.#aliveForMs = pingInterval + pingTimeout;
        const auth = this.#seat === undefined ? this.#auth : { ...this.#auth, $seat: this.#seat };
        return this.#socket?.send(`40${JSON.stringify(auth)}`);
      }
      case "2":
        return this.#socket?.send("3");
      case "4":
        return this.#receivePacket(rest);
      default:
    }
  }

  /** A packet of Socket.IO: its type, an offset, an id, and data, of which only the type must be there. */
  #receivePacket(packet: string): void {
    const [, type, offsetText, idText, json] = /^(\d)(?:@(\d+),?)?(\d+)?(.*)$/s.exec(packet) ?? [];
    const offset = offsetText === undefined ? undefined : Number(offsetText);
    const data: unknown = json === undefined || json === "" ? undefined : JSON.parse(json);
    if (type === "0") return this.#join(data as { sid?: string; $seat?: SeatFacts });
    if (type === "1") return this.#socket?.close();
    if (type === "3" && idText === undefined && data === undefined) return this.#finish(offset!);
    if (offset !== undefined && this.#seat !== undefined) {
      if (offset <= this.#seat.offset) return;
      this.#seat.offset = offset;
    }
    const args = data as readonly unknown[];
    if (type === "2") this.#sink.onEvent(String(args[0]), args.slice(1));
    // An error in place of an acknowledgement is an answer, too.
    else if (idText !== undefined) this.#sink.onAck(Number(idText), args);
    else throw new Error(`The server says ${packet}.`);
  }

  #join({ sid, $seat }: { readonly sid?: string; readonly $seat?: SeatFacts }): void {
    if (sid === undefined) {
      // The server can't go on without a gap.
      this.#seat = { ...this.#seat!, epoch: $seat!.epoch, offset: $seat!.offset };
      return this.#sink.onGap();
    }
    this.#isJoined = true;
    this.#failures = 0;
    if ($seat?.key === undefined) this.#seat = undefined;
    else {
      const { key, epoch, offset, sequence, window, recovered } = $seat;
      this.#seat = { key, epoch, offset };
      this.#window = window ?? DEFAULT_WINDOW;
      if (this.#hadSession && recovered !== true) this.#sink.onGap();
      // Nothing is known of what was sent before: it is numbered from 1 again.
      if (sequence === undefined) this.#done = 0;
      else if (this.#hadSession) this.#finish(sequence);
    }
    this.#hadSession = true;
    this.#sink.onLive(true);
    this.#flush();
  }

  /** Everything up to this number is done. */
  #finish(sequence: number): void {
    const count = Math.min(sequence - this.#done, this.#outbox.length);
    if (count <= 0) return;
    this.#outbox.splice(0, count);
    this.#done = sequence;
    this.#underWay = Math.max(0, this.#underWay - count);
    this.#flush();
  }

  #flush(): void {
    if (!this.#isJoined) return;
    if (this.#seat === undefined) {
      // No delivery here: each is sent once, and forgotten.
      for (const { ackId, data } of this.#outbox.splice(0)) this.#socket?.send(`42${ackId ?? ""}${data}`);
      return;
    }
    for (; this.#underWay < Math.min(this.#window, this.#outbox.length); this.#underWay += 1) {
      const { ackId, data } = this.#outbox[this.#underWay]!;
      this.#socket?.send(`42@${this.#done + this.#underWay + 1},${ackId ?? ""}${data}`);
    }
  }
}
