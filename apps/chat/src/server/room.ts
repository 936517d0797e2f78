import type { ChatMessage, Person, Presence } from "../shared/contract.ts";
import { HISTORY_LENGTH } from "../shared/limits.ts";
import { MAX_PEOPLE_LISTED, REMEMBERED_IDS } from "./limits.ts";

interface Member {
  name: string;
  readonly sockets: Set<string>;
}

/** What the server remembers of an accepted message for as long as it may be sent again. */
export interface Receipt {
  readonly authorId: string;
  readonly at: number;
}

/** One room: its people, its last messages and the ids it has seen. Pure state, bounded, in memory only. */
export class Room {
  readonly name: string;
  readonly #members = new Map<string, Member>();
  readonly #receipts = new Map<string, Receipt>();
  #history: ChatMessage[] = [];
  #lastAt = 0;

  constructor(name: string) {
    this.name = name;
  }

  /** How many people are here. A person with several tabs is one: people are counted by session, not by name. */
  get size(): number {
    return this.#members.size;
  }

  /** The last messages, oldest first. */
  get history(): readonly ChatMessage[] {
    return this.#history;
  }

  get presence(): Presence {
    const list: Person[] = [];
    for (const [id, { name }] of this.#members) {
      if (list.length === MAX_PEOPLE_LISTED) break;
      list.push({ id, name });
    }
    return { count: this.#members.size, list };
  }

  /** A person comes in by one more socket; the name given last is the one that counts. */
  enter(person: Person, socketId: string): void {
    const member = this.#members.get(person.id);
    if (member === undefined) {
      this.#members.set(person.id, { name: person.name, sockets: new Set([socketId]) });
    } else {
      member.name = person.name;
      member.sockets.add(socketId);
    }
  }

  /** One socket of a person goes; the person goes with the last one. */
  leave(personId: string, socketId: string): void {
    const member = this.#members.get(personId);
    if (member === undefined) return;
    member.sockets.delete(socketId);
    if (member.sockets.size === 0) this.#members.delete(personId);
  }

  /** The receipt of a message that was accepted before. */
  receipt(id: string): Receipt | undefined {
    return this.#receipts.get(id);
  }

  /** Accepts a new message and gives it its place in the order. */
  add(id: string, text: string, author: Person, nowMs: number): ChatMessage {
    this.#lastAt = Math.max(nowMs, this.#lastAt + 1);
    const message: ChatMessage = { id, room: this.name, text, at: this.#lastAt, author };
    this.#history.push(message);
    if (this.#history.length > HISTORY_LENGTH) this.#history.shift();
    this.#receipts.set(id, { authorId: author.id, at: message.at });
    if (this.#receipts.size > REMEMBERED_IDS) this.#receipts.delete(first(this.#receipts));
    return message;
  }
}

function first(map: ReadonlyMap<string, unknown>): string {
  for (const key of map.keys()) return key;
  throw new Error("An empty map has no first key.");
}
