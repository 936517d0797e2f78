import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import type { TestContext } from "node:test";
import { ChaosProxy, type ChaosProxyOptions } from "../../src/testing/chaos-proxy.ts";
import { undoAfter } from "../support/fixture.ts";
import { listen } from "../support/listen.ts";
import { until } from "../support/until.ts";

/** One end of a line: what it has received, and how it ended. */
export class End {
  readonly stream: Socket;
  text = "";
  bytes = 0;
  isEnded = false;
  isReset = false;
  isClosed = false;

  constructor(stream: Socket) {
    this.stream = stream;
    stream.on("data", (data) => {
      this.bytes += data.length;
      if (data.length < 1000) this.text += data.toString();
    });
    stream.once("end", () => (this.isEnded = true));
    stream.on("error", () => (this.isReset = true));
    stream.once("close", () => (this.isClosed = true));
  }

  write(text: string): void {
    this.stream.write(text);
  }

  async receives(text: string): Promise<void> {
    await until(() => this.text.length >= text.length);
    if (this.text !== text) throw new Error(`It received "${this.text}", and should "${text}".`);
  }
}

/** A server that keeps the ends of its lines, and a proxy in front of it. */
export interface Ends {
  readonly proxy: ChaosProxy;
  readonly server: Server;
  /** Of the lines that the server has seen. */
  readonly accepted: End[];
  connect(): Promise<End>;
  /** A line with both its ends. */
  line(): Promise<{ client: End; server: End }>;
}

export async function startEnds(t: TestContext, options?: ChaosProxyOptions): Promise<Ends> {
  const { server, port, accepted } = await startServer(t);
  const proxy = await ChaosProxy.start(port, options);
  undoAfter(t, () => proxy.close());
  const connectOne = async (): Promise<End> => {
    const stream = connect({ port: proxy.port, host: "127.0.0.1", allowHalfOpen: true });
    undoAfter(t, () => stream.destroy());
    const end = new End(stream);
    // It may be refused.
    await until(() => !stream.connecting || end.isClosed);
    return end;
  };
  return {
    proxy,
    server,
    accepted,
    connect: connectOne,
    async line() {
      const before = accepted.length;
      const client = await connectOne();
      await until(() => accepted.length > before);
      return { client, server: accepted.at(-1)! };
    },
  };
}

export async function startServer(
  t: TestContext,
): Promise<{ server: Server; port: number; accepted: End[] }> {
  const accepted: End[] = [];
  const server = createServer({ allowHalfOpen: true }, (stream) => accepted.push(new End(stream)));
  const port = await listen(server);
  undoAfter(t, async () => {
    for (const { stream } of accepted) stream.destroy();
    server.close();
    await once(server, "close");
  });
  return { server, port, accepted };
}

/** Some turns of the event loop and of what the system does between them; what has not come by then was held back. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => void setImmediate(resolve));
}
