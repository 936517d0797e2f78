import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { kill, pid } from "node:process";
import { StoreError } from "../store-error.ts";

/** Whoever has made the file has this time to write into it, in milliseconds. */
const WRITING_MS = 2000;
const MAX_TRIES = 5;

/** Who has a folder. */
interface Holder {
  readonly pid: number;
  /** When the process began, where that can be known: a process that has ended may have a successor with the same number, as in a container. */
  readonly began: string;
}

/**
 * Takes a folder for this process, by a file in it that only one can make. If its maker is no more, the file is taken away. Returns what lets go of it.
 * Throws a `StoreError` with `STORE_IN_USE`.
 */
export function lockFolder(file: string): () => void {
  const mine: Holder = { pid, began: beginningOf(pid) };
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    try {
      writeFileSync(file, JSON.stringify(mine), { flag: "wx" });
      return () => rmSync(file, { force: true });
    } catch (error) {
      if ((error as { code?: string }).code !== "EEXIST") throw error;
    }
    const found = readIfThere(file);
    if (found === undefined) continue;
    if (isHeld(file, found)) break;
    // Another one may have taken it away just now, and made its own.
    const aside = `${file}.${pid}`;
    if (!renameIfThere(file, aside)) continue;
    if (readFileSync(aside, "utf8") === found) rmSync(aside, { force: true });
    else renameSync(aside, file);
  }
  throw new StoreError("STORE_IN_USE", `Another process, or another store, has "${file}".`);
}

function isHeld(file: string, text: string): boolean {
  const holder = parse(text);
  if (holder === undefined) return Date.now() - statSync(file).mtimeMs < WRITING_MS;
  return isAlive(holder.pid) && holder.began === beginningOf(holder.pid);
}

function parse(text: string): Holder | undefined {
  try {
    const { pid: number, began } = JSON.parse(text) as Partial<Holder>;
    return typeof number === "number" && typeof began === "string" ? { pid: number, began } : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(number: number): boolean {
  try {
    return kill(number, 0);
  } catch (error) {
    // Not ours, but there.
    return (error as { code?: string }).code === "EPERM";
  }
}

/** On Linux, in ticks since the machine was started; elsewhere nothing. */
function beginningOf(number: number): string {
  const text = readIfThere(`/proc/${number}/stat`) ?? "";
  // The name of the program, in brackets, may have anything in it.
  return text.slice(text.lastIndexOf(")") + 2).split(" ")[19] ?? "";
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

function renameIfThere(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch {
    return false;
  }
}
