import assert from "node:assert/strict";
import { after, before, describe, it, type TestContext } from "node:test";
import type { Browser, Page } from "playwright-core";
import { ChatProcess } from "../apps/chat/chat-process.ts";
import { freePort } from "../support/listen.ts";
import { launchBrowser, Person } from "./pages.ts";

describe("the chat when the line goes down", () => {
  let browser: Browser;
  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser?.close());

  async function start(t: TestContext, port: number): Promise<ChatProcess> {
    const chat = await ChatProcess.start(port);
    t.after(() => chat.stop());
    return chat;
  }

  it("goes on by itself after the server was killed and started again", async (t) => {
    const port = await freePort();
    const first = await start(t, port);
    const [ada, grace] = await Promise.all([
      Person.visit(browser, first.url, "Ada", "tea"),
      Person.visit(browser, first.url, "Grace", "tea"),
    ]);
    t.after(() => Promise.all([ada.leave(), grace.leave()]));
    await ada.say("Hello Grace");
    await grace.sees("Hello Grace");
    await grace.say("Hello Ada");
    await ada.sees("Hello Ada");

    await first.stop("SIGKILL");
    await Promise.all(
      [ada, grace].map((person) => person.status("Reconnecting").waitFor({ state: "attached" })),
    );
    await ada.type("Written while it was down");
    await ada.type("And another");
    await ada.sees("And another");
    assert.equal(await ada.pending.count(), 2);

    await start(t, port);
    await Promise.all([ada.arrived(), grace.arrived()]);
    await grace.sees("And another");
    await ada.nothingPending();
    await grace.say("Welcome back");
    await ada.sees("Welcome back");
    await ada.say("Thanks");
    await grace.sees("Thanks");

    // Whoever comes now sees what the new server has; the others also what they saw before.
    const alan = await Person.visit(browser, first.url, "Alan", "tea");
    t.after(() => alan.leave());
    await alan.sees("Thanks");
    const since = ["Written while it was down", "And another", "Welcome back", "Thanks"];
    const all = ["Hello Grace", "Hello Ada", ...since];
    assert.deepEqual(await textsOf(ada), all);
    assert.deepEqual(await textsOf(grace), all);
    assert.deepEqual(await textsOf(alan), since);
  });

  it("delivers once what was sent but never acknowledged", async (t) => {
    const chat = await start(t, await freePort());
    const line = new CutLine();
    const ada = await Person.visit(browser, chat.url, "Ada", "tea", {
      prepare: (page) => line.install(page),
    });
    const grace = await Person.visit(browser, chat.url, "Grace", "tea");
    t.after(() => Promise.all([ada.leave(), grace.leave()]));

    line.cutAfterSend = true;
    await ada.type("Did it arrive?");
    await grace.sees("Did it arrive?");
    await ada.sees("Did it arrive?");
    await ada.nothingPending();
    assert.equal(line.cuts, 1);
    assert.equal(line.sends, 2);

    await ada.say("It did.");
    await grace.sees("It did.");
    assert.deepEqual(await textsOf(ada), ["Did it arrive?", "It did."]);
    assert.deepEqual(await textsOf(grace), ["Did it arrive?", "It did."]);
  });

  it("says that it is offline, and comes back with the network or by hand", async (t) => {
    const port = await freePort();
    const first = await start(t, port);
    const ada = await Person.visit(browser, first.url, "Ada", "tea");
    t.after(() => ada.leave());
    await ada.page.context().setOffline(true);
    await first.stop("SIGKILL");
    await ada.status("Offline").waitFor({ state: "attached" });
    await ada.type("From the tunnel");
    await ada.sees("From the tunnel");
    assert.equal(await ada.pending.count(), 1);

    await start(t, port);
    await ada.page.context().setOffline(false);
    await ada.arrived();
    await ada.nothingPending();
    assert.deepEqual(await textsOf(ada), ["From the tunnel"]);
  });

  it("tries at once when it is told to", async (t) => {
    const port = await freePort();
    const first = await start(t, port);
    const ada = await Person.visit(browser, first.url, "Ada", "tea");
    t.after(() => ada.leave());
    // Time stands still for the page: by itself, it will not come back.
    await ada.page.clock.install();
    await ada.page.clock.pauseAt(Date.now() + 60_000);
    await first.stop("SIGKILL");
    const retry = ada.page.getByRole("button", { name: "Retry now" });
    await retry.waitFor();
    assert.equal(await ada.page.locator(".status-text").textContent(), "Reconnecting in 1 s");
    await start(t, port);
    await retry.click();
    await ada.arrived();
    await ada.say("Here again");
  });
});

function textsOf({ log }: Person): Promise<string[]> {
  return log.locator(".message-text").allTextContents();
}

/**
 * A line between page and server that is cut at the worst moment: a message has gone out, its answer does not come, and the server knows the
 * session no longer.
 */
class CutLine {
  cutAfterSend = false;
  cuts = 0;
  /** How many times a message was sent. */
  sends = 0;
  #lostSid: string | undefined;

  async install(page: Page): Promise<void> {
    const error = { status: 400, json: { code: 1, message: "Session ID unknown" } };
    await page.route(/socket\.io/, (route) =>
      this.#isLost(route.request().url()) ? route.fulfill(error) : route.continue(),
    );
    await page.routeWebSocket(/socket\.io/, (route) => {
      if (this.#isLost(route.url())) {
        void route.close();
        return;
      }
      const server = route.connectToServer();
      let sid: string | undefined;
      let cut = false;
      route.onMessage((text) => {
        server.send(text);
        if (!/^42\d*\["send"/.test(String(text))) return;
        this.sends += 1;
        if (this.cutAfterSend) cut = true;
      });
      server.onMessage((text) => {
        sid ??= /^0.*"sid":"([^"]+)"/.exec(String(text))?.[1];
        if (!cut) return route.send(text);
        if (!String(text).startsWith("43")) return;
        this.cutAfterSend = false;
        this.cuts += 1;
        this.#lostSid = sid;
        void route.close({ code: 1011 });
        void server.close();
      });
    });
  }

  #isLost(url: string): boolean {
    return this.#lostSid !== undefined && url.includes(`sid=${this.#lostSid}`);
  }
}
