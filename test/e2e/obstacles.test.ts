import assert from "node:assert/strict";
import { after, before, describe, it, type TestContext } from "node:test";
import type { Browser } from "playwright-core";
import type { ClientOptions } from "../../src/client/options.ts";
import type { Socket } from "../../src/sockets/socket.ts";
import { undoAfter } from "../support/fixture.ts";
import { ObstacleProxy, type Obstacles } from "../support/obstacle-proxy.ts";
import { until } from "../support/until.ts";
import { launchBrowser } from "./pages.ts";
import { newProfile, Site, Tab } from "./tabs.ts";

/** Pings that come soon: what is cut is noticed. */
const HEARTBEAT = { pingInterval: 300, pingTimeout: 5000 };
/** Requests are held for longer than the network allows. */
const SLOW_HEARTBEAT = { pingInterval: 5000, pingTimeout: 5000 };
/** What does not come at all need not be waited for long. */
const HASTE: ClientOptions = { raceDelay: 200 };
/** What comes may take its time, on a busy machine. */
const PATIENCE: ClientOptions = { raceDelay: 20_000 };

let browser: Browser;
before(async () => {
  browser = await launchBrowser();
});
after(() => browser?.close());

/** A page behind a proxy, and what it has to do with its server. */
class Visit {
  readonly site: Site;
  readonly proxy: ObstacleProxy;
  readonly tab: Tab;
  #id = "";
  #socket!: Socket;

  private constructor(site: Site, proxy: ObstacleProxy, tab: Tab) {
    this.site = site;
    this.proxy = proxy;
    this.tab = tab;
  }

  static async begin(t: TestContext, obstacles: Obstacles, heartbeat = HEARTBEAT): Promise<Visit> {
    const site = await Site.start(t, heartbeat);
    const proxy = await ObstacleProxy.start(site.port, {});
    undoAfter(t, () => proxy.stop());
    const tab = await Tab.open(await newProfile(t, browser), proxy.url);
    proxy.obstacles = obstacles;
    proxy.requests.length = 0;
    return new Visit(site, proxy, tab);
  }

  async connect(options: ClientOptions): Promise<void> {
    this.#id = await this.tab.connect(options);
    [this.#socket] = await this.site.sockets.take();
  }

  /** Both sides send numbers, five at a time; each arrives once and in order, and it is one socket all the time. */
  async count(rounds: number, pauseMs: number): Promise<void> {
    const count = rounds * 5;
    const expected = Array.from({ length: count }, (_, value) => value);
    const atServer: number[] = [];
    this.#socket.on("up", (value: number) => {
      if (value % 5 === 0)
        for (let next = value; next < value + 5; next += 1) this.#socket.emit("down", next);
      atServer.push(value);
    });
    await this.tab.page.evaluate(([all, pause]) => clients.at(-1)!.count(all, pause), [
      count,
      pauseMs,
    ] as const);
    const atClient = await this.tab.page.evaluate((all) => clients.at(-1)!.receivedAll(all), count);
    await until(() => atServer.length >= count);
    assert.deepEqual(atServer, expected);
    assert.deepEqual(atClient, expected);
    const events = await this.tab.events();
    assert.deepEqual(
      events.filter((event) => /connect/.test(event)),
      ["connect"],
    );
    assert.equal(await this.tab.page.evaluate(() => clients.at(-1)!.socket.id), this.#id);
    assert.equal(this.site.sockets.all.length, 1);
  }
}

describe("the client in a browser comes through a network that", { concurrency: 4 }, () => {
  it("drops WebSockets: by an event stream", async (t) => {
    const visit = await Visit.begin(t, { upgrade: "drop" });
    await visit.connect(PATIENCE);
    await visit.count(3, 100);
    await until(() => visit.site.transport === "sse");
  });

  for (const upgrade of ["hang", "swallow"] as const) {
    it(`${upgrade}s WebSockets: by requests`, async (t) => {
      const visit = await Visit.begin(t, { upgrade });
      await visit.connect(HASTE);
      await visit.count(3, 100);
      assert.ok(visit.proxy.requests.includes("GET sse"));
    });
  }

  it("buffers answers: an event stream is left for polling", async (t) => {
    const visit = await Visit.begin(t, { upgrade: "drop", buffer: true });
    await visit.connect(HASTE);
    await visit.count(5, 100);
    assert.ok(visit.proxy.requests.includes("GET sse"));
    assert.equal(visit.site.transport, "polling");
  });

  it("buffers answers, though only event streams and polling were wished for", async (t) => {
    const visit = await Visit.begin(t, { buffer: true });
    await visit.connect({ ...HASTE, transports: ["sse", "polling"], tryAllTransports: true });
    await visit.count(3, 100);
    assert.equal(visit.site.transport, "polling");
  });

  it("begins to buffer answers: the stream that was there is left, too", async (t) => {
    const visit = await Visit.begin(t, {});
    await visit.connect({ ...HASTE, transports: ["sse", "polling"] });
    assert.equal(visit.site.transport, "sse");
    visit.proxy.obstacles = { buffer: true };
    visit.proxy.cut();
    await visit.count(5, 200);
    assert.equal(visit.site.transport, "polling");
  });

  for (const transports of [["polling"], ["sse"], undefined] as const) {
    it(`cuts everything after a while: ${transports?.[0] ?? "what it chooses"} goes on in one session`, async (t) => {
      const visit = await Visit.begin(t, { cutAfterMs: 1100, cutWebSockets: true }, SLOW_HEARTBEAT);
      await visit.connect(transports === undefined ? PATIENCE : { transports: [...transports] });
      await visit.count(3, 1300);
      assert.ok(visit.proxy.cuts > 0);
      assert.equal(visit.site.sessions.all.length, 1);
    });
  }

  it("cuts all lines again and again: nothing is lost", async (t) => {
    const visit = await Visit.begin(t, {});
    await visit.connect(PATIENCE);
    const timer = setInterval(() => visit.proxy.cut(), 170);
    undoAfter(t, () => clearInterval(timer));
    await visit.count(15, 100);
    assert.equal(visit.site.sessions.all.length, 1);
  });

  it("lets WebSockets pass later: the session moves, and the page remembers it", async (t) => {
    const visit = await Visit.begin(t, { upgrade: "drop" }, { pingInterval: 25_000, pingTimeout: 20_000 });
    await visit.tab.page.clock.install();
    await visit.connect(PATIENCE);
    visit.proxy.obstacles = {};
    // Then the next try is due.
    await visit.tab.page.clock.runFor(10_000);
    await until(() => visit.site.transport === "websocket");
    await visit.count(2, 0);
    assert.equal(visit.site.sessions.all.length, 1);
    visit.proxy.requests.length = 0;
    await visit.tab.page.reload();
    await visit.tab.connect(PATIENCE);
    assert.deepEqual(
      visit.proxy.requests.filter((kind) => kind !== "GET null"),
      ["UPGRADE websocket"],
    );
  });

  it("drops WebSockets: the next page begins with polling, and another one of its own does not know", async (t) => {
    const visit = await Visit.begin(t, { upgrade: "drop" });
    await visit.connect(HASTE);
    const begin = async (tab: Tab): Promise<string | undefined> => {
      visit.proxy.requests.length = 0;
      await tab.page.goto(visit.proxy.url);
      await tab.connect(HASTE);
      // The page and its script name no transport, and a POST is the goodbye of the last page.
      return visit.proxy.requests.find((kind) => kind !== "GET null" && !kind.startsWith("POST"));
    };
    assert.equal(await begin(visit.tab), "GET polling");
    const other = await Tab.open(await newProfile(t, browser), visit.proxy.url);
    assert.equal(await begin(other), "UPGRADE websocket");
  });
});
