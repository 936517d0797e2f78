/** A page as Socket.IO's documentation writes it: it loads the client from the server that it talks to. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, describe, it } from "node:test";
import type { Browser } from "playwright-core";
import { startServer, undoAfter } from "../support/fixture.ts";
import { launchBrowser } from "./pages.ts";

/** Of what `says` is, the promise is the page's last word. */
const TALK = `globalThis.says = new Promise((resolve, reject) => {
  const socket = io();
  socket.on("connect_error", reject);
  socket.emit("double", 21, (answer) => resolve(answer + " " + socket.io.engine.transport.name));
});`;
const PAGES: Readonly<Record<string, string>> = {
  "/script": `<script src="/socket.io/socket.io.js"></script><script>${TALK}</script>`,
  "/short": `<script src="/socket.io/socket.io.min.js"></script><script>${TALK}</script>`,
  "/module": `<script type="module">import { io } from "/socket.io/socket.io.esm.min.js"; ${TALK}</script>`,
};

describe("a page that loads the client from the server", () => {
  let browser: Browser;
  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser?.close());

  for (const path of Object.keys(PAGES)) {
    it(`talks to it (${path})`, async (t) => {
      const http = createServer((request, response) => {
        response.writeHead(200, { "Content-Type": "text/html; charset=utf-8" });
        response.end(`<!doctype html><link rel="icon" href="data:,">${PAGES[request.url ?? ""] ?? ""}`);
      });
      const { io, url } = await startServer(t, {}, { http });
      io.on("connection", (socket) => {
        socket.on("double", (number: number, done: (value: number) => void) => done(2 * number));
      });
      const page = await browser.newPage();
      undoAfter(t, () => page.close());
      const errors: unknown[] = [];
      page.on("pageerror", (error) => errors.push(error));
      page.on("response", (response) => {
        if (response.status() >= 400) errors.push(response.url());
      });
      await page.goto(url + path);
      assert.equal(await page.evaluate("says"), "42 websocket");
      assert.deepEqual(errors, []);
    });
  }
});
