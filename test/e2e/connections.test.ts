import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Browser } from "playwright-core";
import { until } from "../support/until.ts";
import { launchBrowser } from "./pages.ts";
import { newProfile, Site, Tab } from "./tabs.ts";

let browser: Browser;
before(async () => {
  browser = await launchBrowser();
});
after(() => browser?.close());

/** A browser opens six connections to a server over HTTP/1.1, for all its tabs: one is left for what they send. */
const CLIENTS_PER_TAB = [3, 2];

describe("the clients of two tabs", { concurrency: true }, () => {
  for (const name of ["polling", "sse"] as const) {
    it(`hold one request each over ${name}, and leave a connection for what they send`, async (t) => {
      const site = await Site.start(t);
      let pending = 0;
      site.io.engine.use((_request, response, pass) => {
        pending += 1;
        response.on("close", () => (pending -= 1));
        pass();
      });
      const profile = await newProfile(t, browser);
      const tabs: Tab[] = [];
      for (const clients of CLIENTS_PER_TAB) {
        const tab = await Tab.open(profile, site.url);
        tabs.push(tab);
        for (let left = clients; left > 0; left -= 1) await tab.connect({ transports: [name] });
      }
      const changed = await Promise.all(
        tabs.map(({ page }) =>
          page.evaluate(() => Promise.all(clients.map((client) => client.echo([1, 50_000])))),
        ),
      );
      assert.deepEqual(
        changed,
        CLIENTS_PER_TAB.map((count) => Array.from({ length: count }, () => [])),
      );
      await until(() => pending === 5);
      assert.equal(site.sessions.all.length, 5);
    });
  }
});
