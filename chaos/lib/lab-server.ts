import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  DeliveryChecker,
  type DeliveryReader,
  type DeliveryVerdict,
  ServerProcess,
} from "switchboard/testing";
import { serverOf } from "../servers.ts";
import type { Board } from "./board.ts";

/** The server of a scene: a program that can be restarted and replaced, and a checker of what it takes from clients. */
export class LabServer {
  readonly #kind: string;
  readonly #bug: string | undefined;
  readonly #board: Board;
  readonly #checker = new DeliveryChecker();
  readonly #reader: DeliveryReader;
  #process: ServerProcess | undefined;
  #twice = 0;
  /** Those that are being replaced. */
  readonly #leaving = new Set<ServerProcess>();

  /** The folder that each of its processes has, one after the other. */
  #folder: string | undefined;

  constructor(kind: string, bug: string | undefined, board: Board) {
    this.#kind = kind;
    this.#bug = bug;
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
    this.#folder ??= await mkdtemp(join(tmpdir(), "switchboard-chaos-"));
    const args = [this.#kind, this.#folder, ...(this.#bug === undefined ? [] : [this.#bug])];
    const file = fileURLToPath(new URL("serve.ts", import.meta.url));
    const typescript = new URL("../../scripts/lib/typescript.mjs", import.meta.url).href;
    const plant = new URL("plant.ts", import.meta.url).href;
    this.#process = await ServerProcess.start(
      {
        args: ["--import", typescript, "--import", plant, file, ...args],
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

  /** Starts another one; the old one goes on until {@link retire}. One that keeps a folder is ended first, by that signal. */
  async replace(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    const old = this.#process;
    if (old !== undefined) this.#leaving.add(old);
    if (serverOf(this.#kind).keepsFolder === true) await this.retire(signal);
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
    if (this.#folder !== undefined) await rm(this.#folder, { recursive: true, force: true });
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
