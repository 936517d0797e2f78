import { base64 } from "../../src/client/base64.ts";
import type { FetchInit, FetchResponse } from "../../src/client/fetch.ts";
import type {
  RequestPlatform,
  PlatformWebSocket,
  WebSocketEnd,
  WebSocketSink,
  WebSocketWishes,
  WorldEvent,
} from "../../src/client/platform.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { FakeRequest } from "./fake-request.ts";
import { SeededRandom } from "../../src/testing/seeded-random.ts";

/** The open packet of a server: of 300 and 200 ms, unless told otherwise. */
export function openPacket(more: object = {}): string {
  const usual = { sid: "s", upgrades: ["websocket"], pingInterval: 300, pingTimeout: 200, maxPayload: 1e6 };
  return `0${JSON.stringify({ ...usual, ...more })}`;
}

/** A WebSocket to nowhere: what the client sends is kept, what the server says is said by the test. */
export class FakeWebSocket implements PlatformWebSocket {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly #sink: WebSocketSink;
  bufferedAmount = 0;
  #sent: (string | Uint8Array)[] = [];
  isClosed = false;
  isOpen = false;
  protocol = "";
  extensions = "";
  readonly wishes: WebSocketWishes;
  /** What {@link close} was called with. */
  closedWith: [code: number | undefined, reason: string | undefined] | undefined;

  constructor(
    url: string,
    headers: Readonly<Record<string, string>>,
    sink: WebSocketSink,
    wishes: WebSocketWishes = {},
  ) {
    this.url = url;
    this.headers = headers;
    this.#sink = sink;
    this.wishes = wishes;
  }

  send(data: string | Uint8Array): void {
    this.#sent.push(data);
  }

  close(code?: number, reason?: string): void {
    this.isClosed = true;
    this.isOpen = false;
    this.closedWith = [code, reason];
  }

  destroy(): void {
    this.isClosed = true;
    this.isOpen = false;
  }

  /** What was sent since the last call. */
  take(): (string | Uint8Array)[] {
    return this.#sent.splice(0);
  }

  /** The server says something. */
  say(...messages: readonly (string | Uint8Array)[]): void {
    for (const message of messages) {
      if (typeof message === "string") this.#sink.receiveText(message);
      else this.#sink.receiveBinary(message);
    }
  }

  /** The upgrade request is answered. */
  accept(): void {
    this.isOpen = true;
    this.#sink.onOpen();
  }

  /** The handshake is done: the server's open packet. */
  open(pingInterval = 300, pingTimeout = 200): void {
    this.accept();
    this.say(openPacket({ upgrades: [], pingInterval, pingTimeout }));
  }

  /** The same for a session that is a link. */
  openLink(more: object = {}): void {
    this.accept();
    this.say(openPacket({ upgrades: [], link: 1, ...more }));
  }

  /** The handshake is done, and the main namespace joined. */
  join(sid = "id"): void {
    this.open();
    this.say(`40{"sid":"${sid}"}`);
    this.take();
  }

  /** The connection is gone: with an error it broke, without it was closed. */
  lose(error?: Error, end: WebSocketEnd = { code: 1006, reason: "", wasClean: false }): void {
    this.isClosed = true;
    this.isOpen = false;
    this.#sink.onClose(error, end);
  }
}

/** A world with a clock that is moved by hand, randomness that repeats, and no network. */
export class FakePlatform implements RequestPlatform {
  readonly pageUrl: string | undefined;
  readonly clock = new FakeClock();
  readonly random: SeededRandom;
  /** Every WebSocket that was opened. */
  readonly webSockets: FakeWebSocket[] = [];
  /** Thrown instead of opening one. */
  refusal: Error | undefined;
  readonly base64 = base64;
  /** Every request that was made. */
  readonly requests: FakeRequest[] = [];
  readonly memory = new Map<string, string>();
  /** Whether the client wants to be told that the page may be left. */
  watchesLeave = false;
  readonly #listeners = new Set<(event: WorldEvent) => void>();
  #sleptMs = 0;

  constructor(pageUrl?: string, seed = 1) {
    this.random = new SeededRandom(seed);
    this.pageUrl = pageUrl;
  }

  openWebSocket(
    url: string,
    headers: Readonly<Record<string, string>>,
    sink: WebSocketSink,
    wishes?: WebSocketWishes,
  ): FakeWebSocket {
    if (this.refusal !== undefined) throw this.refusal;
    const socket = new FakeWebSocket(url, headers, sink, wishes);
    this.webSockets.push(socket);
    return socket;
  }

  readonly fetch = (url: string, init: FetchInit): Promise<FetchResponse> => {
    const request = new FakeRequest(url, init);
    this.requests.push(request);
    return request.response;
  };

  wallNow(): number {
    return this.clock.now() + this.#sleptMs;
  }

  watch(listener: (event: WorldEvent) => void, withLeave = false): () => void {
    this.watchesLeave = withLeave;
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** How many listen to the world. */
  get watching(): number {
    return this.#listeners.size;
  }

  /** Something happens in the world. */
  tell(event: WorldEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  /** The machine sleeps: the time of day goes on, timers don't. */
  sleep(ms: number): void {
    this.#sleptMs += ms;
  }

  remember(key: string, value: string | undefined): void {
    if (value === undefined) this.memory.delete(key);
    else this.memory.set(key, value);
  }

  recall(key: string): string | undefined {
    return this.memory.get(key);
  }

  /** The requests under way, of one method if it is named. */
  pending(method?: "GET" | "POST"): FakeRequest[] {
    return this.requests.filter(
      ({ isPending, method: actual }) => isPending && (method ?? actual) === actual,
    );
  }

  /** The only request of a method that is under way. */
  request(method: "GET" | "POST"): FakeRequest {
    const found = this.pending(method);
    if (found.length !== 1) throw new Error(`There are ${found.length} requests under way by ${method}.`);
    return found[0]!;
  }

  /** The newest WebSocket. */
  get webSocket(): FakeWebSocket {
    return this.webSockets.at(-1)!;
  }
}
