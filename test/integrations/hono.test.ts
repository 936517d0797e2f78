import assert from "node:assert/strict";
import { test } from "node:test";
import { Hono } from "hono";
import { getSignedCookie, setSignedCookie } from "hono/cookie";
import { attach, handshake } from "../../src/integrations/hono.ts";
import { contexts, logIn, open, refusal, server } from "./visit.ts";

const SECRET = "s";

test("a Hono app, and who may come in by its cookies", async (t) => {
  const app = new Hono();
  app.get("/", (c) => c.text("the app's"));
  app.post("/login", async (c) => {
    const { user } = await c.req.parseBody();
    await setSignedCookie(c, "user", String(user), SECRET);
    return c.redirect("/");
  });
  const io = server(t);
  const url = await open(attach(io, app));
  assert.equal(await (await fetch(url)).text(), "the app's");

  const auth = new Hono().all("*", async (c) => {
    const user = await getSignedCookie(c, SECRET, "user");
    if (typeof user !== "string") return c.text("Who are you?", 401);
    await setSignedCookie(c, "seen", "1", SECRET);
    return c.json({ user });
  });
  io.engine.use(handshake(auth));
  assert.deepEqual(await refusal(url), [401, "Who are you?"]);
  const Cookie = await logIn(url, "ada");
  assert.deepEqual(await contexts(t, io, url, Cookie), [{ user: "ada" }, { user: "ada" }]);
  const answer = await fetch(`${url}/socket.io/?EIO=4&transport=polling`, { headers: { Cookie } });
  assert.match(answer.headers.getSetCookie().join("; "), /^seen=/);
});

test("an answer that is not JSON to be kept refuses the handshake: as Koa's does, never with a redirect", async (t) => {
  const io = server(t);
  const url = await open(attach(io, new Hono()));
  const answers: readonly (readonly [() => Response, status: number, text: string])[] = [
    [() => new Response("Who are you?", { status: 401 }), 401, "Who are you?"],
    [() => new Response("Broken.", { status: 500 }), 500, "Broken."],
    [() => Response.redirect(`${url}/login`), 403, ""],
    [() => new Response("Not modified?", { status: 300 }), 403, "Not modified?"],
    [() => new Response(null, { status: 304 }), 403, ""],
  ];
  let answer = answers[0]![0];
  io.engine.use(handshake({ fetch: () => answer() }));
  for (const [make, status, text] of answers) {
    answer = make;
    assert.deepEqual(await refusal(url), [status, text]);
  }
  for (const make of [() => new Response("Hello."), () => new Response(null, { status: 204 })]) {
    answer = make;
    assert.deepEqual(await refusal(url), [400, '{"code":3,"message":"Bad request"}']);
  }
});
