import { spawn, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** A program in another language ends by itself long before. */
const TIMEOUT_MS = 120_000;

/** Prints a line of the table. */
export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** The path of a file in this folder. */
export function beside(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

/** Whether a program runs and ends well. */
export function succeeds(command: string, args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: "ignore" }).status === 0;
}

/** Runs a program to its end and returns what it printed; rejects with that if it fails. */
export function runToEnd(command: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], timeout: TIMEOUT_MS });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => (output += text));
    }
    child.once("error", reject);
    child.once("close", (code, signal) => {
      if (code === 0) resolve(output);
      else reject(new Error(`It ended with ${signal ?? code}: ${output.trim()}`));
    });
  });
}

/** A server in another language: it says its port in a line of its own. */
export async function withServer(
  command: string,
  args: readonly string[],
  work: (port: number) => Promise<void>,
): Promise<void> {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], timeout: TIMEOUT_MS });
  const ended = new Promise<void>((resolve) => void child.once("close", () => resolve()));
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
  const port = new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.stdout.setEncoding("utf8").once("data", (text: string) => resolve(Number.parseInt(text, 10)));
    void ended.then(() => reject(new Error(`The server ended: ${errors}`)));
  });
  try {
    await work(await port);
  } finally {
    child.kill();
    await ended;
  }
}
