import assert from "node:assert/strict";
import { after, before, describe, it, type TestContext } from "node:test";
import type { Browser } from "playwright-core";
import type { ClientOptions, TransportName } from "../../src/client/options.ts";
import type { Socket } from "../../src/sockets/socket.ts";
import { next } from "../support/events.ts";
import { until } from "../support/until.ts";
import { launchBrowser } from "./pages.ts";
import { newProfile, Site, Tab } from "./tabs.ts";

/** With the usual heartbeat: an end that nobody tells would come too late for these tests. */
const FAREWELL = ["transport close", { clean: true, description: "closed by the client" }] as const;

const LISTS: readonly (readonly TransportName[] | undefined)[] = [
  undefined,
  ["websocket"],
  ["sse"],
  ["polling"],
  ["short-polling"],
];

let browser: Browser;
before(async () => {
  browser = await launchBrowser();
});
after(() => browser?.close());

interface Scene {
  readonly site: Site;
  readonly tab: Tab;
  readonly socket: Socket;
  /** What came from the page with `up`. */
  readonly heard: number[];
  readonly ended: Promise<unknown[]>;
}

/** A page with a connected client; `prepare` runs there before, and can use `clients` later. */
async function open(t: TestContext, options: ClientOptions, prepare: () => void = () => {}): Promise<Scene> {
  const site = await Site.start(t);
  const tab = await Tab.open(await newProfile(t, browser), site.url);
  await tab.page.evaluate(prepare);
  await tab.connect(options);
  const [socket] = await site.sockets.take();
  const heard: number[] = [];
  socket.on("up", (value: number) => heard.push(value));
  return { site, tab, socket, heard, ended: next(socket, "disconnect") };
}

for (const transports of LISTS) {
  const options: ClientOptions = transports === undefined ? {} : { transports };
  void describe(`a page over ${transports?.[0] ?? "what it chose"}`, { concurrency: true }, () => {
    it("ends its session when it is closed", async (t) => {
      const { tab, ended } = await open(t, options);
      await tab.page.close();
      assert.deepEqual(await ended, FAREWELL);
    });

    it("ends it when it gives way to another page", async (t) => {
      const { tab, ended } = await open(t, options);
      await tab.page.goto("about:blank");
      assert.deepEqual(await ended, FAREWELL);
    });

    it("ends it after what it has to say as it is left", async (t) => {
      const { tab, ended, heard } = await open(t, options, () => {
        addEventListener("pagehide", () => {
          for (const value of [1, 2, 3]) clients[0]!.socket.emit("up", value);
        });
      });
      await tab.page.goto("about:blank");
      assert.deepEqual(await ended, FAREWELL);
      assert.deepEqual(heard, [1, 2, 3]);
    });

    it("ends it after what is under way as it is left", async (t) => {
      const { site, tab, ended, heard } = await open(t, options);
      await tab.page.evaluate(() => clients[0]!.echo([1]));
      // The network takes its time over the next POST: the page is gone before it is answered.
      const held: (() => void)[] = [];
      site.io.engine.use(({ method }, _response, pass) => {
        if (held.length === 0 && method === "POST") held.push(pass);
        else pass();
      });
      await tab.page.evaluate(() => void clients[0]!.socket.emit("up", 1));
      const isRequest = site.transport !== "websocket";
      await until(() => held.length > 0 || !isRequest);
      await tab.page.goto("about:blank");
      held[0]?.();
      assert.deepEqual(await ended, FAREWELL);
      assert.deepEqual(heard, [1]);
    });
  });
}
