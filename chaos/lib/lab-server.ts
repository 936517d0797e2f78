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
import { TYPESCRIPT } from "../../scripts/lib/typescript.mjs";
import { serverOf } from "../servers.ts";
import type { Board } from "./board.ts";
import { type ServeArguments, writeArguments } from "./serve-arguments.ts";

/** How long a server may take to begin, in milliseconds, beside what it waits for the one whose place it takes. */
const START_MS = 30_000;
/** How long a server may take to end when it is told to, in milliseconds, beside the time over which it is emptied. */
const STOP_MS = 20_000;

/** Told of what a replacement comes to, and waited for. */
export interface ReplaceSink {
  /** The old one is about to be told to end. */
  onLeaving(): Promise<unknown>;
  /** The new one listens; with two at a time, the old one does so still. */
  onReady(port: number): Promise<unknown>;
}

/** How one server took the place of another. */
export interface Handover {
  /** How long the old one took to end, from when it was told to, in milliseconds. */
  readonly endMs: number;
  /** For how long there was none then, in milliseconds. */
  readonly downMs: number;
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
  /** The one that takes its place. */
  #coming: Promise<ServerProcess> | undefined;
  #onLoaded: (() => void) | undefined;
  /** The folder that each of its processes has, one after the other. */
  #folder: string | undefined;
  /** And the port, if it is always the same. */
  #lastingPort: number | undefined;

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

  /** Whether only one of its processes can be there at a time. */
  get isAlone(): boolean {
    const { kind, drain } = this.#program;
    return drain !== undefined || serverOf(kind).keepsFolder === true;
  }

  /** How often a socket came while another with its id was still there. */
  get twice(): number {
    return this.#twice;
  }

  /** Starts it, on any port; or on that one, as all that take its place. */
  async start(port?: number): Promise<void> {
    this.#lastingPort = port;
    this.#process = await this.#launch();
  }

  /** Ends it by a signal, and starts it again after a while. */
  async restart(signal: "SIGTERM" | "SIGKILL", forMs: number): Promise<void> {
    await this.#process?.stop(signal);
    await new Promise((resolve) => void setTimeout(resolve, forMs));
    await this.#process?.restart();
  }

  /**
   * Another one takes its place, and the old one is told to end by that signal. Where there may be two at a time, as behind a load balancer, the next one listens before the old
   * one goes. But one that needs the folder, or comes after one that is emptied, is on the same port, as on one machine: it is started before, and waits for its place. Two at a time that share
   * nothing would split the rooms.
   */
  async replace(signal: "SIGTERM" | "SIGKILL", sink: ReplaceSink): Promise<Handover> {
    this.#leaving = this.#process;
    const loaded = new Promise<void>((resolve) => (this.#onLoaded = resolve));
    this.#coming = this.#launch();
    await Promise.race([this.isAlone ? loaded : this.#coming, this.#coming]);
    await sink.onLeaving();
    const startMs = performance.now();
    if (!this.isAlone) await sink.onReady((await this.#coming).port);
    const [goneMs, readyMs] = await Promise.all([
      this.#leaving?.stop(signal).then(() => performance.now()) ?? startMs,
      this.#coming.then(() => performance.now()),
    ]);
    this.#process = await this.#coming;
    if (this.isAlone) await sink.onReady(this.port);
    return { endMs: goneMs - startMs, downMs: this.isAlone ? readyMs - goneMs : 0 };
  }

  /** On what came from clients. */
  verdict(): DeliveryVerdict {
    return this.#checker.verdict();
  }

  async close(): Promise<void> {
    await Promise.all([this.#process?.kill(), this.#leaving?.kill()]);
    // It has its place now, and can be told.
    await this.#coming?.then(
      (coming) => coming.kill(),
      () => {},
    );
    if (this.#folder !== undefined) await rm(this.#folder, { recursive: true, force: true });
  }

  async #launch(): Promise<ServerProcess> {
    this.#folder ??= await mkdtemp(join(tmpdir(), "switchboard-chaos-"));
    const args = writeArguments({ ...this.#program, folder: this.#folder, port: this.#lastingPort });
    const file = fileURLToPath(new URL("serve.ts", import.meta.url));
    const plant = new URL("plant.ts", import.meta.url).href;
    const stopTimeoutMs = STOP_MS + (this.#program.drain?.overMs ?? 0);
    return ServerProcess.start(
      {
        args: [...TYPESCRIPT, "--import", plant, file, ...args],
        cwd: fileURLToPath(new URL("../..", import.meta.url)),
        ready: /^ready (\d+)$/,
      },
      {
        onLine: (line) => this.#receive(line),
        readyTimeoutMs: START_MS + stopTimeoutMs,
        stopTimeoutMs,
      },
    );
  }

  #receive(line: string): void {
    if (line === "loaded") return this.#onLoaded?.();
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
