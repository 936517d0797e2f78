import { setTimeout } from "node:timers/promises";
import { must, Unexpected } from "../lib/verdict.ts";
import { describe } from "../lib/wire/describe.ts";
import { acceptValue, type Answer, field, USUAL_KEY } from "../lib/wire/http.ts";
import { type Address, ByteStream } from "../lib/wire/stream.ts";
import { Disturbed } from "./disturbed.ts";
import { EngineSocket } from "./engine-socket.ts";
import { PollingSession } from "./polling-session.ts";
import type { Settings } from "./settings.ts";
import { Waits } from "./waits.ts";
import { describeAnswer, ERRORS, Exchange, expectErrorText, expectPayload } from "./wire/exchange.ts";
import { type Handshake, parseHandshake } from "./wire/handshake.ts";
import { encodeRequest, type Query, type RequestOptions, requestTarget } from "./wire/request.ts";

/** A WebSocket that is a session of its own. */
export interface SocketSession {
  socket: EngineSocket;
  handshake: Handshake;
  /** When the handshake was asked for. */
  askedAt: number;
  /** When it came. */
  openedAt: number;
}

/** What comes of asking for a WebSocket: the answer, and the WebSocket if it is 101. */
export interface Admission {
  answer: Answer;
  socket: EngineSocket | undefined;
}

/** What belongs at once is there within this time, in milliseconds, and is looked for at least this often. */
const PROMPT = { ms: 100, looks: 10, pauseMs: 10 };

/** One case before the server: every connection that it opens, and what it waits for. */
export class Visit {
  readonly address: Address;
  readonly settings: Settings;
  /** Multiplies what may be late. */
  readonly timeScale: number;
  readonly waits: Waits = new Waits();
  readonly #streams: ByteStream[] = [];
  readonly #pingedFrom: number[] = [];
  #over = false;

  constructor(address: Address, settings: Settings, timeScale: number) {
    this.address = address;
    this.settings = settings;
    this.timeScale = timeScale;
  }

  // HTTP.

  async dial(): Promise<ByteStream> {
    const stream = await this.waits.on("a TCP connection", ByteStream.dial(this.address));
    this.#streams.push(stream);
    if (this.#over) stream.destroy();
    return stream;
  }

  /** Sends a request on a connection of its own. Resolves when it is written. */
  async request(options: RequestOptions = {}): Promise<Exchange> {
    return this.requestOn(await this.dial(), options);
  }

  /** As `request`, on a connection that is open already. */
  async requestOn(stream: ByteStream, options: RequestOptions = {}): Promise<Exchange> {
    const name = `${options.method ?? "GET"} ${requestTarget(this.address.target, options)}`;
    const exchange = new Exchange(stream, this.waits, name);
    // A server may answer and end before it has read everything, so the write is not waited for without the answer.
    const written = stream.write(encodeRequest(this.address.target, this.#host, options));
    await Promise.race([written, exchange.end()]);
    return exchange;
  }

  /** Sends a request and gives its complete answer. */
  async ask(options: RequestOptions = {}): Promise<Answer> {
    return (await this.request(options)).answer();
  }

  /** Resolves when the server has read what was written before: it has answered a request that came after. */
  async barrier(): Promise<void> {
    await this.ask({ query: { transport: "barrier" } });
  }

  // Sessions.

  /** A new session on polling. */
  async openPolling(options: RequestOptions = {}): Promise<PollingSession> {
    const askedAt = performance.now();
    const [open = "", ...more] = expectPayload(await this.ask(options));
    const session = new PollingSession(this, parseHandshake(open), askedAt, more);
    this.#pingedFrom.push(askedAt + session.handshake.pingInterval);
    return session;
  }

  /** A new session on WebSocket. */
  async openSocket(options: RequestOptions = {}): Promise<SocketSession> {
    const askedAt = performance.now();
    const socket = await this.enter(options);
    const arrival = await socket.next("an open packet");
    must(arrival.type === "text", "an open packet", arrival.type);
    const handshake = parseHandshake(arrival.data.toString());
    this.#pingedFrom.push(askedAt + handshake.pingInterval);
    return { socket, handshake, askedAt, openedAt: arrival.at };
  }

  /** A session that came to WebSocket by an upgrade. */
  async openUpgraded(): Promise<SocketSession> {
    const session = await this.openPolling();
    const socket = await this.probe(session);
    await socket.send("5");
    await socket.echo("moved");
    const { handshake, countsFrom } = session;
    return { socket, handshake, askedAt: countsFrom, openedAt: countsFrom };
  }

  /** A session on polling with a second transport that was probed. */
  async openProbed(): Promise<{ session: PollingSession; socket: EngineSocket }> {
    const session = await this.openPolling();
    return { session, socket: await this.probe(session) };
  }

  // WebSocket.

  /** Asks for a WebSocket, whatever the answer. */
  async knock({ query, fields, ...options }: RequestOptions = {}): Promise<Admission> {
    const exchange = await this.request({
      ...options,
      query: { transport: "websocket", ...query },
      fields: {
        Upgrade: "websocket",
        Connection: "Upgrade",
        "Sec-WebSocket-Key": USUAL_KEY,
        "Sec-WebSocket-Version": "13",
        ...fields,
      },
    });
    const answer = await exchange.answer();
    if (answer.status !== 101) return { answer, socket: undefined };
    const accept = field(answer, "sec-websocket-accept");
    must(accept === acceptValue(USUAL_KEY), `the accept value of the key ${USUAL_KEY}`, String(accept));
    return { answer, socket: new EngineSocket(exchange.stream, this.waits) };
  }

  /** Asks for a WebSocket, which must open. */
  async enter(options: RequestOptions = {}): Promise<EngineSocket> {
    const { answer, socket } = await this.knock(options);
    must(socket !== undefined, "HTTP 101", describeAnswer(answer));
    return socket;
  }

  /** Opens a second transport for a session. */
  enterFor({ sid }: { sid: string }): Promise<EngineSocket> {
    return this.enter({ query: { sid } });
  }

  /** Opens a second transport for a session and has it probed. */
  async probe(session: { sid: string }): Promise<EngineSocket> {
    const socket = await this.enterFor(session);
    await socket.send("2probe");
    await socket.expectPacket("3probe");
    return socket;
  }

  /** As `probe`, after another second transport was closed: the server may take a moment to see its end. */
  async probeAgain(session: { sid: string }): Promise<EngineSocket> {
    const started = performance.now();
    for (let looks = 1; ; looks++) {
      const socket = await this.enterFor(session);
      await socket.send("2probe");
      const arrival = await socket.next(`the packet "3probe"`);
      if (arrival.type === "text" && arrival.data.toString() === "3probe") return socket;
      if (this.#isLate(looks, started)) throw new Unexpected(`the packet "3probe"`, describe(arrival));
      await setTimeout(PROMPT.pauseMs);
    }
  }

  /** A WebSocket that the server must not let in: it is refused with 400, or closed without a word. */
  async expectNoEntry(query: Query, firstWords: readonly string[] = []): Promise<void> {
    const { answer, socket } = await this.knock({ query });
    if (socket) {
      await socket.send(...firstWords);
      await socket.expectClosed();
    } else {
      must(answer.status === 400, "HTTP 400, or a WebSocket that is closed", describeAnswer(answer));
    }
  }

  /** The sid is unknown on every way in. `livesUntil` says when the heartbeat would have ended the session anyway. */
  async expectGone(sid: string, livesUntil: () => number): Promise<void> {
    const started = performance.now();
    for (let looks = 1; ; looks++) {
      const answer = await this.ask({ method: "POST", query: { sid }, body: "4are you there?" });
      const now = performance.now();
      if (now > livesUntil()) throw new Disturbed("the heartbeat may have ended the session");
      if (answer.status === 400 && answer.body.includes(ERRORS[1])) break;
      if (this.#isLate(looks, started))
        throw new Unexpected(`HTTP 400 "${ERRORS[1]}", as the session is over`, describeAnswer(answer));
      await setTimeout(PROMPT.pauseMs);
    }
    const { answer } = await this.knock({ query: { sid } });
    expectErrorText(answer, 1);
  }

  /** As `expectGone`, of a session on WebSocket. */
  expectSocketGone({ socket, handshake, askedAt }: SocketSession): Promise<void> {
    const { sid, pingInterval, pingTimeout } = handshake;
    return this.expectGone(sid, () => (socket.pongedAt ?? askedAt) + pingInterval + pingTimeout);
  }

  // For the runner.

  /** Whether a session here is old enough to be pinged: a failure may then come of a late pong on a busy machine. */
  get mayBePinged(): boolean {
    return this.#pingedFrom.some((at) => performance.now() > at);
  }

  /** The time of the case is over: says what it waits for. */
  giveUp(afterMs: number): Unexpected {
    return new Unexpected(this.waits.current ?? "the end of the case", `nothing in ${afterMs} ms`);
  }

  destroy(): void {
    this.#over = true;
    for (const stream of this.#streams) stream.destroy();
  }

  #isLate(looks: number, started: number): boolean {
    return looks >= PROMPT.looks && performance.now() - started > PROMPT.ms * this.timeScale;
  }

  get #host(): string {
    return `${this.address.host}:${this.address.port}`;
  }
}
