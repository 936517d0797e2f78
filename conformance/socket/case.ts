import type { Runnable } from "../lib/run-case.ts";
import { type Transport, TRANSPORTS } from "./carrier.ts";
import type { Scene } from "./scene.ts";

/** One rule and how to see whether the server keeps it, over one transport. */
export interface Case extends Runnable {
  transport: Transport;
  /** Looks at everyone in a namespace, so that no other case may run beside it. */
  alone?: boolean;
  run(scene: Scene): Promise<void>;
}

type Extra = Pick<Case, "alone" | "timeoutMs">;

/** Makes a case for each transport. */
export type CaseMaker = (name: string, sentence: string, run: Case["run"], extra?: Extra) => Case[];

/** `section` says what the rule is about in the Socket.IO v5 protocol document. */
export function group(prefix: string, section: string): CaseMaker {
  return (name, sentence, run, extra = {}) =>
    TRANSPORTS.map((transport) => ({
      id: `${prefix}/${name}-${transport}`,
      section: `v5, ${section}`,
      sentence: `${sentence} (${transport})`,
      transport,
      run,
      ...extra,
    }));
}
