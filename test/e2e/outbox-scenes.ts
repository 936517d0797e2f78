import assert from "node:assert/strict";
import { createServer } from "node:http";
import { it, type TestContext } from "node:test";
import { build } from "esbuild";
import type { Server } from "../../src/sockets/server.ts";
import { startServer, undoAfter } from "../support/fixture.ts";
import { portOf } from "../support/listen.ts";
import { until } from "../support/until.ts";

/** What the pages of all browsers have in common. */
export interface OutboxPage {
  evaluate(expression: string): Promise<unknown>;
  reload(): Promise<unknown>;
  close(): Promise<unknown>;
}

/** Opens a page of a site in a browser, in one profile for all of a test; it is closed after the test. */
export type VisitWith = (t: TestContext, url: string) => Promise<OutboxPage>;

let script: Promise<string> | undefined;

function pageScript(): Promise<string> {
  return (script ??= build({
    entryPoints: [new URL("outbox-page.ts", import.meta.url).pathname],
    bundle: true,
    format: "iife",
    platform: "browser",
    write: false,
    logLevel: "silent",
  }).then(({ outputFiles }) => outputFiles[0]!.text));
}

/** Serves the page, and goes on when the server that its client talks to does not. */
async function startPages(t: TestContext): Promise<string> {
  const text = await pageScript();
  const html = `<!doctype html><title>Outboxes</title><link rel="icon" href="data:,"><script src="/page.js"></script>`;
  const http = createServer(({ url }, response) => {
    const isScript = url === "/page.js";
    response.setHeader("content-type", isScript ? "text/javascript; charset=utf-8" : "text/html");
    response.end(isScript ? text : html);
  });
  await new Promise<void>((resolve) => void http.listen(0, "127.0.0.1", resolve));
  undoAfter(t, () => {
    http.closeAllConnections();
    http.close();
  });
  return `http://127.0.0.1:${portOf(http)}`;
}

/** A server that notes what it handles, each at its own pace. */
async function startTalk(
  t: TestContext,
  handled: unknown[],
  port = 0,
): Promise<{ io: Server; url: string; port: number }> {
  const server = await startServer(t, { delivery: { maxUnacknowledged: 8 }, shutdownTimeout: 0 }, { port });
  server.io.on("connection", (socket) => {
    socket.on("n", async (value: number, bytes: Uint8Array) => {
      assert.ok(bytes.length === value && bytes.every((byte) => byte === value % 256));
      handled.push(value);
      if (value % 3 === 0) await new Promise((resolve) => void setImmediate(resolve));
    });
  });
  return server;
}

function upTo(last: number): number[] {
  return Array.from({ length: last }, (_, at) => at + 1);
}

/** What an outbox in IndexedDB must do in any browser. */
export function playOutboxScenes(visitWith: () => VisitWith): void {
  it("is what every store must be", async (t) => {
    const page = await visitWith()(t, await startPages(t));
    const { count, failed } = (await page.evaluate("outboxes.suite()")) as {
      count: number;
      failed: string[];
    };
    assert.deepEqual(failed, []);
    assert.ok(count > 9);
  });

  it("is sent after a reload without any server, before what is new, once and in order", async (t) => {
    const handled: unknown[] = [];
    const first = await startTalk(t, handled);
    const page = await visitWith()(t, await startPages(t));
    const open = `outboxes.open("${first.url}")`;
    await page.evaluate(open);
    await page.evaluate("outboxes.emit(1, 3)");
    await page.evaluate("outboxes.done()");
    await first.io.close();
    await page.evaluate("outboxes.emit(4, 9)");
    await page.evaluate("outboxes.stored()");
    await page.reload();
    await page.evaluate(open);
    await page.evaluate("outboxes.emit(10, 12)");
    await page.evaluate("outboxes.stored()");
    await page.reload();
    await page.evaluate(open);
    await page.evaluate("outboxes.emit(13, 13)");
    await startTalk(t, handled, first.port);
    await page.evaluate("outboxes.done()");
    assert.deepEqual(handled, upTo(13));
    assert.deepEqual(await page.evaluate("outboxes.errors()"), []);
  });

  it("is not handled twice if the page is reloaded while it is under way", async (t) => {
    const handled: unknown[] = [];
    const { url } = await startTalk(t, handled);
    const page = await visitWith()(t, await startPages(t));
    for (let round = 0; round < 5; round += 1) {
      await page.evaluate(`outboxes.open("${url}")`);
      await page.evaluate(`outboxes.emit(${round * 60 + 1}, ${round * 60 + 60}); outboxes.stored()`);
      await until(() => handled.length > round * 60);
      await page.reload();
    }
    await page.evaluate(`outboxes.open("${url}")`);
    await page.evaluate("outboxes.done()");
    assert.deepEqual(handled, upTo(300));
    assert.equal(await page.evaluate("outboxes.recovered()"), false);
    assert.deepEqual(await page.evaluate("outboxes.errors()"), []);
  });

  it("belongs to one tab; another one is told, and goes on without it", async (t) => {
    const handled: unknown[] = [];
    const { url } = await startTalk(t, handled);
    const pages = await startPages(t);
    const visit = visitWith();
    const [one, other] = [await visit(t, pages), await visit(t, pages)];
    await one.evaluate(`outboxes.open("${url}"); outboxes.stored()`);
    await other.evaluate(`outboxes.open("${url}")`);
    await other.evaluate("outboxes.emit(1, 1)");
    await other.evaluate("outboxes.done()");
    assert.deepEqual(await other.evaluate("outboxes.errors()"), ["STORE_IN_USE"]);
    await one.close();
    await other.reload();
    await other.evaluate(`outboxes.open("${url}"); outboxes.stored()`);
    assert.deepEqual(await other.evaluate("outboxes.errors()"), []);
    assert.deepEqual(handled, [1]);
  });

  it("is forgotten by who logs out", async (t) => {
    const handled: unknown[] = [];
    const first = await startTalk(t, handled);
    const page = await visitWith()(t, await startPages(t));
    await first.io.close();
    await page.evaluate(`outboxes.open("${first.url}")`);
    await page.evaluate("outboxes.emit(1, 5); outboxes.stored()");
    await page.evaluate("outboxes.logOut()");
    await page.reload();
    await startTalk(t, handled, first.port);
    await page.evaluate(`outboxes.open("${first.url}")`);
    await page.evaluate("outboxes.emit(6, 6)");
    await page.evaluate("outboxes.done()");
    assert.deepEqual(handled, [6]);
  });
}
