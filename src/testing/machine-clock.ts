import type { Clock } from "switchboard";

/** The machine's clock: what waits takes it unless it is handed another. */
export const machineClock: Clock = {
  now: () => performance.now(),
  setTimeout: (callback, delayMs) => {
    const handle = setTimeout(callback, delayMs);
    return { cancel: () => clearTimeout(handle) };
  },
};
