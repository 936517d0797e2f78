import { createServer } from "node:http";
import type { TestContext } from "node:test";
import { build } from "esbuild";
import type { Browser, BrowserContext, Page } from "playwright-core";
import type { ClientOptions } from "../../src/client/options.ts";
import type { EngineSocket } from "../../src/engine/index.ts";
import type { ServerOptions } from "../../src/sockets/options.ts";
import type { Server } from "../../src/sockets/server.ts";
import type { Socket } from "../../src/sockets/socket.ts";
import { EventLog } from "../support/events.ts";
import { startServer, undoAfter } from "../support/fixture.ts";

const HTML = `<!doctype html><title>A page</title><link rel="icon" href="data:,"><script src="/page.js"></script>`;

let bundled: Promise<string> | undefined;

/** The script of the pages, with the package's client as bundlers find it. */
function pageScript(): Promise<string> {
  return (bundled ??= build({
    entryPoints: [new URL("client-page.ts", import.meta.url).pathname],
    bundle: true,
    format: "iife",
    platform: "browser",
    write: false,
  }).then(({ outputFiles }) => outputFiles[0]!.text));
}

/** What a request said of itself. */
export interface SeenRequest {
  /** `GET polling`, `POST sse`, `GET websocket`. */
  readonly kind: string;
  readonly query: URLSearchParams;
  readonly cookie: string | undefined;
  readonly origin: string | undefined;
  /** The header `X-Ours`. */
  readonly ours: unknown;
}

/** A server of ours that has pages with the client in it, and sees what comes from them. */
export class Site {
  readonly io: Server;
  readonly port: number;
  readonly url: string;
  readonly requests: SeenRequest[] = [];
  /** Sessions and sockets, as they come. */
  readonly sessions = new EventLog<[EngineSocket]>();
  readonly sockets = new EventLog<[Socket]>();

  private constructor(io: Server, port: number) {
    this.io = io;
    this.port = port;
    this.url = `http://127.0.0.1:${port}`;
    io.engine.use(({ method, url = "", headers }, _response, next) => {
      const query = new URLSearchParams(url.split("?")[1]);
      const kind = `${method} ${query.get("transport")}`;
      this.requests.push({
        kind,
        query,
        cookie: headers.cookie,
        origin: headers.origin,
        ours: headers["x-ours"],
      });
      next();
    });
    io.engine.on("connection", (session) => this.sessions.add([session]));
    io.on("connection", (socket) => {
      socket.on("echo", (text: unknown, bytes: unknown, done: (...values: unknown[]) => void) => {
        done([text, bytes]);
      });
      this.sockets.add([socket]);
    });
  }

  static async start(t: TestContext, options: ServerOptions = {}): Promise<Site> {
    const script = await pageScript();
    const http = createServer((request, response) => {
      const isScript = request.url === "/page.js";
      response.setHeader("content-type", isScript ? "text/javascript" : "text/html");
      response.end(isScript ? script : HTML);
    });
    const { io, port } = await startServer(t, { shutdownTimeout: 0, ...options }, { http });
    undoAfter(t, () => void http.closeAllConnections());
    return new Site(io, port);
  }

  /** The kinds of requests that came, each once, sorted. */
  get kinds(): string[] {
    return [...new Set(this.requests.map(({ kind }) => kind))].toSorted();
  }

  /** The transport of the newest session. */
  get transport(): string | undefined {
    return this.sessions.all.at(-1)?.[0].transport.name;
  }
}

/** A browser profile of its own for a test. */
export async function newProfile(t: TestContext, browser: Browser): Promise<BrowserContext> {
  const context = await browser.newContext();
  undoAfter(t, () => context.close());
  // The compiler of these tests wraps functions in a helper that pages don't have.
  await context.addInitScript("globalThis.__name = (named) => named;");
  return context;
}

/** A tab with one client or several. */
export class Tab {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** Opens a page of a site. */
  static async open(profile: BrowserContext, url: string): Promise<Tab> {
    const page = await profile.newPage();
    await page.goto(url);
    return new Tab(page);
  }

  /** Makes a client in the page; returns the id of its socket when it is connected, and throws what prevents that. */
  connect(options: ClientOptions = {}, url = "/"): Promise<string> {
    return this.page.evaluate(
      ([to, how]) => {
        const client = new PageClient(to, how);
        clients.push(client);
        return client.connected();
      },
      [url, options] as [string, ClientOptions],
    );
  }

  /** What became of the line of the newest client. */
  events(): Promise<string[]> {
    return this.page.evaluate(() => clients.at(-1)!.events);
  }
}
