import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import type { Clock } from "switchboard";
import { ChaosLine } from "./chaos-line.ts";
import { checkConditions, type CutKind, type LineConditions } from "./line-conditions.ts";
import type { FlowContext } from "./line-flow.ts";
import { machineClock } from "./machine-clock.ts";
import type { Chance } from "./seeded-random.ts";

/** What a {@link ChaosProxy} may be told. */
export interface ChaosProxyOptions {
  /** Times delays and rates. Default: the machine's. */
  readonly clock?: Clock;
  /** Where jitter comes from. Default: `Math.random`. */
  readonly random?: Chance;
  /**
   * How much a line holds in one direction, in bytes: because of a delay, a rate, a black hole or a reader that does not read. Beyond it
   * the sender is not read until there is room. Default 1 MiB.
   */
  readonly maxHeldBytes?: number;
  /** How many lines there may be; further ones are reset. Default 10,000. */
  readonly maxLines?: number;
  /** Told of each new line, before anything passes: its conditions may be set here. */
  readonly onLine?: (line: ChaosLine) => void;
}

const DEFAULT_MAX_HELD_BYTES = 1024 * 1024;
const DEFAULT_MAX_LINES = 10_000;

/**
 * A bad network in front of a server on this machine: a TCP proxy on a port of the loopback address whose lines can be cut, blocked, slowed
 * down and refused while they are in use. It knows nothing of what passes, so it serves WebSocket, HTTP and anything else over TCP.
 *
 * @example
 * const proxy = await ChaosProxy.start(3000);
 * const socket = io(proxy.url);
 * proxy.shape({ delayMs: 50, jitterMs: 20 }); // all lines, also those to come
 * proxy.cut(); // every line is reset; clients may come back
 * await proxy.close();
 */
export class ChaosProxy {
  /** How many lines came, and of them how many were refused. */
  readonly counts: { lines: number; refused: number } = { lines: 0, refused: 0 };
  /** Whether new lines are reset as soon as they come. */
  isRefusing = false;
  readonly #lines = new Set<ChaosLine>();
  readonly #context: FlowContext;
  readonly #maxLines: number;
  readonly #onLine: ((line: ChaosLine) => void) | undefined;
  readonly #server: Server;
  #targetPort: number;
  #conditions: LineConditions = {};
  #closed: Promise<void> | undefined;
  #onEmpty: (() => void) | undefined;

  private constructor(targetPort: number, options: ChaosProxyOptions) {
    const { maxHeldBytes = DEFAULT_MAX_HELD_BYTES, maxLines = DEFAULT_MAX_LINES } = options;
    const { clock = machineClock, random = { fraction: Math.random } } = options;
    if (!(maxHeldBytes >= 1)) throw new RangeError(`"maxHeldBytes" must be 1 or more, not ${maxHeldBytes}.`);
    if (!(maxLines >= 1)) throw new RangeError(`"maxLines" must be 1 or more, not ${maxLines}.`);
    this.#targetPort = targetPort;
    this.#context = { clock, random, maxHeldBytes };
    this.#maxLines = maxLines;
    this.#onLine = options.onLine;
    const rules = { allowHalfOpen: true, pauseOnConnect: true, noDelay: true };
    this.#server = createServer(rules, (client) => this.#accept(client));
  }

  /** Starts one in front of a port of 127.0.0.1. Throws a `RangeError` for limits below 1. */
  static async start(targetPort: number, options: ChaosProxyOptions = {}): Promise<ChaosProxy> {
    const proxy = new ChaosProxy(targetPort, options);
    await new Promise<void>((resolve, reject) => {
      proxy.#server.once("error", reject);
      // All may come at once, and who finds no place here asks again only after seconds.
      proxy.#server.listen({ port: 0, host: "127.0.0.1", backlog: proxy.#maxLines }, resolve);
    });
    return proxy;
  }

  /** Where clients connect to, on 127.0.0.1. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** The same as an address of HTTP. */
  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** The lines that are open, the oldest first. */
  get lines(): readonly ChaosLine[] {
    return [...this.#lines];
  }

  /** Sets what the network does to all lines, also to those to come. `{}` is a good network. See {@link ChaosLine.shape}. */
  shape(conditions: LineConditions): void {
    checkConditions(conditions);
    this.#conditions = conditions;
    for (const line of this.#lines) line.shape(conditions);
  }

  /** Cuts all lines. New ones may come at once, unless {@link isRefusing} is set. */
  cut(kind: CutKind = "reset"): void {
    for (const line of this.#lines) line.cut(kind);
  }

  /** New lines go to another port, as after a restart; lines that are open stay where they are. */
  retarget(targetPort: number): void {
    this.#targetPort = targetPort;
  }

  /** Cuts everything and gives the port back. Resolves when no stream is left; calling it again waits for the same. */
  close(): Promise<void> {
    this.#closed ??= new Promise((resolve) => {
      let waits = 2;
      const done = (): void => {
        waits -= 1;
        if (waits === 0) resolve();
      };
      this.#server.close(done);
      this.#onEmpty = done;
      this.cut();
      if (this.#lines.size === 0) this.#empty();
    });
    return this.#closed;
  }

  #accept(client: Socket): void {
    this.counts.lines += 1;
    if (this.isRefusing || this.#closed !== undefined || this.#lines.size >= this.#maxLines) {
      this.counts.refused += 1;
      client.on("error", () => {});
      client.resetAndDestroy();
      return;
    }
    const line = new ChaosLine(
      this.counts.lines,
      client,
      () => this.#targetPort,
      this.#context,
      (line) => {
        this.#lines.delete(line);
        if (this.#lines.size === 0) this.#empty();
      },
    );
    this.#lines.add(line);
    line.shape(this.#conditions);
    this.#onLine?.(line);
    line.start();
  }

  #empty(): void {
    this.#onEmpty?.();
    this.#onEmpty = undefined;
  }
}
