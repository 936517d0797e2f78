/** The floor for long polling on node:http: the requests and their answers, and nothing of Engine.IO that the load could do without. */
import { createServer } from "node:http";
import { ready } from "./options.mjs";

const OPEN = '0{"sid":"","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}';
/** @type {{ held: import("node:http").ServerResponse | undefined, waiting: string }[]} */
const sessions = [];

const http = createServer((request, response) => {
  const at = request.url.indexOf("&sid=");
  if (at < 0) {
    const id = sessions.push({ held: undefined, waiting: "" }) - 1;
    answer(response, OPEN.replace('"sid":""', `"sid":"${id}"`));
    return;
  }
  const session = sessions[Number.parseInt(request.url.slice(at + "&sid=".length), 10)];
  if (request.method === "GET") {
    session.held = response;
    flush(session);
    return;
  }
  request.setEncoding("utf8");
  request.on("data", (text) => (session.waiting += text));
  request.on("end", () => {
    flush(session);
    answer(response, "ok");
  });
});
http.listen(0, "127.0.0.1", () => ready(http.address().port));

function flush(session) {
  if (session.held === undefined || session.waiting === "") return;
  answer(session.held, session.waiting);
  session.held = undefined;
  session.waiting = "";
}

function answer(response, body) {
  response.writeHead(200, {
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Length": body.length,
    "Cache-Control": "no-store",
  });
  response.end(body);
}
