import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server } from "switchboard";
import { io, type Socket } from "switchboard/client";
import { type ChatServer, serveChat } from "../../../apps/chat/src/server/chat.ts";
import { MAX_WIRE_BYTES } from "../../../apps/chat/src/server/limits.ts";
import type {
  ChatMessage,
  ClientToServer,
  Joined,
  SendReply,
  ServerToClient,
} from "../../../apps/chat/src/shared/contract.ts";

/** A client that may send anything. */
export type Guest = Socket<ServerToClient, { [event: string]: (...args: never[]) => void }>;
export type Member = Socket<ServerToClient, ClientToServer>;

/** The chat's server in this process, and the clients a test makes of it. */
export class ChatHarness {
  readonly url: string;
  readonly #server: ChatServer;
  readonly #forget: () => void;
  readonly #clients: { disconnect(): unknown }[] = [];

  private constructor(server: ChatServer, forget: () => void, url: string) {
    this.#server = server;
    this.#forget = forget;
    this.url = url;
  }

  static async start(): Promise<ChatHarness> {
    const http = createServer();
    const server: ChatServer = new Server(http, { maxHttpBufferSize: MAX_WIRE_BYTES });
    const forget = serveChat(server);
    http.listen(0, "127.0.0.1");
    await once(http, "listening");
    return new ChatHarness(server, forget, `http://127.0.0.1:${(http.address() as AddressInfo).port}`);
  }

  /** A connected client; it does not come back by itself. */
  async connect(): Promise<Member> {
    const socket: Member = io(this.url, { reconnection: false });
    this.#clients.push(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", () => resolve());
      socket.once("connect_error", reject);
    });
    return socket;
  }

  /** A connected client that is in a room. */
  async join(name: string, room = "lobby"): Promise<Member & { joined: Joined }> {
    const socket = await this.connect();
    const reply = await ask(socket, "join", { name, room, session: sessionOf(name) });
    return Object.assign(socket, { joined: reply as Joined });
  }

  async close(): Promise<void> {
    for (const client of this.#clients) client.disconnect();
    this.#forget();
    await this.#server.close();
  }
}

/** A session key that belongs to a name. */
export function sessionOf(name: string): string {
  return `session-of-${name}`.padEnd(32, "_");
}

/** Sends anything at all as an event, and waits for its acknowledgement. */
export function ask(socket: Member, event: string, ...args: unknown[]): Promise<unknown> {
  const guest = socket as unknown as Guest;
  return new Promise((resolve) => guest.emit(event, ...(args as never[]), resolve as never));
}

let lastId = 0;

/** Sends a text as a new message. */
export function say(
  socket: Member,
  text: unknown,
  { id = `message-${String(++lastId).padStart(16, "0")}`, room = "lobby" } = {},
): Promise<SendReply> {
  return ask(socket, "send", { id, room, text }) as Promise<SendReply>;
}

/** The next message that a client receives. */
export function nextMessage(socket: Member): Promise<ChatMessage> {
  return new Promise((resolve) => socket.once("message", resolve));
}
