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
