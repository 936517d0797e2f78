import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { MAX_PAYLOAD_BYTES } from "../reference/settings.ts";
import { type ErrorCode, ERRORS } from "../wire/exchange.ts";
import { splitPayload } from "../wire/packets.ts";
import type { FaultName } from "./faults.ts";
import { FrameSocket } from "./frame-socket.ts";
import { EchoSession } from "./session.ts";
import type { Application } from "./session-options.ts";

const PATH = "/engine.io/";

export interface BrokenServerOptions {
  /** What it shall do wrong. Default: nothing. */
  fault?: FaultName | undefined;
  /** Default: any free port. */
  port?: number | undefined;
  /** What uses the sessions, in the place of the echo. */
  application?: Application | undefined;
  /** Default: the suite's, which are short. */
  pingIntervalMs?: number | undefined;
}

export interface BrokenServer {
  url: string;
  /** Ends every session and the listener. */
  close(): Promise<void>;
}

/** An echo server of its own: without a fault it must pass the whole suite, with one it must not. */
export async function startBrokenServer(options: BrokenServerOptions = {}): Promise<BrokenServer> {
  const door = new Door(options);
  const server = createServer((request, response) => door.receiveRequest(request, response));
  const streams = new Set<Socket>();
  server.on("connection", (stream) => {
    streams.add(stream);
    stream.once("close", () => streams.delete(stream));
  });
  server.on("upgrade", (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    if (head.length > 0) stream.unshift(head);
    door.receiveUpgrade(request, stream);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${PATH}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        door.destroy();
        for (const stream of streams) stream.destroy();
      }),
  };
}

interface Checked {
  code?: ErrorCode;
  session?: EchoSession | undefined;
}

/** Looks at every request and brings it to its session. */
class Door {
  readonly #options: BrokenServerOptions;
  readonly #fault: FaultName | undefined;
  readonly #sessions = new Map<string, EchoSession>();
  #count = 0;
  #lastSid = "";

  constructor(options: BrokenServerOptions) {
    this.#options = options;
    this.#fault = options.fault;
  }

  receiveRequest(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? "/", "http://localhost");
    const served = this.#has("exact-path") ? url.pathname === PATH : url.pathname.startsWith(PATH);
    if (!served) return void response.writeHead(404).end();
    const { code, session } = this.#check(request, url.searchParams, false);
    if (code !== undefined) return this.#refuse(response, code);
    if (!session) return this.#open().hold(response);
    if (request.method === "GET") session.hold(response);
    else if (request.method === "POST" || (request.method === "PUT" && this.#has("obeys-put"))) {
      this.#receivePost(session, request, response);
    } else response.writeHead(405).end();
  }

  receiveUpgrade(request: IncomingMessage, stream: Duplex): void {
    stream.on("error", () => stream.destroy());
    const url = new URL(request.url ?? "/", "http://localhost");
    const { code, session } = this.#check(request, url.searchParams, true);
    const late = code === 1 && this.#has("late-refusal");
    if (code !== undefined && !late) return refuseUpgrade(stream, ERRORS[code]);
    const socket = FrameSocket.accept(request, stream);
    if (late) return socket.close();
    if (!session) this.#open(socket);
    else if (session.mayUpgrade) session.offer(socket);
    else socket.close();
  }

  destroy(): void {
    for (const session of [...this.#sessions.values()]) session.destroy();
  }

  #has(fault: FaultName): boolean {
    return this.#fault === fault;
  }

  /** Transport, sid and its transport, method, upgrade, version: the first that is wrong is told. */
  #check({ method }: IncomingMessage, query: URLSearchParams, upgrade: boolean): Checked {
    const wrongVersion = query.get("EIO") !== "4" && !this.#has("any-version");
    if (wrongVersion && this.#has("version-first")) return { code: 5 };
    const transport = query.get("transport") ?? "";
    if (!this.#isTransport(transport) || (upgrade && transport === "polling")) return { code: 0 };
    const wrongMethod = method !== "GET";
    const sid = query.get("sid");
    if (sid !== null) {
      if (wrongMethod && this.#has("method-before-sid") && !this.#sessions.has(sid)) return { code: 2 };
      return this.#checkSession(sid, transport, upgrade);
    }
    if (wrongMethod) return { code: 2 };
    if (transport === "websocket" && !upgrade) return { code: 3 };
    return wrongVersion ? { code: 5 } : {};
  }

  #checkSession(sid: string, transport: string, upgrade: boolean): Checked {
    const session = this.#sessions.get(sid);
    if (!session) return this.#has("prototype-sids") && sid in {} ? {} : { code: 1 };
    const mismatch = !upgrade && transport !== session.transport && !this.#has("any-transport");
    const plainSocket = !upgrade && transport === "websocket";
    if (plainSocket || (mismatch && !this.#has("polls-after-move"))) return { code: 3 };
    return { session };
  }

  #isTransport(name: string): boolean {
    if (this.#has("prototype-transports") && name in {}) return true;
    return name === "polling" || name === "websocket";
  }

  #open(socket?: FrameSocket): EchoSession {
    const session: EchoSession = new EchoSession(
      {
        ...this.#options,
        sid: this.#newSid(),
        fault: this.#fault,
        onGone: () => {
          if (!this.#has("sid-lingers") && this.#sessions.get(session.sid) === session)
            this.#sessions.delete(session.sid);
        },
        onGarbage: () => {
          if (this.#has("shared-fate")) this.destroy();
        },
      },
      socket,
    );
    this.#sessions.set(session.sid, session);
    return session;
  }

  #newSid(): string {
    this.#count++;
    if (this.#has("guessable-sid")) return String(this.#count);
    if (!this.#has("same-sid") || this.#count % 2 === 1)
      this.#lastSid = randomBytes(15).toString("base64url");
    return this.#lastSid;
  }

  #refuse(response: ServerResponse, code: ErrorCode): void {
    const message = ERRORS[code];
    const asText = this.#has("text-errors");
    response.writeHead(400, { "Content-Type": asText ? "text/plain" : "application/json" });
    response.end(asText ? message : JSON.stringify({ code, message }));
  }

  #receivePost(session: EchoSession, request: IncomingMessage, response: ServerResponse): void {
    const overlap = session.posting && !this.#has("two-posts");
    const octets =
      request.headers["content-type"] === "application/octet-stream" && !this.#has("takes-octets");
    if (overlap || octets) {
      response.writeHead(400).end();
      return session.destroy();
    }
    session.posting = true;
    const body = new Body(this.#fault, Number(request.headers["content-length"] ?? 0));
    request.on("data", (chunk: Buffer) => body.push(chunk));
    request.once("end", () => {
      session.posting = false;
      if (body.tooLarge) {
        response.writeHead(413).end();
        if (this.#has("limit-ends")) session.destroy();
        return;
      }
      if (this.#sessions.get(session.sid) !== session) return this.#refuse(response, 1);
      session.receivePayload(splitPayload(body.text()));
      const fields = { "Content-Type": "text/plain", "Cache-Control": "no-store" };
      response.writeHead(200, fields).end("ok");
    });
    request.once("close", () => {
      if (!request.complete) session.destroy();
    });
  }
}

/** A body as it comes, up to the limit. */
class Body {
  readonly #fault: FaultName | undefined;
  readonly #announced: number;
  readonly #chunks: Buffer[] = [];
  #length = 0;

  constructor(fault: FaultName | undefined, announced: number) {
    this.#fault = fault;
    this.#announced = announced;
  }

  push(chunk: Buffer): void {
    this.#length += this.#fault === "limit-in-characters" ? chunk.toString().length : chunk.length;
    if (!this.tooLarge) this.#chunks.push(chunk);
  }

  get tooLarge(): boolean {
    if (this.#fault === "no-limit") return false;
    return (this.#fault === "trusts-length" ? this.#announced : this.#length) > MAX_PAYLOAD_BYTES;
  }

  text(): string {
    if (this.#fault === "splits-characters") return this.#chunks.map(String).join("");
    return Buffer.concat(this.#chunks).toString();
  }
}

function refuseUpgrade(stream: Duplex, message: string): void {
  const fields = `Connection: close\r\nContent-Type: text/plain\r\nContent-Length: ${message.length}`;
  stream.end(`HTTP/1.1 400 Bad Request\r\n${fields}\r\n\r\n${message}`);
}
