import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { Hono } from "hono";
import { getSignedCookie, setSignedCookie } from "hono/cookie";
import { Server } from "switchboard";
import { attach, handshake } from "switchboard/hono";
import { announce, chat, CLIENT, membersOnly, page, PORT } from "./page.mjs";

const secret = randomBytes(32).toString("hex");

const app = new Hono();
app.get("/", (c) => c.html(page("Hono")));
app.get("/client.min.js", (c) => c.body(readFileSync(CLIENT), 200, { "Content-Type": "text/javascript" }));
app.post("/login", async (c) => {
  const { user } = await c.req.parseBody();
  await setSignedCookie(c, "user", String(user), secret, { httpOnly: true, sameSite: "Lax" });
  return c.redirect("/");
});

const io = new Server();
const auth = new Hono().all("*", async (c) =>
  c.json({ user: (await getSignedCookie(c, secret, "user")) || undefined }),
);
io.engine.use(handshake(auth));
membersOnly(io);
chat(io);

const http = attach(io, app).listen(PORT, () => announce(http));
