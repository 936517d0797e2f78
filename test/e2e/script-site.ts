import { readFile } from "node:fs/promises";
import { createServer, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { startServer } from "../support/fixture.ts";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** A page with the client as a plain script, and nothing else that was bundled with it. `globals` is what the script added. */
const PAGE = `<!doctype html><meta charset="utf-8"><title>Plain script</title>
<link rel="icon" href="data:,">
<script>globalThis.globals = []; globals.push(...Object.getOwnPropertyNames(globalThis));</script>
<script src="/client.min.js"></script>
<script>globals = Object.getOwnPropertyNames(globalThis).filter((name) => !globals.includes(name));</script>
<script src="/talk.js"></script>`;

/** A site that serves the script and has a server behind it. */
export interface Site {
  readonly url: string;
  readonly port: number;
  /** Ends as if its process had been killed: every connection is cut, and nothing is remembered. */
  kill(): Promise<void>;
}

let talk: Promise<string> | undefined;

/** Starts one on a free port, or on `port`; it is closed after the test. */
export async function startSite(t: TestContext, port = 0): Promise<Site> {
  const files: Record<string, [type: string, text: string]> = {
    "/": ["text/html", PAGE],
    "/client.min.js": ["text/javascript", await readFile(here("../../dist/browser/client.min.js"), "utf8")],
    "/talk.js": ["text/javascript", await (talk ??= bundleTalk())],
  };
  const http = createServer((request, response) => answer(response, files[request.url ?? ""]));
  const streams = new Set<Socket>();
  http.on("connection", (stream: Socket) => {
    streams.add(stream);
    stream.once("close", () => streams.delete(stream));
  });
  const server = await startServer(t, {}, { http, port });
  server.io.on("connection", (socket) => {
    socket.on("echo", (value: unknown, done: (value: unknown) => void) => done(value));
    socket.on("count", (value: number) => socket.emit("count", value));
  });
  const kill = async (): Promise<void> => {
    const closed = server.io.close();
    for (const stream of streams) stream.resetAndDestroy();
    await closed;
  };
  return { url: server.url, port: server.port, kill };
}

function answer(response: ServerResponse, file: readonly [type: string, text: string] | undefined): void {
  if (file === undefined) response.writeHead(404).end();
  else response.writeHead(200, { "Content-Type": `${file[0]}; charset=utf-8` }).end(file[1]);
}

async function bundleTalk(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [here("script-page.ts")],
    bundle: true,
    format: "iife",
    write: false,
    logLevel: "silent",
  });
  return outputFiles[0]!.text;
}
