import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Browser } from "playwright-core";
import { MAX_TEXT_LENGTH } from "../../apps/chat/src/shared/limits.ts";
import { ChatProcess } from "../apps/chat/chat-process.ts";
import { freePort } from "../support/listen.ts";
import { launchBrowser, Person, type VisitOptions } from "./pages.ts";

describe("the chat in a browser", () => {
  let browser: Browser;
  let chat: ChatProcess;
  let people: Person[] = [];
  before(async () => {
    [browser, chat] = await Promise.all([
      launchBrowser(),
      freePort().then((port) => ChatProcess.start(port)),
    ]);
  });
  after(async () => {
    await browser?.close();
    await chat?.stop();
  });

  /** Runs a test with people of its own, who leave at its end. */
  function scene(title: string, play: () => Promise<void>): void {
    it(title, async () => {
      try {
        await play();
      } finally {
        await Promise.all(people.map((person) => person.leave()));
        people = [];
      }
    });
  }
  async function visit(name: string, room: string, options?: VisitOptions): Promise<Person> {
    const person = await Person.visit(browser, chat.url, name, room, options);
    people.push(person);
    return person;
  }

  scene("shows markup as the text that it is", async () => {
    const ada = await visit("<i>Ada</i>", "markup");
    const grace = await visit("Grace", "markup");
    const text = `<img src=x onerror="document.title='hit'"> <b>bold</b> &amp;`;
    await ada.say(text);
    await grace.sees(text);
    for (const { page, log } of [ada, grace]) {
      assert.equal(await log.locator("img, b, i, script").count(), 0);
      assert.match(await page.title(), /markup/);
    }
    assert.equal(await grace.log.getByText("<i>Ada</i>").count(), 1);
  });

  scene("shows what was said before to whoever joins", async () => {
    const ada = await visit("Ada", "history");
    for (const text of ["first", "second", "third"]) await ada.say(text);
    const grace = await visit("Grace", "history");
    await grace.sees("third");
    assert.deepEqual(await grace.log.locator(".message-text").allTextContents(), [
      "first",
      "second",
      "third",
    ]);
  });

  scene("shows who is here, and who is typing until they send", async () => {
    const ada = await visit("Ada", "presence", { viewport: { width: 1280, height: 800 } });
    const list = ada.page.getByRole("complementary", { name: "People" }).getByRole("listitem");
    const grace = await visit("Grace", "presence");
    await list.filter({ hasText: "Grace" }).waitFor();
    assert.equal(await list.count(), 2);

    await grace.box.pressSequentially("Hel");
    await ada.status("Grace is typing…").waitFor();
    await grace.say("Hello");
    await ada.sees("Hello");
    await ada.status("Grace is typing…").waitFor({ state: "detached" });

    await grace.leave();
    await list.filter({ hasText: "Grace" }).waitFor({ state: "detached" });
    assert.equal(await list.count(), 1);
  });

  scene("refuses a message of a megabyte with a hint, and keeps it", async () => {
    const ada = await visit("Ada", "long");
    await ada.type("x".repeat(1_000_000));
    await ada.page.getByText("1,000,000 of 2,000 characters: shorten the message").waitFor();
    assert.equal(await ada.page.getByRole("button", { name: "Send" }).isDisabled(), true);
    assert.equal((await ada.box.inputValue()).length, 1_000_000);
    await ada.say("x".repeat(MAX_TEXT_LENGTH));
    assert.equal(await ada.status("Connected").count(), 1);
  });

  scene("can be used with the keyboard alone", async () => {
    const ada = await visit("Ada", "keys", { viewport: { width: 1280, height: 800 } });
    const { keyboard } = ada.page;
    const focused = (): Promise<string> =>
      ada.page.evaluate(
        () => document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.id ?? "",
      );
    assert.equal(await focused(), "message");
    await keyboard.type("one line");
    await keyboard.press("Shift+Enter");
    await keyboard.type("and another");
    await keyboard.press("Enter");
    await ada.sees("one line\nand another");
    assert.equal(await ada.box.inputValue(), "");

    // Back through the page to its first stop, which leads to the message box again.
    await keyboard.press("Shift+Tab");
    assert.equal(await focused(), "Messages in keys");
    await ada.page.getByRole("link", { name: "Skip to the message box" }).focus();
    await keyboard.press("Enter");
    assert.equal(await focused(), "message");

    await ada.page.getByLabel("Join or create a room").focus();
    await keyboard.type("Other Keys");
    await keyboard.press("Enter");
    await ada.page.getByRole("heading", { name: "other-keys", exact: true }).waitFor();
    assert.match(ada.page.url(), /#other-keys$/);
    await ada.arrived();

    await ada.page.getByRole("button", { name: /Change name/ }).focus();
    await keyboard.press("Enter");
    await ada.page.getByRole("dialog", { name: "Your name" }).waitFor();
    await keyboard.press("Escape");
    await ada.page.getByRole("dialog").waitFor({ state: "detached" });
    await keyboard.press("Enter");
    await ada.page.getByLabel("Your name", { exact: true }).and(ada.page.getByRole("textbox")).fill("Ada B.");
    await keyboard.press("Enter");
    await ada.page.getByRole("complementary", { name: "People" }).getByText("Ada B.").waitFor();
  });

  scene("has its panels in drawers where there is no room for them", async () => {
    const ada = await visit("Ada", "narrow", { viewport: { width: 360, height: 640 } });
    const width = await ada.page.evaluate(() => document.documentElement.scrollWidth);
    assert.equal(width, 360);
    const rooms = ada.page.getByRole("dialog", { name: "Rooms" });
    await ada.page.getByRole("button", { name: "Rooms" }).click();
    await rooms.getByRole("link", { name: "coffee" }).click();
    await rooms.waitFor({ state: "detached" });
    await ada.page.getByRole("heading", { name: "coffee", exact: true }).waitFor();
    await ada.arrived();
    await ada.page.getByRole("button", { name: "1 person here" }).click();
    await ada.page.getByRole("dialog", { name: "People" }).getByText("Ada").waitFor();
    await ada.page.keyboard.press("Escape");
    await ada.page.getByRole("dialog").waitFor({ state: "detached" });
  });

  scene("asks for nothing from elsewhere, and breaks no rule of its own", async () => {
    const requests: string[] = [];
    const complaints: string[] = [];
    const ada = await visit("Ada", "clean", {
      prepare: async (page) => {
        page.on("request", (request) => requests.push(request.url()));
        page.on("console", (message) => complaints.push(message.text()));
        page.on("pageerror", (error) => complaints.push(String(error)));
      },
    });
    await ada.say("Hello");
    assert.deepEqual(complaints, []);
    assert.deepEqual(
      requests.filter((address) => !address.startsWith(chat.url)),
      [],
    );
    assert.equal(await ada.page.evaluate(() => document.fonts.check('16px "Inter Variable"')), true);
  });

  scene("says how many messages came while one reads further up", async () => {
    const ada = await visit("Ada", "scroll", { viewport: { width: 800, height: 400 } });
    const grace = await visit("Grace", "scroll");
    for (const text of ["1", "2", "3", "4", "5"]) await grace.say(`${text}\n\n\n\n${text}`);
    await ada.sees("5\n\n\n\n5");
    await ada.log.evaluate((log) => log.scrollTo({ top: 0 }));
    // The page knows of the scrolling with the next frame.
    await ada.page.evaluate(
      () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
    );
    await grace.say("news");
    await ada.page.getByRole("button", { name: "1 new message" }).click();
    await ada.page.getByRole("button", { name: "1 new message" }).waitFor({ state: "detached" });
    const fromEnd = await ada.log.evaluate((log) => log.scrollHeight - log.scrollTop - log.clientHeight);
    assert.ok(fromEnd < 2, `${fromEnd} px from the end`);
  });
});
