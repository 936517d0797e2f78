/** What the examples share: their page, what their sockets do, and where they listen. */
import { fileURLToPath } from "node:url";

/** A server of any events. @typedef {import("switchboard").Server<Events, Events, {}>} Server */
/** @typedef {import("switchboard").DefaultEvents} Events */

/** Where the examples listen. */
export const PORT = Number(process.env["PORT"] ?? 3000);

/**
 * Says where to look.
 * @param {import("node:http").Server} http
 */
export function announce(http) {
  const { port } = /** @type {import("node:net").AddressInfo} */ (http.address());
  console.log(`http://localhost:${port}`);
}

/** The client for pages without a bundler. */
export const CLIENT = fileURLToPath(new URL("../dist/browser/client.min.js", import.meta.url));

/**
 * What the sockets of every example do: each line goes to all.
 * @param {Server} io
 */
export function chat(io) {
  io.on("connection", (socket) => {
    const user = socket.handshake.context?.user ?? `Guest ${socket.id.slice(0, 4)}`;
    socket.on("say", (text) => io.emit("said", user, String(text)));
  });
}

/**
 * Lets in only those whose user is known.
 * @param {Server} io
 */
export function membersOnly(io) {
  io.use((socket, next) => next(socket.handshake.context?.user ? undefined : new Error("Please log in.")));
}

/**
 * The page: a name to log in with for those who are refused, for the others a line to say and what was said.
 * @param {string} title
 */
export function page(title) {
  return `<!doctype html>
<html lang="en">
  <meta charset="utf-8" />
  <meta name="viewport" content="width=device-width" />
  <link rel="icon" href="data:," />
  <title>${title} · Switchboard</title>
  <style>
    :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; accent-color: #2f6fde; }
    body { max-width: 36rem; margin: clamp(1rem, 8vh, 4rem) auto; padding: 0 1rem; overflow-wrap: anywhere; }
    h1 { margin: 0; }
    #state { margin: 0 0 1.5rem; opacity: 0.75; }
    form:not([hidden]) { display: flex; gap: 0.5rem; margin: 1rem 0; }
    input, button { font: inherit; padding: 0.5rem 0.75rem; border: 1px solid #8888; border-radius: 0.5rem; }
    input { flex: 1; min-width: 0; background: Field; color: FieldText; }
    button { border-color: transparent; background: #2f6fde; color: #fff; white-space: nowrap; cursor: pointer; }
    :focus-visible { outline: 2px solid #2f6fde; outline-offset: 2px; }
    #said p { margin: 0.5rem 0; }
    b { margin-right: 0.5rem; }
  </style>
  <h1>${title}</h1>
  <p id="state" role="status">Connecting …</p>
  <form id="login" action="/login" method="post" hidden>
    <input name="user" aria-label="Your name" placeholder="Your name" maxlength="40" autocomplete="username" required />
    <button>Log in</button>
  </form>
  <form id="say" hidden>
    <input name="text" aria-label="Say something" placeholder="Say something" maxlength="500" autocomplete="off" required />
    <button>Say</button>
  </form>
  <div id="said" role="log"></div>
  <script src="/client.min.js"></script>
  <script>
    const [state, login, say, said] = ["state", "login", "say", "said"].map((id) => document.getElementById(id));
    const socket = io();

    socket.on("connect", () => {
      state.textContent = "Connected";
      say.hidden = false;
      say.text.focus();
    });
    socket.on("connect_error", (error) => {
      state.textContent = error.message;
      // While it is active, it tries again by itself; else the server has refused.
      if (socket.active) return;
      say.hidden = true;
      login.hidden = false;
      login.user.focus();
    });
    socket.on("disconnect", () => (state.textContent = "Connecting …"));
    // What is said meanwhile waits.
    socket.io.on("interrupted", () => (state.textContent = "Looking for the server …"));
    socket.io.on("resumed", () => (state.textContent = "Connected"));

    socket.on("said", (user, text) => {
      const name = document.createElement("b");
      name.textContent = user;
      const line = document.createElement("p");
      line.append(name, text);
      said.append(line);
      line.scrollIntoView({ block: "nearest" });
    });
    say.addEventListener("submit", (event) => {
      event.preventDefault();
      socket.emit("say", say.text.value);
      say.reset();
    });
  </script>
</html>`;
}
