import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { describe, it, type TestContext } from "node:test";
import { WebSocket } from "switchboard/websocket";
import { freePort } from "../../support/listen.ts";
import { ChatProcess, runChat } from "./chat-process.ts";

const STOP_LIMIT_MS = 2_000;

describe("the chat as a program", () => {
  it("tells of a taken port in one sentence and exits 1", async (t) => {
    const port = await freePort();
    const other = createServer().listen(port, "127.0.0.1");
    await once(other, "listening");
    t.after(() => other.close());
    const { code, stdout, stderr } = await runChat({ PORT: String(port) });
    assert.equal(code, 1);
    assert.equal(stdout, "");
    assert.match(stderr, new RegExp(`^Port ${port} is already in use: [^\\n]+\\.\\n$`));
  });

  for (const [variables, sentence] of [
    [{ PORT: "tea" }, /^PORT must be [^\n]+, not "tea"\.\n$/],
    [{ PORT: "70000" }, /^PORT must be [^\n]+, not "70000"\.\n$/],
    [
      { PORT: "0", HOST: "203.0.113.7" },
      /^HOST "203\.0\.113\.7" is not an address of this machine[^\n]+\.\n$/,
    ],
  ] as const) {
    it(`tells what is wrong with ${JSON.stringify(variables)} in one sentence and exits 1`, async () => {
      const { code, stdout, stderr } = await runChat(variables);
      assert.equal(code, 1);
      assert.equal(stdout, "");
      assert.match(stderr, sentence);
    });
  }

  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    it(`closes connections with 1001 on ${signal} and exits 0 within 2 s`, async (t) => {
      const chat = await startChat(t);
      const socket = new WebSocket(socketAddress(chat));
      await new Promise((resolve) => socket.on("open", () => resolve(undefined)));
      const closed = new Promise<number>((resolve) => socket.on("close", (code) => resolve(code)));
      const startedAt = performance.now();
      const { code, stderr } = await chat.stop(signal);
      assert.ok(performance.now() - startedAt < STOP_LIMIT_MS);
      assert.equal(await closed, 1001);
      assert.equal(code, 0);
      assert.equal(stderr, "");
    });
  }

  it("does not wait for a peer that never says goodbye", async (t) => {
    const chat = await startChat(t);
    const stream = connect(chat.port, "127.0.0.1");
    t.after(() => stream.destroy());
    stream.on("error", () => {});
    stream.write(
      "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n" +
        "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    );
    const [answer] = (await once(stream, "data")) as [Buffer];
    assert.match(answer.toString("latin1"), /^HTTP\/1\.1 101 /);
    const startedAt = performance.now();
    const { code } = await chat.stop("SIGTERM");
    assert.ok(performance.now() - startedAt < STOP_LIMIT_MS);
    assert.equal(code, 0);
  });

  it("serves its page with what it needs and nothing more", async (t) => {
    const chat = await startChat(t);
    const page = await fetch(chat.url);
    const html = await page.text();
    assert.equal(page.status, 200);
    assert.equal(page.headers.get("content-type"), "text/html; charset=utf-8");
    assert.equal(page.headers.get("cache-control"), "no-cache");
    assert.equal(page.headers.get("x-content-type-options"), "nosniff");
    assert.equal(page.headers.get("referrer-policy"), "no-referrer");
    const policy = page.headers.get("content-security-policy") ?? "";
    assert.match(policy, /default-src 'none'/);
    assert.doesNotMatch(policy, /unsafe|\*/);
    assert.doesNotMatch(html, /https?:\/\//);

    const assets = [...html.matchAll(/(?:href|src)="(\/[^"]+)"/g)].map(([, path]) => String(path));
    assert.ok(assets.length >= 4, html);
    for (const path of assets) {
      const asset = await fetch(chat.url + path);
      assert.equal(asset.status, 200, path);
      assert.ok((await asset.arrayBuffer()).byteLength > 0, path);
      if (path.startsWith("/assets/"))
        assert.match(asset.headers.get("cache-control") ?? "", /immutable/, path);
    }
  });

  it("answers 404 and 405 to the rest", async (t) => {
    const chat = await startChat(t);
    for (const path of [
      "/nothing",
      "/assets/",
      "/../server.js",
      "/%2e%2e/server.js",
      "/index.html/",
      "/__proto__",
    ]) {
      const { status } = await fetch(chat.url + path);
      assert.equal(status, 404, path);
    }
    assert.equal(await statusOf(chat.port, "GET //../../package.json HTTP/1.1"), 404);
    assert.equal(await statusOf(chat.port, "GET ../dist/server.js HTTP/1.1"), 400);
    const posted = await fetch(chat.url, { method: "POST", body: "x" });
    assert.equal(posted.status, 405);
    assert.equal(posted.headers.get("allow"), "GET, HEAD");
    const head = await fetch(chat.url, { method: "HEAD" });
    assert.equal(head.status, 200);
    assert.equal(await head.text(), "");
  });
});

async function startChat(t: TestContext): Promise<ChatProcess> {
  const chat = await ChatProcess.start(await freePort());
  t.after(() => chat.stop());
  return chat;
}

function socketAddress({ port }: ChatProcess): string {
  return `ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket`;
}

/** The status of a request line that `fetch` would tidy up. */
async function statusOf(port: number, line: string): Promise<number> {
  const stream = connect(port, "127.0.0.1");
  stream.write(`${line}\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
  let text = "";
  for await (const chunk of stream.setEncoding("latin1")) text += String(chunk);
  return Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]);
}
