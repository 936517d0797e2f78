import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Browser } from "playwright-core";
import { launchBrowser } from "./pages.ts";
import { newProfile, Site, Tab } from "./tabs.ts";

/** Lengths of texts and of bytes. */
const LENGTHS = [0, 1, 65_536, 300_000];
/** Bytes that are just within what a server takes, though not as the base64 that requests carry. */
const NEARLY_TOO_LONG = 999_000;

/** Each transport by its name in a list, and the requests of a session that is on it alone. */
const ALONE = [
  ["websocket", ["GET websocket"]],
  ["sse", ["GET sse", "POST sse"]],
  ["polling", ["GET polling", "POST polling"]],
  ["short-polling", ["GET polling", "POST polling"]],
] as const;

let browser: Browser;
before(async () => {
  browser = await launchBrowser();
});
after(() => browser?.close());

describe("the client in a browser", { concurrency: true }, () => {
  for (const [name, kinds] of ALONE) {
    it(`exchanges texts, bytes and acknowledgements over ${name} alone`, async (t) => {
      const site = await Site.start(t);
      const tab = await Tab.open(await newProfile(t, browser), site.url);
      await tab.connect({ transports: [name] });
      const [socket] = await site.sockets.take();
      assert.deepEqual(await tab.page.evaluate((lengths) => clients[0]!.echo(lengths), LENGTHS), []);
      for (const length of LENGTHS) {
        const value = { text: "é".repeat(length), bytes: Buffer.alloc(length, "bytes") };
        assert.deepEqual(await socket.emitWithAck("question", value), value);
      }
      assert.deepEqual(
        await tab.page.evaluate((length) => clients[0]!.echoBytes(length), NEARLY_TOO_LONG),
        true,
      );
      assert.deepEqual(site.kinds, kinds);
      assert.equal(site.transport, kinds[0].slice(4));
      assert.equal(site.sessions.all.length, 1);
      const polls = site.requests.filter(({ kind, query }) => kind === "GET polling" && query.has("sid"));
      assert.ok(polls.every(({ query }) => query.get("hold") === (name === "short-polling" ? "0" : null)));
      assert.deepEqual(await tab.events(), [kinds[0].slice(4), "connect"]);
    });
  }
});

describe("the client in a page of another origin", { concurrency: true }, () => {
  for (const [name, kinds] of ALONE.slice(0, 3)) {
    it(`is let in by cors over ${name}, and carries cookies if it shall`, async (t) => {
      const page = await Site.start(t);
      const site = await Site.start(t, { cors: { origin: page.url, credentials: true }, cookie: true });
      const tab = await Tab.open(await newProfile(t, browser), page.url);
      const isRequest = name !== "websocket";
      for (const withCredentials of [true, false]) {
        site.requests.length = 0;
        // A header of ours makes the browser ask first.
        const extraHeaders = { "X-Ours": "1" };
        await tab.connect({ transports: [name], withCredentials, extraHeaders }, site.url);
        assert.deepEqual(await tab.page.evaluate(() => clients.at(-1)!.echo([1000])), []);
        assert.deepEqual(site.kinds, kinds);
        for (const { query, origin, cookie, ours } of site.requests) {
          assert.equal(origin, page.url);
          assert.equal(ours, isRequest ? "1" : undefined);
          if (query.get("sid") === site.sessions.all.at(-1)![0].id)
            assert.equal(cookie?.startsWith("io=") ?? false, withCredentials);
        }
        await tab.page.evaluate(() => void clients.at(-1)!.socket.disconnect());
      }
      assert.deepEqual(page.sessions.all, []);
    });
  }

  it("is kept out of requests where cors does not name it", async (t) => {
    const page = await Site.start(t);
    const site = await Site.start(t, { cors: { origin: "https://example.org" } });
    const tab = await Tab.open(await newProfile(t, browser), page.url);
    for (const name of ["polling", "sse"] as const) {
      await assert.rejects(
        tab.connect({ transports: [name], reconnection: false }, site.url),
        /Failed to fetch/,
      );
    }
    assert.deepEqual(site.sockets.all, []);
  });
});
