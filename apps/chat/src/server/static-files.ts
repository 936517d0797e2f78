import { readdirSync, readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { extname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

interface StaticFile {
  readonly body: Buffer;
  readonly gzipped: Buffer | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
};

/** Only our own files and our own socket; nothing inline, nothing framed. */
const SECURITY_HEADERS = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; " +
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
};

const NOT_FOUND = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Not found</title>
<h1>There is nothing here</h1><p>The chat is at <a href="/">the start page</a>.</p></html>
`;

/**
 * Serves the files of one folder from memory. The list is made once: an address is looked up in it and
 * never becomes a path, so there is no way out of the folder. Names under `/assets/` carry a hash of
 * their content and may be kept for a year; the rest is asked for anew each time.
 */
export function serveFiles(folder: URL): (request: IncomingMessage, response: ServerResponse) => void {
  const files = readFiles(folder);
  return (request, response) => {
    const path = (request.url ?? "/").split("?", 1)[0] ?? "/";
    if (request.method !== "GET" && request.method !== "HEAD") {
      respond(
        request,
        response,
        405,
        page("Only GET and HEAD are understood here.\n", { allow: "GET, HEAD" }),
      );
      return;
    }
    const file = files.get(path === "/" ? "/index.html" : path);
    if (file === undefined)
      respond(request, response, 404, page(NOT_FOUND, { "content-type": "text/html; charset=utf-8" }));
    else respond(request, response, 200, file);
  };
}

function respond(request: IncomingMessage, response: ServerResponse, status: number, file: StaticFile): void {
  const zipped = file.gzipped !== undefined && /\bgzip\b/u.test(request.headers["accept-encoding"] ?? "");
  const body = zipped && file.gzipped !== undefined ? file.gzipped : file.body;
  response.writeHead(status, {
    ...SECURITY_HEADERS,
    ...file.headers,
    ...(zipped ? { "content-encoding": "gzip" } : {}),
    "content-length": body.length,
  });
  response.end(request.method === "HEAD" ? undefined : body);
}

function page(text: string, headers: Record<string, string>): StaticFile {
  return {
    body: Buffer.from(text),
    gzipped: undefined,
    headers: { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store", ...headers },
  };
}

function readFiles(folder: URL): Map<string, StaticFile> {
  const files = new Map<string, StaticFile>();
  const root = fileURLToPath(folder);
  for (const name of readdirSync(root, { recursive: true, encoding: "utf8" })) {
    const type = TYPES[extname(name)];
    if (type === undefined) continue;
    const path = `/${name.split(sep).join("/")}`;
    const body = readFileSync(join(root, name));
    const compressible = !type.startsWith("font/");
    files.set(path, {
      body,
      gzipped: compressible ? gzipSync(body) : undefined,
      headers: {
        "content-type": type,
        "cache-control": path.startsWith("/assets/") ? "public, max-age=31536000, immutable" : "no-cache",
        ...(compressible ? { vary: "accept-encoding" } : {}),
      },
    });
  }
  return files;
}
