import { computed, signal, type ReadonlySignal, type Signal } from "@preact/signals";
import type { ChatMessage, JoinReply, Person, Presence, RoomSummary } from "../shared/contract.ts";
import { DEFAULT_ROOMS } from "../shared/limits.ts";
import { cleanRoomName } from "../shared/text.ts";
import { Connection, type ChatSocket } from "./connection.ts";
import { newKey } from "./keys.ts";
import { Outbox, type OutboxEntry } from "./outbox.ts";
import { rowsOf, type Row } from "./rows.ts";
import { loadName, loadSession, saveName } from "./storage.ts";
import { EMPTY_TIMELINE, withHistory, withMessage, type Timeline } from "./timeline.ts";
import { TypingNotice, TypingPeople } from "./typing.ts";

/** How long the server may take to answer before the same request is made again. */
const ANSWER_MS = 10_000;
const NOBODY: Presence = { count: 0, list: [] };

/** Everything the page knows, as signals, and everything it can do. Draws nothing. */
export class Chat {
  readonly connection: Connection;
  readonly name: Signal<string | undefined> = signal(loadName());
  readonly room: Signal<string> = signal(roomInAddress());
  readonly rooms: Signal<readonly RoomSummary[]> = signal(DEFAULT_ROOMS.map((name) => ({ name, people: 0 })));
  readonly presence: Signal<Presence> = signal(NOBODY);
  /** Who types, as far as that can be known: nobody while the connection is lost. */
  readonly typing: ReadonlySignal<readonly Person[]>;
  /** Why the server did not let us in, if it did not. */
  readonly refusal: Signal<string | undefined> = signal(undefined);
  /** The room on screen has answered at least once: an empty one is really empty. */
  readonly entered: Signal<boolean> = signal(false);
  /** Counts the messages that came from others. */
  readonly received: Signal<number> = signal(0);
  readonly me: ReadonlySignal<Person>;
  readonly rows: ReadonlySignal<readonly Row[]>;
  readonly drafts = new Map<string, string>();

  readonly #socket: ChatSocket;
  readonly #session = loadSession();
  readonly #id: Signal<string> = signal("");
  readonly #timelines: Signal<ReadonlyMap<string, Timeline>> = signal(new Map());
  readonly #pending: Signal<readonly OutboxEntry[]> = signal([]);
  readonly #typing: Signal<readonly Person[]> = signal([]);
  readonly #typingPeople = new TypingPeople((people) => (this.#typing.value = people));
  readonly #typingNotice: TypingNotice;
  readonly #outbox: Outbox;

  constructor(socket: ChatSocket) {
    this.#socket = socket;
    this.connection = new Connection(socket);
    this.me = computed(() => ({ id: this.#id.value, name: this.name.value ?? "" }));
    this.typing = computed(() =>
      this.connection.state.value.kind === "connected" ? this.#typing.value : [],
    );
    this.rows = computed(() => {
      const room = this.room.value;
      const pending = this.#pending.value.filter((entry) => entry.room === room);
      return rowsOf(this.#timelines.value.get(room) ?? EMPTY_TIMELINE, pending, this.me.value);
    });
    this.#typingNotice = new TypingNotice((active) => {
      if (socket.connected) socket.emit("typing", active);
    });
    this.#outbox = new Outbox({
      deliver: (request) => answered((done) => socket.timeout(ANSWER_MS).emit("send", request, done)),
      onChange: (entries) => (this.#pending.value = entries),
      onSent: ({ id, room, text }, at) => this.#store({ id, room, text, at, author: this.me.peek() }),
      wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    });
    this.#listen();
  }

  /** Says who we are, now and next time; `name` must be one that `cleanName` made. */
  rename(name: string): void {
    saveName(name);
    this.name.value = name;
    if (this.#socket.connected) void this.#join();
    else this.#socket.connect();
  }

  /** Goes to a room; the address follows, so that it can be shared. */
  enter(room: string): void {
    location.hash = encodeURIComponent(room);
  }

  send(text: string): void {
    this.#typingNotice.stop();
    this.#outbox.add({ id: newKey(), room: this.room.peek(), text }, Date.now());
  }

  /** Gives up a message that the server refused. */
  discard(id: string): void {
    this.#outbox.remove(id);
  }

  /** The text in the message box has changed. */
  typed(text: string): void {
    this.drafts.set(this.room.peek(), text);
    this.#typingNotice.typed(text.trim() === "", Date.now());
  }

  #listen(): void {
    const socket = this.#socket;
    socket.on("connect", () => void this.#join());
    socket.on("disconnect", () => {
      this.#outbox.close();
      this.#typingPeople.clear();
    });
    socket.on("message", (message) => {
      this.#typingPeople.set(message.author, false);
      this.#store(message);
      this.received.value += 1;
    });
    socket.on("presence", (room, presence) => {
      if (room === this.room.peek()) this.presence.value = presence;
    });
    socket.on("rooms", (rooms) => (this.rooms.value = rooms));
    socket.on("typing", (room, person, active) => {
      if (room === this.room.peek() && person.id !== this.#id.peek()) this.#typingPeople.set(person, active);
    });
    window.addEventListener("hashchange", () => this.#moved());
    window.addEventListener("beforeunload", (event) => {
      // What has not been sent would be lost: the browser asks first.
      if (this.#outbox.entries.length > 0) event.preventDefault();
    });
  }

  #moved(): void {
    const room = roomInAddress();
    if (room === this.room.peek()) return;
    this.#typingNotice.stop();
    this.#typingPeople.clear();
    this.presence.value = NOBODY;
    this.entered.value = false;
    this.room.value = room;
    if (this.#socket.connected) void this.#join();
  }

  async #join(): Promise<void> {
    const name = this.name.peek();
    if (name === undefined) return;
    const room = this.room.peek();
    let reply: JoinReply;
    try {
      const request = { room, name, session: this.#session };
      reply = await answered((done) => this.#socket.timeout(ANSWER_MS).emit("join", request, done));
    } catch {
      // The line went down, and coming back joins again; or the server is slow, and we ask again.
      if (this.#socket.connected) await this.#join();
      return;
    }
    if (room !== this.room.peek()) return;
    if (!reply.ok) {
      this.refusal.value = reply.reason;
      if (reply.retryAfterMs !== undefined) setTimeout(() => void this.#join(), reply.retryAfterMs);
      return;
    }
    this.refusal.value = undefined;
    this.#id.value = reply.you.id;
    this.presence.value = reply.presence;
    this.rooms.value = reply.rooms;
    const { history } = reply;
    this.#change(room, (timeline) => withHistory(timeline, history));
    this.entered.value = true;
    this.#outbox.open();
  }

  #store(message: ChatMessage): void {
    this.#change(message.room, (timeline) => withMessage(timeline, message));
  }

  #change(room: string, step: (timeline: Timeline) => Timeline): void {
    const timelines = this.#timelines.peek();
    this.#timelines.value = new Map(timelines).set(room, step(timelines.get(room) ?? EMPTY_TIMELINE));
  }
}

/** An acknowledgement as a promise: rejects when it did not come, or the line went down first. */
function answered<Reply>(ask: (done: (error: Error | null, reply: Reply) => void) => void): Promise<Reply> {
  return new Promise((resolve, reject) => {
    ask((error, reply) => (error === null ? resolve(reply) : reject(error)));
  });
}

/** The room after the `#` of the address; the first default room if there is none or it can't be one. */
function roomInAddress(): string {
  let wanted = "";
  try {
    wanted = decodeURIComponent(location.hash.slice(1));
  } catch {
    // A broken escape is no room.
  }
  return cleanRoomName(wanted) ?? DEFAULT_ROOMS[0];
}
