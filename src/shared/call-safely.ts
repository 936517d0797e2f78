/** Calls somebody else's function; what it throws, or rejects with, goes to `onError`. */
export function callSafely(
  callback: (...args: unknown[]) => unknown,
  args: readonly unknown[],
  onError: (error: unknown) => void,
): void {
  try {
    const result = callback(...args);
    if (result instanceof Promise) result.catch(onError);
  } catch (error) {
    onError(error);
  }
}
