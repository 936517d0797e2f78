import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import fastify from "fastify";
import switchboard from "../../src/integrations/fastify.ts";
import { nodeClient } from "../support/node-client.ts";
import { contexts, server } from "./visit.ts";

test("a plugin for Fastify: one port, and one end", async (t) => {
  const io = server(t);
  const app = fastify();
  await app.register(switchboard, { io });
  app.get("/", () => "the app's");
  const url = await app.listen({ port: 0, host: "127.0.0.1" });
  assert.equal((app as unknown as { io: unknown }).io, io);
  assert.equal(await (await fetch(url)).text(), "the app's");
  assert.equal((await contexts(t, io, url, "")).length, 2);

  const socket = nodeClient(t, url, { reconnection: false });
  await new Promise<void>((resolve) => socket.on("connect", resolve));
  const gone = new Promise((resolve) => socket.on("disconnect", resolve));
  const closed = once(app.server, "close");
  await app.close();
  await closed;
  assert.equal(await gone, "transport close");
});
