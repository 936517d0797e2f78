import type { Person } from "../shared/contract.ts";
import { TYPING_EXPIRY_MS, TYPING_THROTTLE_MS } from "../shared/limits.ts";

/** Who is typing in the room on screen. Nobody stays for longer than `TYPING_EXPIRY_MS` without news. */
export class TypingPeople {
  readonly #onChange: (people: readonly Person[]) => void;
  readonly #people = new Map<
    string,
    { readonly person: Person; readonly timer: ReturnType<typeof setTimeout> }
  >();

  constructor(onChange: (people: readonly Person[]) => void) {
    this.#onChange = onChange;
  }

  set(person: Person, active: boolean): void {
    const known = this.#people.get(person.id);
    if (known === undefined && !active) return;
    clearTimeout(known?.timer);
    if (active) {
      const timer = setTimeout(() => this.set(person, false), TYPING_EXPIRY_MS);
      this.#people.set(person.id, { person, timer });
    } else {
      this.#people.delete(person.id);
    }
    this.#tell();
  }

  clear(): void {
    for (const { timer } of this.#people.values()) clearTimeout(timer);
    this.#people.clear();
    this.#tell();
  }

  #tell(): void {
    this.#onChange([...this.#people.values()].map(({ person }) => person));
  }
}

/** Tells the others that we type: at once, then at most every `TYPING_THROTTLE_MS`, and when we stop. */
export class TypingNotice {
  readonly #send: (active: boolean) => void;
  #sentAt = 0;

  constructor(send: (active: boolean) => void) {
    this.#send = send;
  }

  /** Call it on every change of the text. */
  typed(empty: boolean, nowMs: number): void {
    if (empty) return this.stop();
    if (nowMs - this.#sentAt < TYPING_THROTTLE_MS) return;
    this.#sentAt = nowMs;
    this.#send(true);
  }

  /** The text is gone, emptied or sent. */
  stop(): void {
    if (this.#sentAt === 0) return;
    this.#sentAt = 0;
    this.#send(false);
  }
}
