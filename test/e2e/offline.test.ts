import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Browser } from "playwright-core";
import type { ClientOptions, TransportName } from "../../src/client/options.ts";
import { next } from "../support/events.ts";
import { until } from "../support/until.ts";
import { launchBrowser } from "./pages.ts";
import { newProfile, Site, Tab } from "./tabs.ts";

/** Those that make a link. */
const LISTS: readonly (readonly TransportName[] | undefined)[] = [
  undefined,
  ["sse"],
  ["polling"],
  ["short-polling"],
];

let browser: Browser;
before(async () => {
  browser = await launchBrowser();
});
after(() => browser?.close());

for (const transports of LISTS) {
  const options: ClientOptions = transports === undefined ? {} : { transports };
  void describe(`a page over ${transports?.[0] ?? "what it chose"}`, { concurrency: true }, () => {
    it("goes on in its session after the network was gone", async (t) => {
      const site = await Site.start(t);
      const profile = await newProfile(t, browser);
      const tab = await Tab.open(profile, site.url);
      const id = await tab.connect(options);
      const [socket] = await site.sockets.take();
      const heard: number[] = [];
      socket.on("up", (value: number) => heard.push(value));
      await profile.setOffline(true);
      await tab.page.waitForFunction(() => clients[0]!.events.includes("interrupted"));
      await tab.page.evaluate(() => clients[0]!.count(5, 0));
      for (let value = 0; value < 5; value += 1) socket.emit("down", value);
      await profile.setOffline(false);
      assert.deepEqual(await tab.page.evaluate(() => clients[0]!.receivedAll(5)), [0, 1, 2, 3, 4]);
      await until(() => heard.length === 5);
      assert.deepEqual(heard, [0, 1, 2, 3, 4]);
      const events = await tab.events();
      assert.deepEqual(
        events.filter((event) => /connect|resumed/.test(event)),
        ["connect", "resumed"],
      );
      assert.equal(await tab.page.evaluate(() => clients[0]!.socket.id), id);
      assert.equal(site.sessions.all.length, 1);
    });

    it("ends its session when it is put away, and has a new one when it is shown again", async (t) => {
      const site = await Site.start(t);
      const tab = await Tab.open(await newProfile(t, browser), site.url);
      const id = await tab.connect(options);
      const [socket] = await site.sockets.take();
      const ended: Promise<unknown[]> = next(socket, "disconnect");
      await tab.page.evaluate(() => {
        dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true }));
      });
      const farewell = ["transport close", { clean: true, description: "closed by the client" }];
      assert.deepEqual(await ended, farewell);
      await tab.page.evaluate(() => {
        dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }));
      });
      await site.sockets.take();
      assert.notEqual(await tab.page.evaluate(() => clients[0]!.connected()), id);
      assert.deepEqual(await tab.page.evaluate(() => clients[0]!.echo([1])), []);
      assert.equal(site.sessions.all.length, 2);
    });
  });
}
