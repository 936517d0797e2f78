import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { test, type TestContext } from "node:test";
import { type FetchInit, readAnswer } from "../../src/client/fetch.ts";
import { nodeFetch } from "../../src/client/node-fetch.ts";
import { listenUntilEnd } from "../support/web-sockets.ts";

async function serve(t: TestContext, answer: (request: IncomingMessage, response: ServerResponse) => void) {
  return `http://127.0.0.1:${await listenUntilEnd(t, createServer(answer))}/`;
}

const GET: Omit<FetchInit, "signal"> = {
  method: "GET",
  headers: {},
  cache: "no-store",
  credentials: "same-origin",
  keepalive: false,
};
const never = new AbortController().signal;

test("sends a body as text, and the headers that are wanted", async (t) => {
  const url = await serve(t, (request, response) => {
    const { method, headers } = request;
    void request.toArray().then((pieces) => {
      response.end(JSON.stringify([method, headers["content-type"], headers["x-a"], String(pieces[0])]));
    });
  });
  const fetch = nodeFetch({});
  const post = { ...GET, method: "POST", body: "ä€😀", signal: never } as const;
  const answer = await fetch(url, { ...post, headers: { "X-A": "1" } });
  assert.equal(await readAnswer(answer), '["POST","text/plain;charset=UTF-8","1","ä€😀"]');
  const own = await fetch(url, { ...post, headers: { "content-type": "text/x" } });
  assert.equal(await own.text(), '["POST","text/x",null,"ä€😀"]');
});

test("gives the status, headers by any name in small letters, and the body as it comes", async (t) => {
  let more = (): void => {};
  const url = await serve(t, (_request, response) => {
    response.writeHead(429, { "Retry-After": "7" });
    response.write("one");
    more = () => void response.end("two");
  });
  const answer = await nodeFetch({})(url, { ...GET, signal: never });
  assert.equal(answer.status, 429);
  assert.equal(answer.headers!.get("retry-after"), "7");
  assert.equal(answer.headers!.get("content-length"), null);
  const reader = answer.body!.getReader();
  assert.equal(String((await reader.read()).value), "one");
  more();
  assert.equal(String((await reader.read()).value), "two");
  assert.equal((await reader.read()).done, true);
});

test("is given up by its signal: before it begins, before the answer, and in the middle of it", async (t) => {
  let onArrived = (): void => {};
  const arrived = new Promise<void>((resolve) => (onArrived = resolve));
  const url = await serve(t, () => onArrived());
  const fetch = nodeFetch({});
  await assert.rejects(fetch(url, { ...GET, signal: AbortSignal.abort() }), { name: "AbortError" });

  const early = new AbortController();
  const waiting = fetch(url, { ...GET, signal: early.signal });
  await arrived;
  early.abort();
  await assert.rejects(waiting, { name: "AbortError" });
});

test("an answer that is cut off, or given up, fails where it is read", async (t) => {
  const cut: (() => void)[] = [];
  const url = await serve(t, (_request, response) => {
    response.write("some");
    cut.push(() => response.destroy());
  });
  const fetch = nodeFetch({});
  const broken = (await fetch(url, { ...GET, signal: never })).body!.getReader();
  assert.equal(String((await broken.read()).value), "some");
  cut[0]!();
  await assert.rejects(broken.read(), { code: "ECONNRESET" });

  const ending = new AbortController();
  const unread = await fetch(url, { ...GET, signal: ending.signal });
  const reader = (await fetch(url, { ...GET, signal: ending.signal })).body!.getReader();
  await reader.read();
  ending.abort();
  await assert.rejects(reader.read(), Error);
  // Nobody reads that one: nothing is left to fail.
  assert.equal(unread.status, 200);
});

test("who is not there is an error, as Node gives it", async () => {
  await assert.rejects(nodeFetch({})("http://127.0.0.1:1/", { ...GET, signal: never }), {
    code: "ECONNREFUSED",
  });
});
