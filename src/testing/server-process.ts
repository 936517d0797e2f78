import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import type { Clock, Timer } from "switchboard";
import { machineClock } from "./machine-clock.ts";
import { guardOrphans } from "./orphan-guard.ts";
import { LineCutter, OutputTail } from "./output-tail.ts";

/** What a {@link ServerProcess} runs. */
export interface ServerProgram {
  /** The program. Default: this Node. */
  readonly command?: string;
  readonly args: readonly string[];
  /** Set or, with undefined, taken from the environment of this process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Where it runs. Default: the directory of this process. */
  readonly cwd?: string;
  /** The line of its output that says that it serves; the first group, or the one named `port`, is the port. */
  readonly ready: RegExp;
}

/** What is around it. */
export interface ServerProcessOptions {
  /** How long it may take to be ready, in milliseconds. Default 30,000. */
  readonly readyTimeoutMs?: number;
  /** How long it may take to end by a signal, before it is killed, in milliseconds. Default 10,000. */
  readonly stopTimeoutMs?: number;
  /** How much of its output is kept, in characters: the last; a longer line comes in pieces. Default 64 Ki. */
  readonly maxOutputChars?: number;
  /** Told of each line that it prints, on both outputs. */
  readonly onLine?: (line: string) => void;
  /** Told of each end, also of those that were asked for. */
  readonly onExit?: (exit: ServerExit) => void;
  /** Times the limits. Default: the machine's. */
  readonly clock?: Clock;
}

/** How a program has ended. */
export interface ServerExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Whether it was told to. */
  readonly isExpected: boolean;
}

type Child = ChildProcessByStdio<null, Readable, Readable>;

interface Run {
  readonly child: Child;
  readonly exited: Promise<ServerExit>;
  isTold: boolean;
  exit: ServerExit | undefined;
}

const DEFAULT_READY_TIMEOUT_MS = 30_000;
const DEFAULT_STOP_TIMEOUT_MS = 10_000;
const DEFAULT_MAX_OUTPUT_CHARS = 64 * 1024;

/**
 * A server that runs as a program of its own, so that it can be restarted and killed. It and what it starts end with this process, even if that
 * is killed: each run is a group of processes that a shell of the system watches over (not on Windows).
 *
 * @example
 * const server = await ServerProcess.start({ args: ["server.js"], env: { PORT: "0" }, ready: /listening on (\d+)/ });
 * const proxy = await ChaosProxy.start(server.port);
 * await server.restart("SIGKILL");
 * proxy.retarget(server.port);
 * await server.stop();
 */
export class ServerProcess {
  readonly #program: ServerProgram;
  readonly #options: ServerProcessOptions;
  readonly #clock: Clock;
  readonly #maxChars: number;
  readonly #output: OutputTail;
  #run: Run | undefined;
  #port = 0;
  #onReady: ((port: number) => void) | undefined;

  private constructor(program: ServerProgram, options: ServerProcessOptions) {
    this.#program = program;
    this.#options = options;
    this.#clock = options.clock ?? machineClock;
    this.#maxChars = options.maxOutputChars ?? DEFAULT_MAX_OUTPUT_CHARS;
    this.#output = new OutputTail(this.#maxChars);
  }

  /**
   * Starts a program and waits until it is ready. Rejects if it ends before that, is not ready in time or can't be started; the message has the last of
   * its output, and nothing is left running.
   */
  static async start(program: ServerProgram, options: ServerProcessOptions = {}): Promise<ServerProcess> {
    const server = new ServerProcess(program, options);
    await server.#start();
    return server;
  }

  /** What the program said when it was ready. After a restart it may be another one. */
  get port(): number {
    return this.#port;
  }

  /** The id of the process; undefined if none is running. */
  get pid(): number | undefined {
    return this.isRunning ? this.#run?.child.pid : undefined;
  }

  get isRunning(): boolean {
    return this.#run !== undefined && this.#run.exit === undefined;
  }

  /** The last of what it printed on both outputs, of all runs. */
  get output(): string {
    return this.#output.text;
  }

  /** How the run ends, or the last one has ended. */
  get exited(): Promise<ServerExit> {
    if (this.#run === undefined) throw new Error("The server was never started.");
    return this.#run.exited;
  }

  /**
   * Ends it by a signal and waits for the end; what takes longer than `stopTimeoutMs` is killed. What it has started and left behind is killed then.
   * Does nothing if it has ended.
   */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<ServerExit | undefined> {
    const run = this.#run;
    if (run === undefined) return undefined;
    if (run.exit === undefined) {
      run.isTold = true;
      run.child.kill(signal);
    }
    const { stopTimeoutMs = DEFAULT_STOP_TIMEOUT_MS } = this.#options;
    const timer = this.#clock.setTimeout(() => run.child.kill("SIGKILL"), stopTimeoutMs);
    const exit = await run.exited;
    timer.cancel();
    return exit;
  }

  /** Ends it at once (`kill -9`): it can do nothing about it. */
  kill(): Promise<ServerExit | undefined> {
    return this.stop("SIGKILL");
  }

  /** Ends it by a signal, if it runs, and starts it again. Rejects as {@link start} does. */
  async restart(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    await this.stop(signal);
    await this.#start();
  }

  async #start(): Promise<void> {
    const { command = process.execPath, args, env, cwd } = this.#program;
    const child = spawn(command, args, {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...env },
      // A group of its own: what it starts can be ended with it, and Ctrl-C is ours to handle.
      detached: true,
      ...(cwd === undefined ? {} : { cwd }),
    });
    const ready = new Promise<number>((resolve) => (this.#onReady = resolve));
    const run = this.#watch(child);
    await once(child, "spawn");
    const { readyTimeoutMs = DEFAULT_READY_TIMEOUT_MS } = this.#options;
    let timer: Timer | undefined;
    const timeout = new Promise<"timeout">((resolve) => {
      timer = this.#clock.setTimeout(() => resolve("timeout"), readyTimeoutMs);
    });
    const first = await Promise.race([ready, run.exited, timeout]);
    timer?.cancel();
    this.#onReady = undefined;
    if (typeof first === "number") {
      this.#port = first;
      return;
    }
    await this.kill();
    const what =
      first === "timeout"
        ? `was not ready within ${readyTimeoutMs} ms`
        : `ended with ${first.signal ?? `code ${first.code}`} before it was ready`;
    throw new Error(`The server ${[command, ...args].join(" ")} ${what}. It printed:\n${this.output}`);
  }

  #watch(child: Child): Run {
    const callOff = child.pid === undefined ? undefined : guardOrphans(child.pid);
    for (const stream of [child.stdout, child.stderr]) {
      const lines = new LineCutter(this.#maxChars, (line) => this.#receiveLine(line));
      stream.setEncoding("utf8").on("data", (text: string) => {
        this.#output.take(text);
        lines.take(text);
      });
      stream.once("end", () => lines.end());
    }
    const exited = new Promise<ServerExit>((resolve) => {
      // What it has left behind may hold its outputs: they close only when that has ended.
      child.once("exit", () => endGroup(child.pid));
      child.once("close", (code, signal) => {
        callOff?.();
        run.exit = { code, signal, isExpected: run.isTold };
        resolve(run.exit);
        this.#options.onExit?.(run.exit);
      });
    });
    const run: Run = { child, exited, isTold: false, exit: undefined };
    this.#run = run;
    return run;
  }

  #receiveLine(line: string): void {
    this.#options.onLine?.(line);
    if (this.#onReady === undefined) return;
    const match = this.#program.ready.exec(line);
    const port = Number(match?.groups?.["port"] ?? match?.[1]);
    if (match !== null && port > 0) this.#onReady(port);
  }
}

function endGroup(group: number | undefined): void {
  try {
    if (group !== undefined) process.kill(-group, "SIGKILL");
  } catch {
    // There is nobody left.
  }
}
