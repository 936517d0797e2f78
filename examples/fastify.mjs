import { createReadStream } from "node:fs";
import fastify from "fastify";
import { Server } from "switchboard";
import switchboard from "switchboard/fastify";
import { chat, CLIENT, page, PORT } from "./page.mjs";

const io = new Server();
chat(io);

const app = fastify();
await app.register(switchboard, { io });
app.get("/", (_request, reply) => reply.type("text/html").send(page("Fastify")));
app.get("/client.min.js", (_request, reply) => reply.type("text/javascript").send(createReadStream(CLIENT)));

console.log(await app.listen({ port: PORT, host: "localhost" }));
