import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, request, type Server as HttpServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { describe, test, type TestContext } from "node:test";
import { pathToFileURL } from "node:url";
import { gunzipSync } from "node:zlib";
import { cors, type CorsOptions } from "../../src/engine/cors.ts";
import { ClientFiles } from "../../src/engine/client-files.ts";
import { Server } from "../../src/engine/index.ts";
import { undoAfter } from "../support/fixture.ts";
import { listen } from "../support/listen.ts";

const SCRIPT = `/*! Grüße */io();\n//# sourceMappingURL=client.min.js.map\n`;
const MODULE = `${"export const io = 1; ".repeat(200)}\n//# sourceMappingURL=client.js.map\n`;

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

function ask(port: number, path: string, headers: Record<string, string> = {}, method = "GET") {
  return new Promise<Answer>((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port, path, method, headers, agent: false }, (response) => {
      buffer(response).then(
        (body) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
        reject,
      );
    });
    sent.once("error", reject);
    sent.end();
  });
}

interface Serving {
  readonly http: HttpServer;
  readonly port: number;
  readonly folder: string;
  readonly release: () => void;
}

/** Files in a folder of their own, before an engine and an application. */
async function start(t: TestContext, corsOptions?: CorsOptions, isBuilt = true): Promise<Serving> {
  const folder = await mkdtemp(join(tmpdir(), "client-files-"));
  undoAfter(t, () => rm(folder, { recursive: true }));
  if (isBuilt) await build(folder);
  const http = createServer((_request, response) => response.end("the application's"));
  const files = new ClientFiles(
    "/live/",
    corsOptions && cors(corsOptions),
    new URL(`${pathToFileURL(folder).href}/`),
  );
  const release = files.attach(http);
  const engine = new Server({ path: "/live" }).attach(http);
  undoAfter(t, async () => {
    await engine.close();
    http.close();
  });
  return { http, port: await listen(http), folder, release };
}

async function build(folder: string): Promise<void> {
  await writeFile(join(folder, "client.min.js"), SCRIPT);
  await writeFile(join(folder, "client.min.js.map"), '{"version":3}');
  await writeFile(join(folder, "client.js"), MODULE);
  await writeFile(join(folder, "client.js.map"), '{"version":3,"module":true}');
}

describe("the client below a path", () => {
  test("is there by the names of Socket.IO, with source maps", async (t) => {
    const { port } = await start(t);
    for (const name of ["socket.io.js", "socket.io.min.js"]) {
      const { status, headers, body } = await ask(port, `/live/${name}?v=1`);
      assert.equal(status, 200);
      assert.equal(headers["content-type"], "text/javascript; charset=utf-8");
      assert.equal(headers["cache-control"], "public, max-age=0");
      assert.equal(headers["content-length"], String(body.length));
      assert.equal(headers["vary"], "Accept-Encoding");
      assert.equal(body.toString(), SCRIPT.replace("=client.min.js.map", `=${name}.map`));
      const map = await ask(port, `/live/${name}.map`);
      assert.equal(map.headers["content-type"], "application/json; charset=utf-8");
      assert.deepEqual(JSON.parse(map.body.toString()), { version: 3 });
    }
    const module = await ask(port, "/live/socket.io.esm.min.js");
    assert.match(module.body.toString(), /sourceMappingURL=socket\.io\.esm\.min\.js\.map\n$/);
    assert.match((await ask(port, "/live/socket.io.esm.min.js.map")).body.toString(), /"module"/);
  });

  test("is not sent again to who has it", async (t) => {
    const { port } = await start(t);
    const { headers } = await ask(port, "/live/socket.io.js");
    const etag = String(headers["etag"]);
    for (const known of [etag, `"other", ${etag}`, "*"]) {
      const again = await ask(port, "/live/socket.io.js", { "If-None-Match": known });
      assert.deepEqual([again.status, again.headers["etag"], again.body.length], [304, etag, 0]);
      assert.equal(again.headers["cache-control"], "public, max-age=0");
    }
    const other = await ask(port, "/live/socket.io.esm.min.js", { "If-None-Match": etag });
    assert.equal(other.status, 200);
  });

  test("is compressed for who accepts that, and only described for HEAD", async (t) => {
    const { port } = await start(t);
    const path = "/live/socket.io.esm.min.js";
    const plain = await ask(port, path);
    for (let count = 0; count < 2; count++) {
      const { headers, body } = await ask(port, path, { "Accept-Encoding": "br, gzip" });
      assert.equal(headers["content-encoding"], "gzip");
      assert.equal(headers["etag"], plain.headers["etag"]);
      assert.ok(body.length < plain.body.length);
      assert.deepEqual(gunzipSync(body), plain.body);
    }
    const head = await ask(port, path, {}, "HEAD");
    assert.deepEqual([head.status, head.body.length], [200, 0]);
    assert.equal(head.headers["content-length"], String(plain.body.length));
  });

  test("may be read by the pages that may make requests", async (t) => {
    const { port } = await start(t, { origin: ["https://app.example"] });
    const theirs = await ask(port, "/live/socket.io.js", { Origin: "https://app.example" });
    assert.equal(theirs.headers["access-control-allow-origin"], "https://app.example");
    assert.equal(theirs.headers["vary"], "Origin, Accept-Encoding");
    const others = await ask(port, "/live/socket.io.js", { Origin: "https://other.example" });
    assert.equal(others.headers["access-control-allow-origin"], undefined);
  });

  test("leaves all other paths to those whose they are", async (t) => {
    const { port, release } = await start(t);
    for (const path of [
      "/live/socket.io.msgpack.min.js",
      "/live/socket.io.jsx",
      "/live/socket.io.js.map.map",
      "/live/socket.io.js/",
      "/live/../live/socket.io.js",
      "/live/client.min.js",
      "/live/?EIO=4&transport=socket.io.js",
    ]) {
      assert.equal((await ask(port, path)).status, 400, path);
    }
    assert.equal((await ask(port, "/live/socket.io.js", {}, "POST")).status, 400);
    assert.equal((await ask(port, "/socket.io.js")).body.toString(), "the application's");
    assert.match((await ask(port, "/live/?EIO=4&transport=polling")).body.toString(), /^0\{"sid"/);
    release();
    assert.equal((await ask(port, "/live/socket.io.js")).status, 400);
  });

  test("says so when it is not there, and comes when it is", async (t) => {
    const { port, folder } = await start(t, undefined, false);
    const { status, headers, body } = await ask(port, "/live/socket.io.js");
    assert.equal(status, 404);
    assert.equal(headers["content-type"], "text/plain; charset=utf-8");
    assert.match(body.toString(), /build it, or serve a client yourself/);
    await build(folder);
    assert.equal((await ask(port, "/live/socket.io.js")).status, 200);
  });
});
