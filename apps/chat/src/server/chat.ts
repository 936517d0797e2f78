import { createHash } from "node:crypto";
import type { Server, Socket } from "switchboard";
import type { JoinReply, Person, SendReply, ServerToClient, Untrusted } from "../shared/contract.ts";
import { NOTICE_PACE, SEND_PACE } from "./limits.ts";
import { PresenceNotices } from "./presence-notices.ts";
import { readJoin, readSend, refuse } from "./requests.ts";
import type { Room } from "./room.ts";
import { Rooms } from "./rooms.ts";
import { TokenBucket } from "./token-bucket.ts";

export type ChatServer = Server<Untrusted, ServerToClient>;
type ChatSocket = Socket<Untrusted, ServerToClient>;

/** Turns a Switchboard server into the chat. Returns a function that forgets what was still to be told. */
export function serveChat(io: ChatServer): () => void {
  const rooms = new Rooms();
  const notices = new PresenceNotices((changed) => {
    for (const room of changed) io.to(channel(room.name)).emit("presence", room.name, room.presence);
    io.emit("rooms", rooms.summaries());
  });
  io.on("connection", (socket) => {
    const visitor = new Visitor(socket, rooms, notices);
    socket.on("join", (request, reply) => visitor.join(request, answerTo(reply)));
    socket.on("send", (request, reply) => visitor.send(request, answerTo(reply)));
    socket.on("typing", (active) => visitor.type(active === true));
    socket.on("disconnect", () => visitor.leave());
  });
  return () => notices.destroy();
}

/** One connected page: who it is, which room it looks at, how fast it may go. */
class Visitor {
  readonly #socket: ChatSocket;
  readonly #rooms: Rooms;
  readonly #notices: PresenceNotices;
  readonly #sendPace = new TokenBucket(SEND_PACE, Date.now());
  readonly #noticePace = new TokenBucket(NOTICE_PACE, Date.now());
  #person: Person | undefined;
  #room: Room | undefined;

  constructor(socket: ChatSocket, rooms: Rooms, notices: PresenceNotices) {
    this.#socket = socket;
    this.#rooms = rooms;
    this.#notices = notices;
  }

  async join(value: unknown, answer: (reply: JoinReply) => void): Promise<void> {
    const wait = this.#noticePace.take(Date.now());
    if (wait > 0) return answer(refuse("busy", "Too many room changes at once: wait a moment.", wait));
    const request = readJoin(value);
    if (!request.ok) return answer(request);
    const room = this.#rooms.open(request.room);
    if (room === undefined)
      return answer(refuse("full", "Every room of this server is in use: join one of them."));

    const person = { id: publicId(request.session), name: request.name };
    const previous = this.#room;
    this.leave();
    room.enter(person, this.#socket.id);
    this.#notices.note(room);
    this.#person = person;
    this.#room = room;
    // Both start in this turn: a second `join` that comes while they are under way must not overtake them.
    const left =
      previous !== undefined && previous !== room ? this.#socket.leave(channel(previous.name)) : undefined;
    await Promise.all([left, this.#socket.join(channel(room.name))]);
    answer({
      ok: true,
      you: person,
      room: room.name,
      presence: room.presence,
      rooms: this.#rooms.summaries(),
      history: room.history,
    });
  }

  /**
   * Accepts a message once, however often it is sent: a repetition gets the first answer again and is
   * shown to nobody. The sender need not be in the room, so that what was typed offline arrives even if
   * its author has meanwhile gone to another room.
   */
  send(value: unknown, answer: (reply: SendReply) => void): void {
    const author = this.#person;
    if (author === undefined) return answer(refuse("unknown-person", "Join a room first, then send."));
    const wait = this.#sendPace.take(Date.now());
    if (wait > 0) return answer(refuse("busy", "Too many messages at once: wait a moment.", wait));
    const request = readSend(value);
    if (!request.ok) return answer(request);
    const room = this.#rooms.open(request.room);
    if (room === undefined)
      return answer(refuse("full", "That room is gone, and there is no place to open it again."));

    const receipt = room.receipt(request.id);
    if (receipt !== undefined) {
      if (receipt.authorId === author.id) return answer({ ok: true, at: receipt.at });
      return answer(refuse("id-taken", "Another message already has this id: make a new one."));
    }
    const message = room.add(request.id, request.text, author, Date.now());
    this.#socket.to(channel(room.name)).emit("message", message);
    answer({ ok: true, at: message.at });
  }

  type(active: boolean): void {
    if (this.#person === undefined || this.#room === undefined) return;
    if (this.#noticePace.take(Date.now()) > 0) return;
    this.#socket.to(channel(this.#room.name)).emit("typing", this.#room.name, this.#person, active);
  }

  leave(): void {
    if (this.#person === undefined || this.#room === undefined) return;
    this.#room.leave(this.#person.id, this.#socket.id);
    this.#notices.note(this.#room);
    this.#room = undefined;
  }
}

/** The Socket.IO room behind a chat room: prefixed, because every socket is also alone in a room named by its id. */
function channel(room: string): string {
  return `room:${room}`;
}

/** What others may know of a session key: enough to tell people apart, useless to pose as them. */
function publicId(session: string): string {
  return createHash("sha256").update(session).digest("base64url").slice(0, 12);
}

/** The acknowledgement, if what came in its place is one. */
function answerTo(reply: unknown): (answer: JoinReply | SendReply) => void {
  return typeof reply === "function" ? (answer) => void reply(answer) : () => {};
}
