import { randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { text } from "node:stream/consumers";
import Koa from "koa";
import session from "koa-session";
import { Server } from "switchboard";
import { attach, handshake } from "switchboard/koa";
import { announce, chat, CLIENT, membersOnly, page, PORT } from "./page.mjs";

const app = new Koa();
app.keys = [randomBytes(32).toString("hex")];
const sessions = session({ sameSite: "lax" }, app);

app.use(sessions);
app.use(async (ctx) => {
  if (ctx.path === "/client.min.js") {
    ctx.type = "js";
    ctx.body = createReadStream(CLIENT);
  } else if (ctx.path === "/login" && ctx.method === "POST") {
    ctx.session.user = new URLSearchParams(await text(ctx.req)).get("user");
    ctx.redirect("/");
  } else ctx.body = page("Koa");
});

const io = new Server();
io.engine.use(handshake(app, [sessions], (ctx) => ({ user: ctx.session?.user })));
membersOnly(io);
chat(io);

const http = attach(io, app).listen(PORT, () => announce(http));
