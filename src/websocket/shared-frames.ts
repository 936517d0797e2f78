/** Counts the turns in which something was flushed: what was put together in an earlier one is of no use any more. */
let turn = 0;

/** Begins a new turn. */
export function beginTurn(): void {
  turn += 1;
}

/**
 * Frames that many connections have to write, in memory that they share.
 *
 * When several such messages are sent in one turn, connections that have the same ones pending share one buffer with all of
 * them: what is pending is a node in a tree, and the bytes of a node are put together once, for whoever asks first.
 */
export class SharedFrames {
  readonly length: number;
  #bytes: Uint8Array | undefined;
  #parts: readonly [SharedFrames, SharedFrames] | undefined;
  #successors: Map<SharedFrames, SharedFrames> | undefined;
  #turn = -1;

  /** `source` is whole frames, which must never change, or two parts of which the first comes first. */
  constructor(source: Uint8Array | readonly [SharedFrames, SharedFrames]) {
    if (source instanceof Uint8Array) {
      this.#bytes = source;
      this.length = source.length;
    } else {
      this.#parts = source;
      this.length = source[0].length + source[1].length;
    }
  }

  /** All of it in one piece. */
  get bytes(): Uint8Array {
    if (this.#bytes === undefined) {
      const pieces: Uint8Array[] = [];
      this.#collect(pieces);
      this.#bytes = Buffer.concat(pieces, this.length);
      this.#parts = undefined;
    }
    return this.#bytes;
  }

  /** These frames, followed by others: the same object for all that ask for the same in one turn. */
  followedBy(frames: SharedFrames): SharedFrames {
    if (this.#turn !== turn || this.#successors === undefined) {
      this.#turn = turn;
      this.#successors = new Map();
    }
    let both = this.#successors.get(frames);
    if (both === undefined) {
      both = new SharedFrames([this, frames]);
      this.#successors.set(frames, both);
    }
    return both;
  }

  #collect(pieces: Uint8Array[]): void {
    if (this.#bytes !== undefined) {
      pieces.push(this.#bytes);
      return;
    }
    const [first, second] = this.#parts!;
    first.#collect(pieces);
    second.#collect(pieces);
  }
}
