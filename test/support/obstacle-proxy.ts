import {
  type IncomingMessage,
  createServer,
  request as requestHttp,
  type Server,
  type ServerResponse,
} from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";

/** How a network gets in the way. */
export interface Obstacles {
  /**
   * What becomes of a WebSocket: `pass` · `drop`: the Upgrade header is taken away, as old proxies do · `hang`: no answer ever comes ·
   * `swallow`: it opens, and then no byte passes.
   */
  upgrade?: "pass" | "drop" | "hang" | "swallow";
  /** Answers pass when they are complete, and not before. */
  buffer?: boolean;
  /** Whatever is not finished after this time is cut: requests, streams, and with `cutWebSockets` those too. */
  cutAfterMs?: number;
  cutWebSockets?: boolean;
}

/** A proxy for HTTP and WebSocket in front of one server, with obstacles that may change while it runs. */
export class ObstacleProxy {
  obstacles: Obstacles;
  /** Requests that came, as `GET polling`, `POST sse`, `UPGRADE websocket`, in order. */
  readonly requests: string[] = [];
  /** How many were cut. */
  cuts = 0;
  readonly #server: Server;
  readonly #targetPort: number;
  readonly #streams = new Set<Duplex>();

  private constructor(targetPort: number, obstacles: Obstacles) {
    this.#targetPort = targetPort;
    this.obstacles = obstacles;
    this.#server = createServer((request, response) => this.#forward(request, response));
    this.#server.on("connection", (stream) => this.#keep(stream));
    this.#server.on("upgrade", (request: IncomingMessage, stream: Duplex, head: Buffer) => {
      this.#upgrade(request, stream, head);
    });
  }

  /** Starts one in front of a port of this machine. */
  static async start(targetPort: number, obstacles: Obstacles = {}): Promise<ObstacleProxy> {
    const proxy = new ObstacleProxy(targetPort, obstacles);
    await new Promise<void>((resolve) => proxy.#server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Cuts everything that passes through right now. */
  cut(): void {
    for (const stream of this.#streams) stream.destroy();
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.cut();
    await closed;
  }

  #keep(stream: Duplex): void {
    this.#streams.add(stream);
    stream.on("error", () => stream.destroy());
    stream.once("close", () => this.#streams.delete(stream));
  }

  #note(kind: string, { url }: IncomingMessage): void {
    this.requests.push(`${kind} ${new URLSearchParams(url?.split("?")[1]).get("transport")}`);
  }

  #forward(request: IncomingMessage, response: ServerResponse): void {
    this.#note(request.method!, request);
    const { buffer = false, cutAfterMs } = this.obstacles;
    const target = { port: this.#targetPort, host: "127.0.0.1", path: request.url, method: request.method };
    const onward = requestHttp({ ...target, headers: request.headers, agent: false });
    const timer = cutAfterMs === undefined ? undefined : setTimeout(() => this.#cut(response), cutAfterMs);
    response.once("close", () => {
      clearTimeout(timer);
      onward.destroy();
    });
    onward.on("error", () => response.destroy());
    onward.on("response", (answer) => {
      answer.on("error", () => response.destroy());
      const head = (): unknown => response.writeHead(answer.statusCode!, answer.rawHeaders);
      if (!buffer) {
        head();
        response.flushHeaders();
        answer.pipe(response);
        return;
      }
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("end", () => {
        head();
        response.end(Buffer.concat(chunks));
      });
    });
    request.pipe(onward);
  }

  #cut(response: ServerResponse): void {
    if (response.writableFinished) return;
    this.cuts += 1;
    response.socket?.destroy();
  }

  #upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    this.#note("UPGRADE", request);
    const { upgrade = "pass", cutAfterMs, cutWebSockets = false } = this.obstacles;
    if (upgrade === "hang") return;
    const onward = connect(this.#targetPort, "127.0.0.1");
    this.#keep(onward);
    for (const [one, other] of [
      [stream, onward],
      [onward, stream],
    ] as const) {
      one.once("close", () => other.destroy());
    }
    onward.write(headOf(request, upgrade === "drop"));
    if (upgrade === "swallow") {
      swallowAfterHead(onward, stream);
      return;
    }
    if (cutWebSockets && cutAfterMs !== undefined) {
      const timer = setTimeout(() => {
        this.cuts += 1;
        stream.destroy();
      }, cutAfterMs);
      stream.once("close", () => clearTimeout(timer));
    }
    onward.write(head);
    stream.pipe(onward);
    onward.pipe(stream);
  }
}

function headOf({ method, url, rawHeaders }: IncomingMessage, withoutUpgrade: boolean): string {
  const lines = [`${method} ${url} HTTP/1.1`];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]!;
    if (withoutUpgrade && /^(upgrade|connection)$/i.test(name)) continue;
    lines.push(`${name}: ${rawHeaders[at + 1]}`);
  }
  if (withoutUpgrade) lines.push("Connection: close");
  return `${lines.join("\r\n")}\r\n\r\n`;
}

/** Passes the answer's head on, and nothing else in either direction. */
function swallowAfterHead(onward: Socket, stream: Duplex): void {
  let seen = "";
  let done = false;
  onward.on("data", (chunk) => {
    if (done) return;
    seen += chunk.toString("latin1");
    const end = seen.indexOf("\r\n\r\n");
    if (end < 0) return;
    done = true;
    stream.write(seen.slice(0, end + 4), "latin1");
  });
  stream.resume();
}
