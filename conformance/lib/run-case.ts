import type { CaseResult } from "./report.ts";
import { NotApplicable, Unexpected } from "./verdict.ts";

const DEFAULT_TIMEOUT_MS = 5000;

/** As much of a case as is needed to run it. */
export interface Runnable {
  /** `group/name`; stable, so that lists of expectations can refer to it. */
  id: string;
  /** The rule that is tested, such as `RFC 6455 §5.2`. */
  section: string;
  /** What the other side must do, in one sentence. */
  sentence: string;
  /** How long the case may take. Default: 5,000. */
  timeoutMs?: number;
}

export interface Attempt {
  run(): Promise<void>;
  /** The time is over: says what was still waited for. */
  giveUp(afterMs: number): Unexpected;
  /** Lets go of every connection, whatever the verdict. */
  destroy(): void;
}

/** Runs one case against the clock and turns how it ended into a verdict. */
export async function runCase(
  { id, section, sentence, timeoutMs = DEFAULT_TIMEOUT_MS }: Runnable,
  attempt: Attempt,
  timeScale = 1,
): Promise<CaseResult> {
  const started = performance.now();
  const limitMs = timeoutMs * timeScale;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(attempt.giveUp(limitMs)), limitMs);
  });
  let outcome: Pick<CaseResult, "verdict" | "expected" | "got" | "reason">;
  try {
    await Promise.race([attempt.run(), late]);
    outcome = { verdict: "pass" };
  } catch (error) {
    outcome = judge(error);
  }
  clearTimeout(timer);
  attempt.destroy();
  return { id, section, sentence, ms: Math.round(performance.now() - started), ...outcome };
}

function judge(error: unknown): Pick<CaseResult, "verdict" | "expected" | "got" | "reason"> {
  if (error instanceof NotApplicable) return { verdict: "n.a.", reason: error.message };
  if (error instanceof Unexpected) return { verdict: "fail", expected: error.expected, got: error.got };
  const { code, stack } = error as NodeJS.ErrnoException;
  if (code) return { verdict: "fail", expected: "a TCP connection", got: code };
  return { verdict: "fail", expected: "a case without faults of its own", got: stack ?? String(error) };
}

/** Runs jobs side by side, at most `width` at a time, each started in order. */
export async function inParallel(width: number, jobs: readonly (() => Promise<void>)[]): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < jobs.length) await jobs[next++]!();
  };
  await Promise.all(Array.from({ length: Math.min(width, jobs.length) }, worker));
}
