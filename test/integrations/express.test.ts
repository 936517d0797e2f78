import assert from "node:assert/strict";
import { test } from "node:test";
import express from "express";
import session from "express-session";
import { attach } from "../../src/integrations/express.ts";
import { contexts, logIn, open, server } from "./visit.ts";

test("an Express app and its sessions", async (t) => {
  const sessions = session({ secret: "s", resave: false, saveUninitialized: false });
  const app = express();
  app.use(sessions);
  app.get("/", (_request, response) => void response.send("the app's"));
  app.post("/login", express.urlencoded(), (request, response) => {
    request.session.user = String((request.body as { user: unknown }).user);
    response.redirect("/");
  });
  const io = server(t);
  io.engine.use(sessions);
  io.engine.use((request, _response, next) => {
    request.context = { user: request.session.user };
    next();
  });
  const url = await open(attach(io, app));
  assert.equal(await (await fetch(url)).text(), "the app's");
  assert.deepEqual(await contexts(t, io, url, ""), [{ user: undefined }, { user: undefined }]);
  assert.deepEqual(await contexts(t, io, url, await logIn(url, "ada")), [{ user: "ada" }, { user: "ada" }]);
});
