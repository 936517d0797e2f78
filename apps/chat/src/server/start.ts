import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server } from "switchboard";
import type { ServerToClient, Untrusted } from "../shared/contract.ts";
import { serveChat } from "./chat.ts";
import { MAX_WIRE_BYTES, PING_INTERVAL_MS, PING_TIMEOUT_MS } from "./limits.ts";
import { serveFiles } from "./static-files.ts";

export interface ChatAddress {
  /** 0 asks for any free port. */
  readonly port: number;
  readonly host: string;
}

export interface RunningChat {
  /** Where the page is, ready for a browser: `http://localhost:3000`. */
  readonly url: string;
  /** Closes every connection with 1001 and stops listening. */
  close(): Promise<void>;
}

/** Starts the chat; rejects with Node's own error (`EADDRINUSE` …) when it can't listen. */
export async function startChat({ port, host }: ChatAddress): Promise<RunningChat> {
  const http = createServer(serveFiles(new URL("./public/", import.meta.url)));
  const io = new Server<Untrusted, ServerToClient>(http, {
    pingInterval: PING_INTERVAL_MS,
    pingTimeout: PING_TIMEOUT_MS,
    maxHttpBufferSize: MAX_WIRE_BYTES,
  });
  const forget = serveChat(io);
  http.listen(port, host);
  await once(http, "listening");
  const close = async (): Promise<void> => {
    forget();
    await io.close();
  };
  return { url: urlOf(http.address() as AddressInfo, host), close };
}

function urlOf({ port }: AddressInfo, host: string): string {
  if (host === "0.0.0.0" || host === "::") return `http://localhost:${port}`;
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}
