/** Thrown by a case when the other side did something else than it must. Both halves are plain words. */
export class Unexpected extends Error {
  readonly expected: string;
  readonly got: string;

  constructor(expected: string, got: string) {
    super(`expected ${expected}; got ${got}`);
    this.expected = expected;
    this.got = got;
  }
}

/** Thrown by a case that has nothing to test here, such as compression where none was negotiated. */
export class NotApplicable extends Error {}

/** Fails the case unless the condition holds. */
export function must(condition: boolean, expected: string, got: string): asserts condition {
  if (!condition) throw new Unexpected(expected, got);
}
