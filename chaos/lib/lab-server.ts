import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  DeliveryChecker,
  type DeliveryReader,
  type DeliverySource,
  type DeliveryVerdict,
  ServerProcess,
} from "switchboard/testing";
import { serverOf } from "../servers.ts";
import type { Board } from "./board.ts";
import { type ServeArguments, writeArguments } from "./serve-arguments.ts";

/** How long a server may take to end when it is told to, in milliseconds, beside the time over which it is emptied. */
const STOP_MS = 20_000;

/** Told of what a replacement comes to, and waited for. */
export interface ReplaceSink {
  /** The old one is about to be told to end. */
  onLeaving(): Promise<unknown>;
  /** The new one listens. */
  onReady(port: number): Promise<unknown>;
}

/** The server of a scene: a program that can be restarted and replaced, and a checker of what it takes from clients. */
export class LabServer {
  readonly #program: Omit<ServeArguments, "folder">;
  readonly #board: Board;
  readonly #checker = new DeliveryChecker();
  readonly #reader: DeliveryReader;
  #process: ServerProcess | undefined;
  #twice = 0;
  /** The one that is being replaced. */
  #leaving: ServerProcess | undefined;
  /** The folder that each of its processes has, one after the other. */
  #folder: string | undefined;

  /** @param sourceOf what a client has sent; by default what it has said */
  constructor(
    program: Omit<ServeArguments, "folder">,
    board: Board,
    sourceOf: (client: number) => DeliverySource = (client) => ({ sent: () => board.said(client) }),
  ) {
    this.#program = program;
    this.#board = board;
    this.#reader = this.#checker.reader("the server");
    for (let client = 0; client < board.clients; client += 1) {
      this.#reader.join(this.#checker.stream(`${client} to the server`, sourceOf(client)), 1);
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
    const args = writeArguments({ ...this.#program, folder: this.#folder });
    const file = fileURLToPath(new URL("serve.ts", import.meta.url));
    const typescript = new URL("../../scripts/lib/typescript.mjs", import.meta.url).href;
    const plant = new URL("plant.ts", import.meta.url).href;
    this.#process = await ServerProcess.start(
      {
        args: ["--import", typescript, "--import", plant, file, ...args],
        cwd: fileURLToPath(new URL("../..", import.meta.url)),
        ready: /^ready (\d+)$/,
      },
      {
        onLine: (line) => this.#receive(line),
        stopTimeoutMs: STOP_MS + (this.#program.drain?.overMs ?? 0),
      },
    );
  }

  /** Ends it by a signal, and starts it again after a while. */
  async restart(signal: "SIGTERM" | "SIGKILL", forMs: number): Promise<void> {
    await this.#process?.stop(signal);
    await new Promise((resolve) => void setTimeout(resolve, forMs));
    await this.#process?.restart();
  }

  /**
   * Another one takes its place, and the old one is told to end by that signal. It listens before the old one goes, as where there is a load balancer; but one that
   * needs the folder, or comes after one that is emptied, listens when that has gone, as on one machine: two at a time that share nothing would split the rooms.
   * Returns for how long there was none, in milliseconds.
   */
  async replace(signal: "SIGTERM" | "SIGKILL", sink: ReplaceSink): Promise<number> {
    this.#leaving = this.#process;
    const { kind, drain } = this.#program;
    if (drain !== undefined || serverOf(kind).keepsFolder === true) {
      await sink.onLeaving();
      await this.#leaving?.stop(signal);
      const goneMs = performance.now();
      await this.start();
      const downMs = performance.now() - goneMs;
      await sink.onReady(this.port);
      return downMs;
    }
    await this.start();
    await sink.onLeaving();
    await sink.onReady(this.port);
    await this.#leaving?.stop(signal);
    return 0;
  }

  /** On what came from clients. */
  verdict(): DeliveryVerdict {
    return this.#checker.verdict();
  }

  async close(): Promise<void> {
    await Promise.all([this.#process?.kill(), this.#leaving?.kill()]);
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
