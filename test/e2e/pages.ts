import { type Browser, type BrowserContextOptions, chromium, type Locator, type Page } from "playwright-core";
import { findBrowser } from "../../scripts/lib/browser.mjs";

/** How long a page may take to show what is waited for; the longest pause before it reconnects is 5 s. */
export const PATIENCE_MS = 20_000;

/** A window of a usual size. */
export const WIDE = { width: 1280, height: 800 } as const;

/** The narrowest that WCAG asks for: a small phone's, or a usual one's at a zoom of four. */
export const NARROW = { width: 320, height: 568 } as const;

export async function launchBrowser(): Promise<Browser> {
  return chromium.launch(await findBrowser());
}

export interface VisitOptions extends BrowserContextOptions {
  /** Called before the page is opened. */
  prepare?: (page: Page) => Promise<void>;
}

/** A person at a browser of their own, in a room of the chat: what they see and do, by what it is called on the page. */
export class Person {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  static async visit(
    browser: Browser,
    url: string,
    name: string,
    room: string,
    { prepare, ...options }: VisitOptions = {},
  ): Promise<Person> {
    const context = await browser.newContext({ locale: "en-GB", ...options });
    context.setDefaultTimeout(PATIENCE_MS);
    const page = await context.newPage();
    await prepare?.(page);
    await page.goto(`${url}/#${room}`);
    const person = new Person(page);
    await page.getByLabel("Your name").fill(name);
    await page.keyboard.press("Enter");
    await person.arrived();
    return person;
  }

  get log(): Locator {
    return this.page.getByRole("log");
  }

  get box(): Locator {
    return this.page.getByRole("textbox", { name: /^Message to/ });
  }

  /** All messages with exactly this text. */
  messages(text: string): Locator {
    return this.log.getByText(text, { exact: true });
  }

  /** The marks at our own messages that have not been acknowledged. */
  get pending(): Locator {
    return this.log.getByTitle("Pending");
  }

  async arrived(): Promise<void> {
    await this.status("Connected").waitFor({ state: "attached" });
    await this.page.getByText("Opening the room").waitFor({ state: "detached" });
  }

  status(text: string): Locator {
    return this.page.getByRole("status").filter({ hasText: text });
  }

  async type(text: string): Promise<void> {
    await this.box.fill(text);
    await this.box.press("Enter");
  }

  /** Sends a message and waits until the server has acknowledged it. */
  async say(text: string): Promise<void> {
    await this.type(text);
    await this.messages(text).waitFor();
    await this.nothingPending();
  }

  async nothingPending(): Promise<void> {
    await this.pending.first().waitFor({ state: "detached" });
  }

  async sees(text: string): Promise<void> {
    await this.messages(text).first().waitFor();
  }

  async leave(): Promise<void> {
    await this.page.context().close();
  }
}
