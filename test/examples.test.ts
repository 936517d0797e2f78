import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { describe, test, type TestContext } from "node:test";
import type { Socket } from "../src/client/node.ts";
import { logIn } from "./integrations/visit.ts";
import { undoAfter } from "./support/fixture.ts";
import { nodeClient } from "./support/node-client.ts";

const ROOT = new URL("../", import.meta.url);
const TRANSPORTS = ["websocket", "polling"] as const;

/** Starts an example as its README says, on a free port; returns the address that it prints. */
async function start(t: TestContext, name: string): Promise<string> {
  const child = spawn(process.execPath, [`examples/${name}.mjs`], {
    cwd: ROOT,
    env: { ...process.env, PORT: "0" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "close");
  undoAfter(t, async () => {
    child.kill();
    await ended;
  });
  const [line] = await Promise.race([once(createInterface(child.stdout), "line"), ended]);
  assert.match(String(line), /^http:\/\/\S+:\d+$/);
  return String(line);
}

/** What a client hears next. */
function hear(socket: Socket): Promise<[user: string, text: string]> {
  return new Promise((resolve, reject) => {
    socket.once("said", (user, text) => resolve([user, text]));
    socket.once("connect_error", reject);
  });
}

/** Two clients, one on each transport; what the first says comes to both. */
async function talk(t: TestContext, url: string, cookie: string): Promise<[user: string, text: string]> {
  const options = { reconnection: false, ...(cookie !== "" && { extraHeaders: { Cookie: cookie } }) };
  const sockets = TRANSPORTS.map((name) =>
    nodeClient(t, url, { ...options, forceNew: true, transports: [name] }),
  );
  await Promise.all(
    sockets.map(
      (socket) =>
        new Promise<void>((resolve, reject) => {
          socket.once("connect", resolve);
          socket.once("connect_error", reject);
        }),
    ),
  );
  const heard = Promise.all(sockets.map(hear));
  sockets[0]!.emit("say", "Hello, everyone.");
  const [first, second] = await heard;
  assert.deepEqual(first, second);
  return first!;
}

async function servesItsPage(url: string): Promise<void> {
  const page = await fetch(url);
  assert.match(page.headers.get("content-type") ?? "", /text\/html/);
  assert.match(await page.text(), /<script src="\/client\.min\.js">/);
  const script = await fetch(`${url}/client.min.js`);
  assert.match(script.headers.get("content-type") ?? "", /javascript/);
  assert.ok((await script.text()).length > 10_000);
}

describe("examples where anybody may talk", () => {
  for (const name of ["http", "fastify"]) {
    test(name, async (t) => {
      const url = await start(t, name);
      await servesItsPage(url);
      const [user, text] = await talk(t, url, "");
      assert.match(user, /^Guest \S{4}$/);
      assert.equal(text, "Hello, everyone.");
    });
  }
});

describe("examples where one logs in first", () => {
  for (const name of ["express", "koa", "hono"]) {
    test(name, async (t) => {
      const url = await start(t, name);
      await servesItsPage(url);
      for (const cookie of ["", "user=ada; koa.sess=x; connect.sid=x"]) {
        await assert.rejects(talk(t, url, cookie), { message: "Please log in." });
      }
      const cookie = await logIn(url, "Ada");
      assert.deepEqual(await talk(t, url, cookie), ["Ada", "Hello, everyone."]);
    });
  }
});
