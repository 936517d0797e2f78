import assert from "node:assert/strict";
import { createServer } from "node:http";
import { createSecureServer } from "node:http2";
import { createServer as createTlsServer } from "node:https";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { after, before, describe, it } from "node:test";
import { type Browser, chromium, type Page } from "playwright-core";
import { findBrowser } from "../../scripts/lib/browser.mjs";
import { type WebSocket, WebSocketServer, type WebSocketServerOptions } from "../../src/websocket/index.ts";
import { next } from "../support/events.ts";
import { listen } from "../support/listen.ts";
import { cert, key } from "../support/tls/certificate.ts";
import { inPage, type PageVisit } from "./page.ts";

/** How pages reach the server, and the HTTP version that the WebSocket's handshake must then have. */
interface Way {
  readonly name: string;
  readonly scheme: "http" | "https";
  readonly httpVersion: string;
  serve(handler: (request: IncomingMessage, response: ServerResponse) => void): Server;
}

const WAYS: readonly Way[] = [
  { name: "HTTP/1.1", scheme: "http", httpVersion: "1.1", serve: (handler) => createServer(handler) },
  {
    name: "HTTP/1.1 over TLS",
    scheme: "https",
    httpVersion: "1.1",
    serve: (handler) => createTlsServer({ cert, key }, handler),
  },
  {
    name: "HTTP/2",
    scheme: "https",
    httpVersion: "2.0",
    // The compatibility interface takes the handlers of HTTP/1.1, and so does WebSocketServer.
    serve: (handler) =>
      createSecureServer({ cert, key, allowHTTP1: true }, handler as never) as unknown as Server,
  },
];

/** A server with a page, and the page: it has a session to the server before it opens a WebSocket. */
class Visit {
  readonly page: Page;
  readonly origin: string;
  readonly requests: IncomingMessage[] = [];
  readonly #wss: WebSocketServer;
  readonly #http: Server;

  private constructor(page: Page, origin: string, http: Server, wss: WebSocketServer) {
    this.page = page;
    this.origin = origin;
    this.#http = http;
    this.#wss = wss;
  }

  static async begin(
    browser: Browser,
    way: Way,
    options: WebSocketServerOptions,
    onConnection: (socket: WebSocket) => void,
  ): Promise<Visit> {
    const http = way.serve((_request, response) => {
      response.setHeader("content-type", "text/html");
      response.end("<!doctype html><title>A page</title>");
    });
    const wss = new WebSocketServer({ ...options, server: http });
    const origin = `${way.scheme}://127.0.0.1:${await listen(http)}`;
    const context = await browser.newContext({ ignoreHTTPSErrors: true });
    // The compiler of these tests wraps functions in a helper that pages don't have.
    await context.addInitScript("globalThis.__name = (named) => named;");
    const page = await context.newPage();
    const visit = new Visit(page, origin, http, wss);
    wss.on("connection", (socket, request) => {
      visit.requests.push(request);
      onConnection(socket);
    });
    await page.goto(`${origin}/`);
    return visit;
  }

  /** Opens a WebSocket in the page and does there what is asked; see page.ts. */
  run(what: PageVisit): Promise<Awaited<ReturnType<typeof inPage>>> {
    return this.page.evaluate(inPage, { ...what, url: `${this.origin.replace(/^http/, "ws")}/` });
  }

  async end(): Promise<void> {
    await this.page.context().close();
    await this.#wss.shutdown();
    await new Promise<void>((resolve) => void this.#http.close(() => resolve()));
  }
}

function echo(socket: WebSocket): void {
  socket.on("message", (data, isBinary) => socket.send(data as Buffer, { binary: isBinary }));
}

let browser: Browser;
before(async () => {
  const { executablePath, args } = await findBrowser();
  browser = await chromium.launch({ executablePath, args: [...args, "--ignore-certificate-errors"] });
});
after(() => browser.close());

const SIZES = [0, 1, 125, 126, 65_535, 65_536, 300_000];

for (const way of WAYS) {
  void describe(`Chromium over ${way.name}`, () => {
    for (const perMessageDeflate of [
      false,
      true,
      { threshold: 0, serverNoContextTakeover: true, clientMaxWindowBits: 10 },
    ]) {
      it(`exchanges text and binary, perMessageDeflate ${JSON.stringify(perMessageDeflate)}`, async () => {
        const visit = await Visit.begin(browser, way, { perMessageDeflate }, echo);
        try {
          const result = await visit.run({ echo: SIZES, close: { code: 1000, reason: "done" } });
          assert.deepEqual(
            result.echoed,
            SIZES.flatMap((size) => [`text ${size}`, `binary ${size}`]),
          );
          if (perMessageDeflate === false) assert.equal(result.extensions, "");
          else assert.match(result.extensions, /^permessage-deflate/);
          assert.deepEqual(result.closed, { code: 1000, reason: "done", wasClean: true });
          assert.deepEqual(
            visit.requests.map(({ httpVersion }) => httpVersion),
            [way.httpVersion],
          );
        } finally {
          await visit.end();
        }
      });
    }

    it("sees how the server closes", async () => {
      let ending: [number, string] = [1000, ""];
      const visit = await Visit.begin(browser, way, {}, (socket) => socket.close(...ending));
      try {
        for (const code of [1000, 1001, 1008, 1011, 1013, 3000, 4999]) {
          ending = [code, `because of ${code} é`];
          const { closed } = await visit.run({});
          assert.deepEqual(closed, { code, reason: `because of ${code} é`, wasClean: true });
        }
      } finally {
        await visit.end();
      }
    });

    it("tells the server how it closes", async () => {
      let ended: Promise<unknown> | undefined;
      const visit = await Visit.begin(browser, way, {}, (socket) => {
        ended = next(socket, "close").then(([code, reason]) => [code, String(reason)]);
      });
      try {
        await visit.run({ close: {} });
        assert.deepEqual(await ended, [1005, ""]);
        await visit.run({ close: { code: 3000, reason: "bye é" } });
        assert.deepEqual(await ended, [3000, "bye é"]);
        await visit.run({ close: { code: 4999, reason: "" } });
        assert.deepEqual(await ended, [4999, ""]);
      } finally {
        await visit.end();
      }
    });

    it("agrees on a subprotocol", async () => {
      const handleProtocols = (offered: Set<string>): string | false => (offered.has("v2") ? "v2" : false);
      const visit = await Visit.begin(browser, way, { handleProtocols }, echo);
      try {
        const { protocol } = await visit.run({ protocols: ["v1", "v2"], close: {} });
        assert.equal(protocol, "v2");
      } finally {
        await visit.end();
      }
    });

    it("is refused by origin before it opens", async () => {
      const visit = await Visit.begin(browser, way, { allowedOrigins: ["https://example.com"] }, echo);
      try {
        assert.equal((await visit.run({})).closed.code, 1006);
        assert.equal(visit.requests.length, 0);
      } finally {
        await visit.end();
      }
    });

    it("has its text heartbeats answered, unseen by the application", async () => {
      const seen: string[] = [];
      const textHeartbeats = [{ request: "ping", response: "pong" }, { json: { type: "heartbeat" } }];
      const visit = await Visit.begin(browser, way, { textHeartbeats, perMessageDeflate: true }, (socket) => {
        socket.on("message", (data) => {
          const text = (data as Buffer).toString();
          seen.push(text);
          socket.send(`saw ${text}`);
        });
      });
      try {
        const texts = ["ping", '{"type":"heartbeat","at":7}', "ping!", '{"type":"other"}'];
        const { answers } = await visit.run({ say: texts, close: {} });
        assert.deepEqual(answers, [
          "pong",
          '{"type":"heartbeat","at":7}',
          "saw ping!",
          'saw {"type":"other"}',
        ]);
        assert.deepEqual(seen, ["ping!", '{"type":"other"}']);
      } finally {
        await visit.end();
      }
    });
  });
}
