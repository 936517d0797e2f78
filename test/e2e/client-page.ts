/** The script of the pages in which the client is tested: what a test can ask for with `page.evaluate`. */
import { type ClientOptions, io, type Socket } from "switchboard/client";

/** What a page received, in order, and what became of its line. */
export class PageClient {
  readonly socket: Socket;
  readonly received: number[] = [];
  /** `interrupted`, `resumed`, `disconnect: …`, `connect`, and the transports that it moved to. */
  readonly events: string[] = [];

  constructor(url: string, options: ClientOptions) {
    const socket = io(url, options);
    this.socket = socket;
    socket.on("connect", () => this.events.push("connect"));
    socket.on("disconnect", (reason) => this.events.push(`disconnect: ${reason}`));
    socket.io.on("interrupted", () => this.events.push("interrupted"));
    socket.io.on("resumed", () => this.events.push("resumed"));
    socket.io.engine.on("transport", ({ name }) => this.events.push(String(name)));
    socket.on("down", (value: number) => this.received.push(value));
    socket.on("question", (value: unknown, done: (value: unknown) => void) => done(value));
  }

  /** Resolves with the id of the socket when it is connected; rejects with what went wrong first. */
  connected(): Promise<string> {
    return new Promise((resolve, reject) => {
      if (this.socket.connected) resolve(this.socket.id!);
      this.socket.once("connect", () => resolve(this.socket.id!));
      this.socket.once("connect_error", reject);
    });
  }

  /** Sends a text and bytes of each length to the server, which gives them back; returns those that came back changed. */
  async echo(lengths: readonly number[]): Promise<string[]> {
    const changed: string[] = [];
    for (const length of lengths) {
      const text = "é€x".repeat(Math.ceil(length / 3)).slice(0, length);
      const bytes = Uint8Array.from({ length }, (_, index) => (index * 7 + (index >> 8)) & 0xff);
      const [sameText, answer] = (await this.socket.emitWithAck("echo", text, bytes)) as [string, Uint8Array];
      if (sameText !== text) changed.push(`text ${length}`);
      const isSame = answer.length === length && bytes.every((byte, index) => byte === answer[index]);
      if (!isSame) changed.push(`binary ${length}`);
    }
    return changed;
  }

  /** Whether bytes come back from the server as they were sent. */
  async echoBytes(length: number): Promise<boolean> {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    const sent = Uint8Array.from({ length }, (_, index) => bytes[index % 16]!);
    const [, answer] = (await this.socket.emitWithAck("echo", "", sent)) as [string, Uint8Array];
    return answer.length === length && sent.every((byte, index) => byte === answer[index]);
  }

  /** Sends the numbers below `count`, five at a time. */
  async count(count: number, pauseMs: number): Promise<void> {
    for (let value = 0; value < count; value += 1) {
      this.socket.emit("up", value);
      if (value % 5 === 4) await new Promise((resolve) => void setTimeout(resolve, pauseMs));
    }
  }

  /** The numbers that came, when there are so many of them. */
  async receivedAll(count: number): Promise<number[]> {
    while (this.received.length < count) {
      await new Promise((resolve) => this.socket.once("down", resolve));
    }
    return this.received;
  }
}

/** The clients of the page, in the order in which they were made. */
const clients: PageClient[] = [];

declare global {
  // `var`: that is how a global is declared.
  var clients: PageClient[];
  var PageClient: new (url: string, options: ClientOptions) => PageClient;
}

Object.assign(globalThis, { clients, PageClient });
