import type { AddressInfo } from "node:net";
import { type ControlResult, judgeControl } from "../lib/control.ts";
import { runServerSuite } from "./index.ts";

/**
 * The control: the suite against the `ws` package. It must fail just where the lists in `expectations/` say so.
 */

/** As much of `ws` as is used here, so that its types need not be installed. */
interface Socket {
  on(event: "error", listener: (error: Error) => void): void;
  on(event: "message", listener: (data: Buffer, isBinary: boolean) => void): void;
  send(data: Buffer, options: { binary: boolean }): void;
}

interface Server {
  address(): AddressInfo;
  once(event: "listening", listener: () => void): void;
  on(event: "connection", listener: (socket: Socket) => void): void;
  clients: Set<{ terminate(): void }>;
  close(done: () => void): void;
}

interface Ws {
  WebSocketServer: new (options: object) => Server;
}

/** Runs the suite against `ws`, with compression or without. Needs `ws` to be installed. */
export async function runControl(compression: boolean): Promise<ControlResult> {
  // A name in a variable, as the compiler looks for types of a literal one.
  const packageName = "ws";
  const { WebSocketServer } = (await import(packageName)) as Ws;
  const server = new WebSocketServer({
    port: 0,
    host: "127.0.0.1",
    perMessageDeflate: compression && { threshold: 0 },
  });
  server.on("connection", (socket) => {
    socket.on("error", () => {});
    socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
  });
  await new Promise<void>((resolve) => server.once("listening", resolve));
  const report = await runServerSuite(`ws://127.0.0.1:${server.address().port}`, {
    requireDeflate: compression,
    timeScale: 2,
  });
  for (const client of server.clients) client.terminate();
  await new Promise<void>((resolve) => server.close(resolve));

  const lists = compression ? ["ws"] : ["ws", "ws-without-deflate"];
  return judgeControl(report, lists.map(list));
}

function list(name: string): URL {
  return new URL(`expectations/${name}.json`, import.meta.url);
}
