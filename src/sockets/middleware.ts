/** Goes on with the next step or, given an error, refuses. Calls after the first do nothing. */
export type Next = (error?: Error | null) => void;

/** An error as Socket.IO names what a client is told of: its `message` and `data`. */
export interface ExtendedError extends Error {
  // `any`: what it is, the application knows.
  // oxlint-disable-next-line typescript/no-explicit-any
  data?: any;
}

/** Told once how a chain ended, and of each step that fails. */
export interface ChainEnd {
  /** All steps have let it through. */
  onPassed(): void;
  /** A step said so: by `next(error)`. */
  onRefused(error: unknown): void;
  /** A step threw, or rejected. `isOver`: it had gone on before, so that nothing follows from it. */
  onFailed(error: unknown, isOver: boolean): void;
}

/** Runs steps one after the other, each when the one before has called `next`. Without an asynchronous one, all is over when this returns. */
export function runChain<Step>(
  steps: readonly Step[],
  call: (step: Step, next: Next) => unknown,
  end: ChainEnd,
): void {
  const runFrom = (index: number): void => {
    const step = steps[index];
    if (step === undefined) {
      end.onPassed();
      return;
    }
    let isOver = false;
    const next: Next = (error) => {
      if (isOver) return;
      isOver = true;
      if (error === undefined || error === null) runFrom(index + 1);
      else end.onRefused(error);
    };
    const fail = (error: unknown): void => {
      const wasOver = isOver;
      isOver = true;
      end.onFailed(error, wasOver);
    };
    try {
      const result = call(step, next);
      if (result instanceof Promise) result.catch(fail);
    } catch (error) {
      fail(error);
    }
  };
  runFrom(0);
}
