import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AnyHttpServer } from "./attach.ts";
import { type ContentEncoding, HttpCompression } from "./http-compression.ts";
import { hasLeft } from "./http-exchange.ts";
import type { Middleware } from "./middleware.ts";
import { withQuery } from "./request-check.ts";
import { type RequestSource, type RequestTaker, takeRequests } from "./request-gate.ts";

/** By the names of Socket.IO, the files of `dist/browser`. */
const SCRIPTS = new Map([
  ["socket.io.js", "client.min.js"],
  ["socket.io.min.js", "client.min.js"],
  ["socket.io.esm.min.js", "client.js"],
]);
const FOLDER = new URL("../../dist/browser/", import.meta.url);
const NOT_THERE =
  "The client is not in the package that this server was started from: build it, or serve a client yourself.";

/** A file as it is served: read once, compressed once for each encoding. */
interface ServedFile {
  readonly type: string;
  readonly etag: string;
  readonly body: Buffer;
  /** Undefined where it failed. */
  readonly compressed: Map<ContentEncoding, Promise<Buffer | undefined>>;
}

/**
 * @internal Hands out the package's client below a path, by the names that pages of Socket.IO load: `socket.io.js`, `socket.io.min.js`, `socket.io.esm.min.js`
 * and their source maps. Nothing else below the path is touched.
 */
export class ClientFiles implements RequestTaker {
  readonly #prefix: string;
  readonly #cors: Middleware | undefined;
  readonly #folder: URL;
  readonly #files = new Map<string, Promise<ServedFile>>();
  readonly #compression = new HttpCompression();

  /** `prefix` ends with a slash. */
  constructor(prefix: string, cors?: Middleware, folder: URL = FOLDER) {
    this.#prefix = `${prefix}socket.io.`;
    this.#cors = cors;
    this.#folder = folder;
  }

  /** Answers those requests of an HTTP server; returns what undoes it. */
  attach(http: AnyHttpServer): () => void {
    return takeRequests(http as RequestSource, this);
  }

  shouldHandle({ url, method }: IncomingMessage): boolean {
    // Almost all requests are a session's, and need no more than this to be told apart.
    if (url?.startsWith(this.#prefix) !== true) return false;
    return (method === "GET" || method === "HEAD") && SCRIPTS.has(this.#nameIn(url).replace(/\.map$/, ""));
  }

  handleRequest(request: IncomingMessage, response: ServerResponse): void {
    const serve = (): void => {
      // A header that can't be, of the application's doing.
      this.#serve(this.#nameIn(request.url!), request, response).catch(() => response.destroy());
    };
    if (this.#cors === undefined) serve();
    // Who may not read it is not told what is wrong with the option.
    else this.#cors(withQuery(request), response, serve);
  }

  #nameIn(url: string): string {
    const query = url.indexOf("?");
    return url.slice(this.#prefix.length - "socket.io.".length, query < 0 ? undefined : query);
  }

  async #serve(name: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    let file: ServedFile;
    try {
      file = await this.#file(name);
    } catch {
      this.#files.delete(name);
      end(response, 404, { "Content-Type": "text/plain; charset=utf-8" }, Buffer.from(NOT_THERE));
      return;
    }
    const { "if-none-match": known = "", "accept-encoding": accepted = "" } = request.headers;
    const vary = response.getHeader("Vary");
    const headers: Record<string, string> = {
      "Content-Type": file.type,
      ETag: file.etag,
      // As Socket.IO says it: kept, and asked about each time.
      "Cache-Control": "public, max-age=0",
      Vary: vary === undefined ? "Accept-Encoding" : `${String(vary)}, Accept-Encoding`,
    };
    if (known.trim() === "*" || known.split(",").some((tag) => tag.trim() === file.etag)) {
      end(response, 304, headers);
      return;
    }
    const encoding = this.#compression.choose(accepted as string, file.body.length);
    const compressed = encoding === undefined ? undefined : await this.#compress(file, encoding);
    if (encoding !== undefined && compressed !== undefined) headers["Content-Encoding"] = encoding;
    end(response, 200, headers, compressed ?? file.body, request.method === "HEAD");
  }

  #compress({ body, compressed }: ServedFile, encoding: ContentEncoding): Promise<Buffer | undefined> {
    let compressing = compressed.get(encoding);
    if (compressing === undefined) {
      compressing = new Promise((resolve) => this.#compression.compress(encoding, body, resolve));
      compressed.set(encoding, compressing);
    }
    return compressing;
  }

  #file(name: string): Promise<ServedFile> {
    let file = this.#files.get(name);
    if (file === undefined) this.#files.set(name, (file = this.#read(name)));
    return file;
  }

  async #read(name: string): Promise<ServedFile> {
    const isMap = name.endsWith(".map");
    const script = SCRIPTS.get(name.replace(/\.map$/, ""))!;
    const text = await readFile(new URL(isMap ? `${script}.map` : script, this.#folder), "utf8");
    // It names its map by the name that it has in the package.
    const body = Buffer.from(isMap ? text : text.replace(`=${script}.map`, `=${name}.map`));
    return {
      type: isMap ? "application/json; charset=utf-8" : "text/javascript; charset=utf-8",
      // Weak, as it is the same for all encodings.
      etag: `W/"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"`,
      body,
      compressed: new Map(),
    };
  }
}

function end(
  response: ServerResponse,
  status: number,
  headers: Record<string, string>,
  body?: Buffer,
  isHead = false,
): void {
  if (hasLeft(response)) return;
  const length = body === undefined ? {} : { "Content-Length": body.length };
  response.writeHead(status, { ...headers, ...length });
  response.end(isHead ? undefined : body);
}
