import net from "node:net";
import type { AddressInfo } from "node:net";
import type { Case } from "./case.ts";
import { ClientVisit } from "./client-visit.ts";
import { type CaseResult, makeReport, type Report } from "../lib/report.ts";
import { type Attempt, runCase } from "../lib/run-case.ts";
import { checkSettings, chooseCases, declined, type SuiteOptions } from "./server-suite.ts";
import { NotApplicable } from "../lib/verdict.ts";
import { closeBody, OPCODE } from "../lib/wire/frame.ts";
import { parseHead } from "../lib/wire/http.ts";
import { ByteStream } from "../lib/wire/stream.ts";

export interface ClientSuiteOptions extends SuiteOptions {
  /** Default: any free port. */
  port?: number | undefined;
  /** Default: 127.0.0.1. */
  host?: string | undefined;
  /** Give up when no client has come for so long. Default: 30,000. */
  idleTimeoutMs?: number | undefined;
  /** Hears the URL once clients may come. */
  onListening?: ((url: string) => void) | undefined;
}

/**
 * Tests a client that comes to us. It connects to `/count` and is told the number of cases as text; then, for every
 * n from 1 on, to `/case?n=…`, where it returns text as text and binary as binary until the connection is closed;
 * at last to `/done`. Cases that it never came to fail. Resolves after `/done`, or when nobody comes any more.
 */
export async function runClientSuite(options: ClientSuiteOptions = {}): Promise<Report> {
  const started = performance.now();
  const chosen = chooseCases("client", options);
  const results = new Map<string, CaseResult>();
  const running = new Set<Promise<void>>();
  const server = net.createServer({ allowHalfOpen: true });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, options.host ?? "127.0.0.1", resolve);
  });
  const { address, port } = server.address() as AddressInfo;
  const url = `ws://${address}:${port}`;

  await new Promise<void>((done) => {
    const idle = setTimeout(done, options.idleTimeoutMs ?? 30_000);
    server.on("connection", (socket) => {
      idle.refresh();
      const visit = receiveClient(new ByteStream(socket), chosen, options, done)
        .then((result) => {
          if (!result) return;
          results.set(result.id, result);
          options.onResult?.(result);
        })
        .finally(() => {
          idle.refresh();
          running.delete(visit);
        });
      running.add(visit);
    });
    options.onListening?.(url);
    server.once("close", () => clearTimeout(idle));
  });
  server.close();
  await Promise.all(running);
  const inOrder = chosen.map((one) => results.get(one.id) ?? absent(one));
  return makeReport(url, inOrder, performance.now() - started);
}

function absent({ id, section, sentence }: Case): CaseResult {
  return {
    id,
    section,
    sentence,
    verdict: "fail",
    ms: 0,
    expected: "a client",
    got: "nobody who asked for the case",
  };
}

async function receiveClient(
  stream: ByteStream,
  chosen: readonly Case[],
  options: ClientSuiteOptions,
  done: () => void,
): Promise<CaseResult | undefined> {
  const bytes = await stream.readThrough("\r\n\r\n");
  if (!bytes) return void stream.destroy();
  const visit = new ClientVisit(stream, parseHead(bytes));
  const target = visit.head.line.split(" ")[1] ?? "/";
  const number = /^\/case\?n=(\d+)$/.exec(target)?.[1];
  const one = chosen[Number(number) - 1];
  if (one) return runCase(one, attempt(one, visit, options), options.timeScale);
  if (target === "/count" || target === "/done")
    await tell(visit, target === "/count" ? String(chosen.length) : "goodbye");
  else await refuse(visit, target);
  if (target === "/done") done();
  return undefined;
}

/** Says one thing and closes; a client that doesn't answer in two seconds is let go. */
async function tell(visit: ClientVisit, words: string): Promise<void> {
  const peer = await visit.open();
  await peer.send(
    { opcode: OPCODE.text, payload: words },
    { opcode: OPCODE.close, payload: closeBody(1000) },
  );
  await peer.next("a close frame", 2000).catch(() => undefined);
  visit.destroy();
}

async function refuse(visit: ClientVisit, target: string): Promise<void> {
  const body = `There is no ${target} here: ask for /count, /case?n=1 or /done.`;
  await visit.stream.write(
    `HTTP/1.1 404 Not Found\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
  );
  visit.stream.end();
}

function attempt(one: Case, visit: ClientVisit, options: ClientSuiteOptions): Attempt {
  return {
    async run() {
      if (one.kind === "client-handshake") return one.run(visit);
      if (one.kind === "server-handshake") throw new NotApplicable("it tests servers");
      checkSettings(one, options);
      const peer = one.wish ? await visit.openDeflate(one.wish) : await visit.open();
      if (!peer) throw declined(one, options, "the client's offer does not allow it");
      peer.timeScale = options.timeScale ?? 1;
      return one.run(peer, options);
    },
    giveUp: (afterMs) => visit.giveUp(afterMs),
    destroy: () => visit.destroy(),
  };
}
