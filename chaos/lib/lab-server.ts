import { fileURLToPath } from "node:url";
import {
  DeliveryChecker,
  type DeliveryReader,
  type DeliveryVerdict,
  ServerProcess,
} from "switchboard/testing";
import type { Board } from "./board.ts";

/** The server of a scene: a program that can be restarted and replaced, and a checker of what it takes from clients. */
export class LabServer {
  readonly #args: readonly string[];
  readonly #board: Board;
  readonly #checker = new DeliveryChecker();
  readonly #reader: DeliveryReader;
  #process: ServerProcess | undefined;
  #twice = 0;
  /** Those that are being replaced. */
  readonly #leaving = new Set<ServerProcess>();

  /** @param args what `serve.ts` is told */
  constructor(args: readonly string[], board: Board) {
    this.#args = args;
    this.#board = board;
    this.#reader = this.#checker.reader("the server");
    for (let client = 0; client < board.clients; client += 1) {
      const source = { sent: () => board.said(client) };
      this.#reader.join(this.#checker.stream(`${client} to the server`, source), 1);
    }
  }

  get port(): number {
    return this.#process?.port ?? 0;
  }

  /** How often a socket came while another with its id was still there. */
  get twice(): number {
    return this.#twice;
  }

  async start(): Promise<void> {
    const file = fileURLToPath(new URL("serve.ts", import.meta.url));
    const plant = new URL("plant.ts", import.meta.url).href;
    this.#process = await ServerProcess.start(
      {
        args: ["--import", "tsx", "--import", plant, file, ...this.#args],
        cwd: fileURLToPath(new URL("../..", import.meta.url)),
        ready: /^ready (\d+)$/,
      },
      { onLine: (line) => this.#receive(line) },
    );
  }

  /** Ends it by a signal, and starts it again after a while. */
  async restart(signal: "SIGTERM" | "SIGKILL", forMs: number): Promise<void> {
    await this.#process?.stop(signal);
    await new Promise((resolve) => void setTimeout(resolve, forMs));
    await this.#process?.restart();
  }

  /** Starts another one; the old one goes on until {@link retire}. */
  async replace(): Promise<void> {
    const old = this.#process;
    if (old !== undefined) this.#leaving.add(old);
    await this.start();
  }

  /** Ends those that are replaced. */
  async retire(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    await Promise.all([...this.#leaving].map((old) => old.stop(signal)));
    this.#leaving.clear();
  }

  /** On what came from clients. */
  verdict(): DeliveryVerdict {
    return this.#checker.verdict();
  }

  async close(): Promise<void> {
    await Promise.all([this.#process?.kill(), ...[...this.#leaving].map((old) => old.kill())]);
  }

  #receive(line: string): void {
    if (line.startsWith("twice ")) {
      this.#twice += 1;
      return;
    }
    const [, clientText, numberText] = /^say (\d+) (\d+)$/.exec(line) ?? [];
    if (clientText === undefined) {
      if (!line.startsWith("ready ")) console.error(`the server: ${line}`);
      return;
    }
    const [client, number] = [Number(clientText), Number(numberText)];
    this.#board.take(client, number);
    this.#reader.receive(this.#checker.stream(`${client} to the server`), number);
  }
}
