import assert from "node:assert/strict";
import { it, type TestContext } from "node:test";
import type { WebSocket } from "../../src/websocket/index.ts";
import { serve } from "../support/web-sockets.ts";
import { type Site, startSite } from "./script-site.ts";

/** What the pages of all browsers have in common. */
export interface ScriptedPage {
  evaluate(expression: string): Promise<unknown>;
}

/** Opens a page of a site in a browser; it is closed after the test. */
export type Visit = (t: TestContext, url: string) => Promise<ScriptedPage>;

/** What `transports` is set to, as the page writes it. */
const LISTS = `[undefined, ["websocket"], ["sse"], ["polling"], ["short-polling"]]`;

/** What the plain script must do in any browser. */
export function playScriptScenes(visit: Visit): void {
  async function open(t: TestContext): Promise<{ site: Site; page: ScriptedPage }> {
    const site = await startSite(t);
    return { site, page: await visit(t, site.url) };
  }

  it("is one global, with everything on it", async (t) => {
    const { page } = await open(t);
    assert.deepEqual(await page.evaluate("globals"), ["io"]);
    const types = await page.evaluate(
      "[io, io.io, io.connect, io.Manager, io.Socket, io.ReliableWebSocket, io.AckError].map((each) => typeof each)",
    );
    assert.deepEqual(
      types,
      Array.from({ length: 7 }, () => "function"),
    );
  });

  it("talks over what it chooses, and over each transport", async (t) => {
    const { page } = await open(t);
    const used = (await page.evaluate(`Promise.all(${LISTS}.map(talk.converse))`)) as string[];
    // On a busy machine the first may begin with polling.
    assert.deepEqual(used.slice(1), ["websocket", "sse", "polling", "polling"]);
  });

  it("comes back after the server was killed, with what was written meanwhile, on each transport", async (t) => {
    const { site, page } = await open(t);
    await page.evaluate(`talk.begin(${LISTS})`);
    await site.kill();
    await startSite(t, site.port);
    const answers = await page.evaluate("talk.back()");
    assert.deepEqual(
      answers,
      Array.from({ length: 5 }, () => ["one", "two"]),
    );
  });

  it("has a WebSocket for any server, that comes back", async (t) => {
    const { page } = await open(t);
    const { wss, url } = await serve(t, { handleProtocols: () => "echo" });
    wss.on("connection", (socket: WebSocket) => {
      socket.on("message", (data, isBinary) => {
        if (String(data) === "cut") socket.terminate();
        else socket.send(data as Buffer, { binary: isBinary });
      });
    });
    assert.deepEqual(await page.evaluate(`talk.reliable("${url}")`), [
      "open false echo",
      "reconnecting 1006",
      "open true echo",
      "message waited",
      "message blob",
      "close 4000 enough true",
    ]);
  });
}
