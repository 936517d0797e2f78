/** The events between the chat's page and its server: what each side may send. */

/** A person as others see them: `id` is public and stays the same over tabs, reloads and server restarts. */
export interface Person {
  readonly id: string;
  readonly name: string;
}

export interface ChatMessage {
  /** Made by the page that wrote the message, so that a message sent twice is still one message. */
  readonly id: string;
  readonly room: string;
  readonly text: string;
  /** The server's clock in ms since 1970; strictly increasing within a room, so it is also the order. */
  readonly at: number;
  readonly author: Person;
}

export interface RoomSummary {
  readonly name: string;
  readonly people: number;
}

/** Who is in a room. `list` may be cut short (`MAX_PEOPLE_LISTED`); `count` is always exact. */
export interface Presence {
  readonly count: number;
  readonly list: readonly Person[];
}

/**
 * Why the server said no. `busy` and `unknown-person` pass by themselves (wait `retryAfterMs`, or join
 * again); the others will be the same next time.
 */
export type RefusalCode = "invalid" | "too-long" | "busy" | "unknown-person" | "full" | "id-taken";

export interface Refusal {
  readonly ok: false;
  readonly code: RefusalCode;
  /** A sentence that can be shown to the user. */
  readonly reason: string;
  readonly retryAfterMs?: number;
}

export interface JoinRequest {
  readonly room: string;
  readonly name: string;
  /** A random key that only this browser knows: two tabs with one key are one person. */
  readonly session: string;
}

export interface Joined {
  readonly ok: true;
  readonly you: Person;
  readonly room: string;
  readonly presence: Presence;
  readonly rooms: readonly RoomSummary[];
  /** The last `HISTORY_LENGTH` messages, oldest first. Kept in memory: a restarted server knows none. */
  readonly history: readonly ChatMessage[];
}

export interface SendRequest {
  readonly id: string;
  readonly room: string;
  readonly text: string;
}

/** `at` is the time the message was first accepted, also when this request was a repetition. */
export interface Sent {
  readonly ok: true;
  readonly at: number;
}

export type JoinReply = Joined | Refusal;
export type SendReply = Sent | Refusal;

export interface ClientToServer {
  /** Enters a room and leaves the one before; joining again with another name renames. */
  join: (request: JoinRequest, reply: (answer: JoinReply) => void) => void;
  send: (request: SendRequest, reply: (answer: SendReply) => void) => void;
  /** About the room the socket is in. */
  typing: (active: boolean) => void;
}

export interface ServerToClient {
  message: (message: ChatMessage) => void;
  presence: (room: string, presence: Presence) => void;
  typing: (room: string, person: Person, active: boolean) => void;
  rooms: (rooms: readonly RoomSummary[]) => void;
}

/** `ClientToServer` as it really arrives: a type is a promise of our page, not of whoever is connected. */
export interface Untrusted {
  join: (request: unknown, reply: unknown) => void | Promise<void>;
  send: (request: unknown, reply: unknown) => void;
  typing: (active: unknown) => void;
}
