import type { AddressInfo } from "node:net";
import { compare, readExpectations } from "./expectations.ts";
import { runServerSuite } from "./index.ts";
import { failureText, summaryText } from "./report.ts";

/**
 * The control: the suite against the `ws` package, with compression and without. It must fail just where the
 * lists in `expectations/` say so. Needs `ws` to be installed.
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

// A name in a variable, as the compiler looks for types of a literal one.
const packageName = "ws";
const { WebSocketServer } = (await import(packageName)) as Ws;

function list(name: string): string {
  return new URL(`expectations/${name}.json`, import.meta.url).pathname;
}

async function control(options: object, lists: readonly string[], requireDeflate: boolean): Promise<boolean> {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", ...options });
  server.on("connection", (socket) => {
    socket.on("error", () => {});
    socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
  });
  await new Promise<void>((resolve) => server.once("listening", resolve));
  const report = await runServerSuite(`ws://127.0.0.1:${server.address().port}`, {
    requireDeflate,
    timeScale: 2,
  });
  for (const client of server.clients) client.terminate();
  await new Promise<void>((resolve) => server.close(resolve));

  const { surprises, stale } = compare(report, await readExpectations(lists.map(list)));
  for (const result of surprises) console.log(failureText(result));
  for (const id of stale) console.log(`PASS ${id}, though it is listed as failing: the list is out of date`);
  console.log(`ws ${JSON.stringify(options)}: ${summaryText(report)}`);
  return surprises.length + stale.length === 0;
}

const withDeflate = await control({ perMessageDeflate: { threshold: 0 } }, ["ws"], true);
const without = await control({ perMessageDeflate: false }, ["ws", "ws-without-deflate"], false);
process.exitCode = withDeflate && without ? 0 : 1;
