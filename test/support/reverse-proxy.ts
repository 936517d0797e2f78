import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { canInstall, findProgram, installWithApt } from "../../scripts/lib/apt.mjs";
import { freePort } from "./listen.ts";

/** A reverse proxy that people run, with the configuration that our guide gives them. */
export interface ReverseProxyKind {
  readonly name: "nginx" | "haproxy";
  /** The distribution's package. */
  readonly package: string;
  readonly configuration: string;
  args(folder: string, file: string): string[];
}

export const REVERSE_PROXIES: readonly ReverseProxyKind[] = [
  {
    name: "nginx",
    package: "nginx-light",
    configuration: "nginx.conf",
    args: (folder, file) => [
      "-p",
      folder,
      "-c",
      file,
      "-e",
      "stderr",
      "-g",
      `daemon off; pid ${folder}/pid;`,
    ],
  },
  {
    name: "haproxy",
    package: "haproxy",
    configuration: "haproxy.cfg",
    args: (_folder, file) => ["-f", file],
  },
];

const START_TIMEOUT_MS = 10_000;

/** Where its program is; it is installed if it may be. Undefined if it is not there and can't be. */
export async function findReverseProxy(kind: ReverseProxyKind): Promise<string | undefined> {
  const found = findProgram(kind.name);
  if (found !== undefined || !canInstall()) return found;
  await installWithApt([kind.package]);
  return findProgram(kind.name);
}

/** A running reverse proxy in front of a port of this machine. */
export class ReverseProxy {
  readonly port: number;
  readonly #process: ChildProcess;
  readonly #folder: string;

  private constructor(port: number, process: ChildProcess, folder: string) {
    this.port = port;
    this.#process = process;
    this.#folder = folder;
  }

  static async start(kind: ReverseProxyKind, program: string, targetPort: number): Promise<ReverseProxy> {
    const folder = await mkdtemp(join(tmpdir(), `${kind.name}-`));
    const port = await freePort();
    const guide = new URL(`../../docs/guide/proxies/${kind.configuration}`, import.meta.url);
    const configuration = (await readFile(guide, "utf8"))
      .replace("127.0.0.1:3000", `127.0.0.1:${targetPort}`)
      .replace(/(listen |bind \*:)8080/, (_all, word: string) =>
        word === "listen " ? `listen 127.0.0.1:${port}` : `bind 127.0.0.1:${port}`,
      );
    const file = join(folder, kind.configuration);
    await writeFile(file, configuration);
    const child = spawn(program, kind.args(folder, file), { stdio: ["ignore", "ignore", "pipe"] });
    let errors = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
    const proxy = new ReverseProxy(port, child, folder);
    try {
      await listens(port, child);
    } catch (error) {
      await proxy.stop();
      throw new Error(`${kind.name} did not start: ${errors}`, { cause: error });
    }
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      const gone = once(this.#process, "close");
      this.#process.kill("SIGTERM");
      await gone;
    }
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** A program of somebody else's does not tell when it listens. */
async function listens(port: number, child: ChildProcess): Promise<void> {
  const end = performance.now() + START_TIMEOUT_MS;
  while (performance.now() < end) {
    if (child.exitCode !== null) throw new Error(`It ended with ${child.exitCode}.`);
    if (await accepts(port)) return;
    await wait(20);
  }
  throw new Error(`It did not listen within ${START_TIMEOUT_MS} ms.`);
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const stream = connect(port, "127.0.0.1");
    stream.once("connect", () => {
      stream.destroy();
      resolve(true);
    });
    stream.once("error", () => resolve(false));
  });
}
