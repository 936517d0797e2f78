import { randomBytes } from "node:crypto";
import express from "express";
import session from "express-session";
import { Server } from "switchboard";
import { attach } from "switchboard/express";
import { announce, chat, CLIENT, membersOnly, page, PORT } from "./page.mjs";

const sessions = session({
  secret: randomBytes(32).toString("hex"),
  resave: false,
  saveUninitialized: false,
  cookie: { sameSite: "lax" },
});

const app = express();
app.use(sessions);
app.get("/", (_request, response) => response.send(page("Express")));
app.get("/client.min.js", (_request, response) => response.sendFile(CLIENT));
app.post("/login", express.urlencoded(), (request, response) => {
  request.session.user = String(request.body.user);
  response.redirect("/");
});

const io = new Server();
// The app's sessions, for handshakes as well; of the request only the user's name is kept.
io.engine.use(sessions);
io.engine.use((request, _response, next) => {
  request.context = { user: request.session.user };
  next();
});
membersOnly(io);
chat(io);

const http = attach(io, app).listen(PORT, () => announce(http));
