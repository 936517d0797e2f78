import { parseArgs } from "node:util";
import type { DrainOptions } from "switchboard";

/** What the server's program is told. */
export interface ServeArguments {
  readonly kind: string;
  /** For one that keeps a folder. */
  readonly folder: string;
  /** Where it listens. Undefined: on any port that is free. */
  readonly port?: number | undefined;
  /** The bug that it is to have. */
  readonly bug?: string | undefined;
  /** How it is emptied when it is told to end. Undefined: it is closed at once. */
  readonly drain?: DrainOptions | undefined;
}

/** As a command line. */
export function writeArguments({ kind, folder, port, bug, drain }: ServeArguments): string[] {
  const options = [];
  if (port !== undefined) options.push(`--port=${port}`);
  if (bug !== undefined) options.push(`--bug=${bug}`);
  if (drain !== undefined) options.push(`--drain=${JSON.stringify(drain)}`);
  return [...options, kind, folder];
}

/** From the command line of this process. */
export function readArguments(): ServeArguments {
  const { values, positionals } = read();
  const [kind = "", folder = ""] = positionals;
  const drain = values.drain === undefined ? undefined : (JSON.parse(values.drain) as DrainOptions);
  const port = values.port === undefined ? undefined : Number(values.port);
  return { kind, folder, port, bug: values.bug, drain };
}

/** The same for another program that may have a bug: what is behind its options. */
export function readPositionals(): string[] {
  return read().positionals;
}

function read() {
  return parseArgs({
    allowPositionals: true,
    options: { port: { type: "string" }, bug: { type: "string" }, drain: { type: "string" } },
  });
}
