/** What a board is made of: memory that threads share. */
export interface BoardMemory {
  readonly said: Int32Array;
  readonly taken: Int32Array;
  readonly marks: Int32Array;
  readonly capacity: number;
}

/**
 * What every client has said, and what of it the server has taken, in memory that all threads share. The numbers of each client count up from 1.
 * One thread says for a client, one takes for all.
 */
export class Board {
  readonly memory: BoardMemory;
  readonly #words: number;

  constructor(memory: BoardMemory) {
    this.memory = memory;
    this.#words = memory.capacity / 32;
  }

  /** One for so many clients, each of which says at most so much. */
  static create(clients: number, most: number): Board {
    const words = Math.ceil((most + 1) / 32);
    return new Board({
      said: sharedArray(clients),
      taken: sharedArray(clients),
      marks: sharedArray(clients * words),
      capacity: words * 32,
    });
  }

  get clients(): number {
    return this.memory.said.length;
  }

  /** The next number of a client, which counts as said now, in whatever thread; undefined: it has said all that there is room for. */
  say(client: number): number | undefined {
    if (this.said(client) + 1 >= this.memory.capacity) return undefined;
    return Atomics.add(this.memory.said, client, 1) + 1;
  }

  /** The server has taken one. What was never said is for others to judge. */
  take(client: number, number: number): void {
    if (!(Number.isInteger(number) && number >= 1 && number < this.memory.capacity && client < this.clients))
      return;
    Atomics.or(this.memory.marks, client * this.#words + (number >> 5), 1 << (number & 31));
    if (number > this.published(client)) Atomics.store(this.memory.taken, client, number);
  }

  /** The highest number that a client has said. */
  said(client: number): number {
    return Atomics.load(this.memory.said, client);
  }

  /** The highest number of a client that the server has taken. */
  published(client: number): number {
    return Atomics.load(this.memory.taken, client);
  }

  wasTaken(client: number, number: number): boolean {
    return (
      (Atomics.load(this.memory.marks, client * this.#words + (number >> 5)) & (1 << (number & 31))) !== 0
    );
  }

  /** Of all clients together, by their highest numbers. */
  get totals(): { readonly said: number; readonly published: number } {
    let [said, published] = [0, 0];
    for (let client = 0; client < this.clients; client += 1) {
      said += this.said(client);
      published += this.published(client);
    }
    return { said, published };
  }
}

function sharedArray(length: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(4 * length));
}
