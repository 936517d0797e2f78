import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const PROGRAM = fileURLToPath(new URL("../../../apps/chat/dist/server.js", import.meta.url));
const HOST = "127.0.0.1";

/** The chat as users start it: a process of its own. */
export class ChatProcess {
  readonly port: number;
  readonly #child: ChildProcess;
  readonly #exit: Promise<Exit>;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
    this.#exit = exitOf(child);
  }

  /** Starts the chat and waits until it has printed its address. */
  static async start(port: number): Promise<ChatProcess> {
    const child = spawn(process.execPath, [PROGRAM], { env: environment({ PORT: String(port) }) });
    const chat = new ChatProcess(child, port);
    const lines = createInterface({ input: child.stdout });
    const first = await Promise.race([once(lines, "line"), chat.#exit]);
    if (!Array.isArray(first)) throw new Error(`The chat did not start: ${first.stderr}`);
    if (!String(first[0]).includes(chat.url)) throw new Error(`The chat printed "${first[0]}".`);
    return chat;
  }

  get url(): string {
    return `http://${HOST}:${this.port}`;
  }

  /** Sends a signal and waits for the end of the process; it may have ended before. */
  async stop(signal: NodeJS.Signals = "SIGKILL"): Promise<Exit> {
    this.#child.kill(signal);
    return this.#exit;
  }
}

export interface Exit {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the chat with an environment in which it ends by itself. */
export function runChat(variables: Record<string, string>): Promise<Exit> {
  return exitOf(spawn(process.execPath, [PROGRAM], { env: environment(variables) }));
}

async function exitOf(child: ChildProcess): Promise<Exit> {
  let stdout = "";
  let stderr = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  await once(child, "close");
  return { code: child.exitCode, stdout, stderr };
}

function environment(variables: Record<string, string>): NodeJS.ProcessEnv {
  return { ...process.env, HOST, ...variables };
}
