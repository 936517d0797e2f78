import { StoreError } from "../store-error.ts";

/** How long a page that is just being left, as in a reload, may hold on to it, in milliseconds. */
const WAIT_MS = 1000;

/**
 * Takes a name for this page, among all tabs and workers of its origin, as long as it lives. Returns what lets go of it. Rejects with a `StoreError`:
 * `STORE_IN_USE`; `STORE_OPEN_FAILED` where a page has no locks, which is so without TLS.
 */
export function lockForPage(name: string): Promise<() => void> {
  return new Promise((resolve, reject) => {
    const { locks } = navigator as Partial<Pick<Navigator, "locks">>;
    if (locks === undefined) {
      reject(
        new StoreError("STORE_OPEN_FAILED", "A store needs Web Locks: a page on https, or of localhost."),
      );
      return;
    }
    const hold = (): Promise<void> => new Promise((release) => void resolve(release));
    locks.request(name, { signal: AbortSignal.timeout(WAIT_MS) }, hold).catch((error: unknown) => {
      reject(new StoreError("STORE_IN_USE", `Another tab has "${name}".`, { cause: error }));
    });
  });
}
