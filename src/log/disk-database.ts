import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { ClassicLevel } from "classic-level";
import { systemClock } from "../shared/clock.ts";
import { LogError } from "./errors.ts";

/** The storage engine: LevelDB. Keys are text, values bytes. */
export type Database = ClassicLevel<string, Buffer>;

type Engine = typeof ClassicLevel;

/** How often it is looked whether a folder is free, in milliseconds. */
const LOOK_MS = 50;

/** Opens the database in `folder`, or makes it; waits up to `waitMs` for one that another process has. One that can't be read is repaired as far as it can be, or else set aside, as `damaged`. */
export async function openDatabase(folder: string, waitMs = 0): Promise<Database> {
  const Engine = await loadEngine();
  const path = join(folder, "database");
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return await attemptWhenFree(Engine, path, waitMs);
  } catch (error) {
    if (codeOf(error) === "LEVEL_LOCKED") {
      throw new LogError(
        "LOG_IN_USE",
        `"${folder}" is open already, here or in another process: a log on disk is for one.`,
        { cause: error },
      );
    }
    if (codeOf(error) !== "LEVEL_CORRUPTION") throw openFailed(folder, error);
  }
  try {
    return await repair(Engine, folder, path);
  } catch (error) {
    throw openFailed(folder, error);
  }
}

/** Only here: whoever has no log on disk need not have it. */
async function loadEngine(): Promise<Engine> {
  try {
    return (await import("classic-level")).ClassicLevel;
  } catch (error) {
    const isMissing = (error as { code?: unknown }).code === "ERR_MODULE_NOT_FOUND";
    const reason = isMissing ? "" : ` It can't be loaded: ${sentenceOf(error)}`;
    throw new LogError(
      "LOG_ENGINE_MISSING",
      `A log on disk needs the package "classic-level": npm install classic-level@3.${reason}`,
      { cause: error },
    );
  }
}

async function attempt(Engine: Engine, path: string): Promise<Database> {
  const database: Database = new Engine(path, { keyEncoding: "utf8", valueEncoding: "buffer" });
  await database.open();
  return database;
}

async function attemptWhenFree(Engine: Engine, path: string, waitMs: number): Promise<Database> {
  const endMs = systemClock.now() + waitMs;
  for (;;) {
    try {
      return await attempt(Engine, path);
    } catch (error) {
      const restMs = endMs - systemClock.now();
      if (codeOf(error) !== "LEVEL_LOCKED" || restMs <= 0) throw error;
      await new Promise<void>((resolve) => systemClock.setTimeout(resolve, Math.min(LOOK_MS, restMs)));
    }
  }
}

async function repair(Engine: Engine, folder: string, path: string): Promise<Database> {
  try {
    await Engine.repair(path);
    return await attempt(Engine, path);
  } catch {
    const aside = join(folder, "damaged");
    await rm(aside, { recursive: true, force: true });
    await rename(path, aside);
    return attempt(Engine, path);
  }
}

function openFailed(folder: string, cause: unknown): LogError {
  return new LogError("LOG_OPEN_FAILED", `The log in "${folder}" can't be opened: ${sentenceOf(cause)}`, {
    cause,
  });
}

/** What the engine says, behind what its wrapper says. */
function sentenceOf(error: unknown): string {
  const { cause, message } = error as Error;
  return cause instanceof Error ? cause.message : message;
}

function codeOf(error: unknown): unknown {
  const { code, cause } = error as { code?: unknown; cause?: unknown };
  return cause === undefined ? code : codeOf(cause);
}
