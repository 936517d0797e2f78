import type { Platform, PlatformWebSocket, WebSocketSink } from "../../src/client/platform.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { SeededRandom } from "./seeded-random.ts";

/** A WebSocket to nowhere: what the client sends is kept, what the server says is said by the test. */
export class FakeWebSocket implements PlatformWebSocket {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly #sink: WebSocketSink;
  bufferedAmount = 0;
  #sent: (string | Uint8Array)[] = [];
  isClosed = false;

  constructor(url: string, headers: Readonly<Record<string, string>>, sink: WebSocketSink) {
    this.url = url;
    this.headers = headers;
    this.#sink = sink;
  }

  send(data: string | Uint8Array): void {
    this.#sent.push(data);
  }

  close(): void {
    this.isClosed = true;
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

  /** The handshake is done: the server's open packet. */
  open(pingInterval = 300, pingTimeout = 200): void {
    this.#sink.onOpen();
    this.say(`0${JSON.stringify({ sid: "s", upgrades: [], pingInterval, pingTimeout, maxPayload: 1e6 })}`);
  }

  /** The handshake is done, and the main namespace joined. */
  join(sid = "id"): void {
    this.open();
    this.say(`40{"sid":"${sid}"}`);
    this.take();
  }

  /** The connection is gone: with an error it broke, without it was closed. */
  lose(error?: Error): void {
    this.isClosed = true;
    this.#sink.onClose(error);
  }
}

/** A world with a clock that is moved by hand, randomness that repeats, and no network. */
export class FakePlatform implements Platform {
  readonly pageUrl: string | undefined;
  readonly clock = new FakeClock();
  readonly random = new SeededRandom(1);
  /** Every WebSocket that was opened. */
  readonly webSockets: FakeWebSocket[] = [];
  /** Thrown instead of opening one. */
  refusal: Error | undefined;

  constructor(pageUrl?: string) {
    this.pageUrl = pageUrl;
  }

  openWebSocket(url: string, headers: Readonly<Record<string, string>>, sink: WebSocketSink): FakeWebSocket {
    if (this.refusal !== undefined) throw this.refusal;
    const socket = new FakeWebSocket(url, headers, sink);
    this.webSockets.push(socket);
    return socket;
  }

  /** The newest WebSocket. */
  get webSocket(): FakeWebSocket {
    return this.webSockets.at(-1)!;
  }
}
