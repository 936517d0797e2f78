/** What a case is waiting for, so that it can be said when its time is over. */
export class Waits {
  readonly #names = new Set<{ expected: string }>();

  /** Waits for a promise under a name. */
  async on<T>(expected: string, promise: Promise<T>): Promise<T> {
    const name = { expected };
    this.#names.add(name);
    try {
      return await promise;
    } finally {
      this.#names.delete(name);
    }
  }

  /** The newest wait that has not ended. */
  get current(): string | undefined {
    return [...this.#names].at(-1)?.expected;
  }
}
