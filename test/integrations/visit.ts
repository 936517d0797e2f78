import assert from "node:assert/strict";
import type { Server as HttpServer } from "node:http";
import type { TestContext } from "node:test";
import { Server } from "../../src/index.ts";
import { next } from "../support/events.ts";
import { undoAfter } from "../support/fixture.ts";
import { listen } from "../support/listen.ts";
import { nodeClient } from "../support/node-client.ts";

/** A server to attach, closed after the test. */
export function server(t: TestContext): Server {
  const io = new Server();
  undoAfter(t, () => io.close());
  return io;
}

/** Lets an HTTP server listen; returns its address. */
export async function open(http: HttpServer): Promise<string> {
  return `http://127.0.0.1:${await listen(http)}`;
}

/** The cookie that an app gives to who logs in as `user` with a form at `/login`. */
export async function logIn(url: string, user: string): Promise<string> {
  const answer = await fetch(`${url}/login`, {
    method: "POST",
    body: new URLSearchParams({ user }),
    redirect: "manual",
  });
  const cookies = answer.headers.getSetCookie().map((cookie) => cookie.split(";")[0]!);
  assert.ok(cookies.length > 0, "the login gives no cookie");
  return cookies.join("; ");
}

/** What the server keeps of a client's handshake, on each of the two ways to make one. */
export async function contexts(t: TestContext, io: Server, url: string, cookie: string): Promise<unknown[]> {
  const found: unknown[] = [];
  for (const transport of ["websocket", "polling"] as const) {
    const connected = next(io.engine, "connection");
    const extraHeaders = cookie === "" ? {} : { Cookie: cookie };
    const socket = nodeClient(t, url, { transports: [transport], extraHeaders });
    const [{ request }] = await connected;
    found.push(request.context);
    const echoed = new Promise((resolve) => socket.once("echo", resolve));
    io.sockets.once("connection", ({ id }) => io.to(id).emit("echo", transport));
    assert.equal(await echoed, transport);
  }
  return found;
}

/** The status with which a handshake is refused. */
export async function refusal(url: string): Promise<[status: number, text: string]> {
  const answer = await fetch(`${url}/socket.io/?EIO=4&transport=polling`);
  return [answer.status, await answer.text()];
}
