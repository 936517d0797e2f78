/** So many pieces of what is missing are kept for one reader and stream. Beyond it the oldest count as missing for good. */
export const MAX_MISSING_PIECES = 64;

/** Events that were left out when a later one came: a piece of a stream, less what came after all. */
export interface MissingPiece {
  /** Both ends included. */
  readonly from: number;
  readonly to: number;
  /** A gap has told of it. */
  readonly isTold: boolean;
  /** Whether the later one came before that; all pieces of one such place have its number. */
  readonly silentPlace: number | undefined;
  readonly atMs: number;
}

/** What one reader has not got of one stream, although it got later events. Sorted; most readers never have any. */
export class MissingEvents {
  readonly #pieces: MissingPiece[] = [];
  readonly #onSettled: (piece: MissingPiece) => void;

  /** `onSettled` is told of pieces that are no longer kept. */
  constructor(onSettled: (piece: MissingPiece) => void) {
    this.#onSettled = onSettled;
  }

  get pieces(): readonly MissingPiece[] {
    return this.#pieces;
  }

  /** At the end: it is later than all others. */
  add(piece: MissingPiece): void {
    this.#pieces.push(piece);
    this.#limit();
  }

  /** One came after all; false if it was not missing. */
  take(number: number): boolean {
    const at = this.#pieces.findIndex(({ from, to }) => number >= from && number <= to);
    const piece = this.#pieces[at];
    if (piece === undefined) return false;
    const rest: MissingPiece[] = [];
    if (number > piece.from) rest.push({ ...piece, to: number - 1 });
    if (number < piece.to) rest.push({ ...piece, from: number + 1 });
    this.#pieces.splice(at, 1, ...rest);
    this.#limit();
    return true;
  }

  /** All that is missing has been told of now. Returns whether something had not been before. */
  tell(): boolean {
    let isNews = false;
    for (const [at, piece] of this.#pieces.entries()) {
      if (piece.isTold) continue;
      isNews = true;
      this.#pieces[at] = { ...piece, isTold: true };
    }
    return isNews;
  }

  #limit(): void {
    while (this.#pieces.length > MAX_MISSING_PIECES) this.#onSettled(this.#pieces.shift()!);
  }
}
