import net from "node:net";
import { setImmediate, setTimeout } from "node:timers/promises";
import tls from "node:tls";

/** Where a server listens, taken from its `ws://` or `wss://` URL. */
export interface Address {
  host: string;
  port: number;
  secure: boolean;
  /** Accept any certificate. */
  insecure: boolean;
  /** Path and query, as the request line has them. */
  target: string;
}

export function parseAddress(url: string, insecure: boolean): Address {
  const { pathname, search } = new URL(url);
  return { ...parsePlace(url, ["ws:", "wss:"]), insecure, target: pathname + search };
}

/** As `parseAddress`, of an `http://` or `https://` URL: its query is left out, and any certificate will do. */
export function parseHttpAddress(url: string): Address {
  return { ...parsePlace(url, ["http:", "https:"]), insecure: true, target: new URL(url).pathname };
}

type Place = Pick<Address, "host" | "port" | "secure">;

function parsePlace(url: string, [plain, safe]: readonly [plain: string, safe: string]): Place {
  const { protocol, hostname, port } = new URL(url);
  if (protocol !== plain && protocol !== safe)
    throw new Error(`"${url}" is not a ${plain}// or ${safe}// URL`);
  const secure = protocol === safe;
  return { host: hostname.replace(/^\[|\]$/g, ""), port: Number(port || (secure ? 443 : 80)), secure };
}

const FEW_PIECES = 20;
const APART_MS = 3;

/** Two, because the first comes before the loop looks for bytes again. */
async function turn(): Promise<void> {
  await setImmediate();
  await setImmediate();
}

/** What a stream hands its bytes to once the HTTP part is over. */
export interface StreamSink {
  receiveBytes(bytes: Buffer): void;
  receiveEnd(how: "ended" | "reset"): void;
}

/**
 * A TCP or TLS connection that can be written in exact pieces, and read first as HTTP and then as frames.
 * Failed writes are silent: what the other side did is told by what it sent and how it ended.
 */
export class ByteStream {
  readonly #socket: net.Socket;
  #unread: Buffer = Buffer.alloc(0);
  #sink: StreamSink | undefined;
  #ended: "ended" | "reset" | undefined;
  #wake: (() => void) | undefined;

  constructor(socket: net.Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on("data", (bytes: Buffer) => {
      if (this.#sink) this.#sink.receiveBytes(bytes);
      else this.#unread = Buffer.concat([this.#unread, bytes]);
      this.#wake?.();
    });
    socket.on("end", () => this.#finish("ended"));
    socket.on("error", () => this.#finish("reset"));
    socket.on("close", () => this.#finish("reset"));
  }

  /** Opens a connection. Rejects if nobody listens there. */
  static dial(address: Address): Promise<ByteStream> {
    return new Promise((resolve, reject) => {
      const { host, port, secure, insecure } = address;
      // Ours is the choice when to end: cases look at what comes after the other side's end.
      const options = { host, port, rejectUnauthorized: !insecure, allowHalfOpen: true };
      const socket = secure ? tls.connect(options) : net.connect(options);
      socket.once("error", reject);
      socket.once(secure ? "secureConnect" : "connect", () => {
        socket.off("error", reject);
        resolve(new ByteStream(socket));
      });
    });
  }

  get ended(): "ended" | "reset" | undefined {
    return this.#ended;
  }

  /** Resolves when the kernel has the bytes, or when they can no longer be sent. */
  write(bytes: Uint8Array | string): Promise<void> {
    return new Promise((resolve) => {
      if (this.#socket.destroyed || !this.#socket.writable) return resolve();
      this.#socket.once("close", resolve);
      this.#socket.write(bytes, () => {
        this.#socket.off("close", resolve);
        resolve();
      });
    });
  }

  /**
   * Writes pieces as segments of their own, as far as TCP lets us: a few are set apart in time, of many at least
   * the event loop turns in between.
   */
  async writeApart(cut: readonly Uint8Array[]): Promise<void> {
    for (const piece of cut) {
      await this.write(piece);
      await (cut.length <= FEW_PIECES ? setTimeout(APART_MS) : turn());
    }
  }

  /** Takes bytes up to and with the mark; undefined if the stream ended before it came. */
  async readThrough(mark: string): Promise<Buffer | undefined> {
    for (;;) {
      const at = this.#unread.indexOf(mark);
      if (at >= 0) return this.#take(at + mark.length);
      if (!(await this.#more())) return undefined;
    }
  }

  /** Takes exactly this many bytes; undefined if the stream ended before they came. */
  async readExactly(count: number): Promise<Buffer | undefined> {
    while (this.#unread.length < count) if (!(await this.#more())) return undefined;
    return this.#take(count);
  }

  /** Takes whatever comes until the other side ends the stream. */
  async readToEnd(): Promise<Buffer> {
    while (await this.#more());
    return this.#take(this.#unread.length);
  }

  /** From here on every byte, also those already here, goes to the sink. */
  handTo(sink: StreamSink): void {
    this.#sink = sink;
    if (this.#unread.length > 0) sink.receiveBytes(this.#take(this.#unread.length));
    if (this.#ended) sink.receiveEnd(this.#ended);
  }

  /** Ends our direction (FIN); the other stays open. */
  end(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #take(count: number): Buffer {
    const taken = this.#unread.subarray(0, count);
    this.#unread = this.#unread.subarray(count);
    return taken;
  }

  async #more(): Promise<boolean> {
    if (this.#ended) return false;
    const before = this.#unread.length;
    await new Promise<void>((resolve) => (this.#wake = resolve));
    return this.#unread.length > before || !this.#ended;
  }

  #finish(how: "ended" | "reset"): void {
    if (this.#ended) return;
    this.#ended = how;
    this.#sink?.receiveEnd(how);
    this.#wake?.();
  }
}
