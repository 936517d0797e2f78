/** An unmodified socket.io-client 4.8: namespaces, and who may come in. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { startServer } from "../support/fixture.ts";
import { nextOf, stockClient } from "../support/stock-client.ts";
import { until } from "../support/until.ts";

describe("namespaces", () => {
  test("several on one connection", async (t) => {
    const { io, url } = await startServer(t);
    const admin = io.of("/admin");
    admin.on("connection", (socket) => socket.emit("hello", "admin"));
    io.on("connection", (socket) => socket.emit("hello", "main"));
    const main = stockClient(t, url);
    const heard = [nextOf(main, "hello")];
    await nextOf(main, "connect");
    const second = main.io.socket("/admin");
    heard.push(nextOf(second, "hello"));
    assert.deepEqual(await Promise.all(heard), [["main"], ["admin"]]);
    assert.notEqual(main.id, second.id);
    // Leaving one leaves the other.
    const left = nextOf([...admin.sockets.values()][0]!, "disconnect");
    second.disconnect();
    assert.equal((await left)[0], "client namespace disconnect");
    assert.equal(main.connected, true);
    assert.equal(io.sockets.sockets.size, 1);
  });

  test("one that is not there", async (t) => {
    const { url } = await startServer(t);
    const client = stockClient(t, `${url}/nowhere`);
    const [error] = await nextOf(client, "connect_error");
    assert.equal((error as Error).message, "Invalid namespace");
    assert.equal(client.connected, false);
    assert.equal(client.active, false);
  });

  test("dynamic namespaces, on one connection", async (t) => {
    const { io, url } = await startServer(t);
    const parent = io.of(/^\/room-\d+$/);
    parent.on("connection", (socket) => socket.emit("hello", socket.nsp.name));
    const first = stockClient(t, `${url}/room-1`);
    const second = first.io.socket("/room-2");
    const heard = [nextOf(first, "hello"), nextOf(second, "hello")];
    assert.deepEqual(await Promise.all(heard), [["/room-1"], ["/room-2"]]);
    const news = [nextOf(first, "news"), nextOf(second, "news")];
    parent.emit("news", 1);
    assert.deepEqual(await Promise.all(news), [[1], [1]]);
    const [error] = (await nextOf(first.io.socket("/room-x"), "connect_error")) as [Error];
    assert.equal(error.message, "Invalid namespace");
    first.disconnect();
    second.disconnect();
    await until(() => parent.children.size === 0);
  });
});

describe("middleware", () => {
  test("refuses with message and data, and lets in the next time", async (t) => {
    const { io, url } = await startServer(t);
    io.of("/admin").use((socket, next) => {
      const refused = Object.assign(new Error("Not authorized"), { data: { code: 7 } });
      next(socket.handshake.auth["token"] === "right" ? undefined : refused);
    });
    const client = stockClient(t, `${url}/admin`, { auth: { token: "wrong" } });
    const [error] = (await nextOf(client, "connect_error")) as [Error & { data: unknown }];
    assert.deepEqual([error.message, error.data, client.active], ["Not authorized", { code: 7 }, false]);
    client.auth = { token: "right" };
    client.connect();
    await nextOf(client, "connect");
    assert.equal(io.of("/admin").sockets.size, 1);
  });

  test("that fails says nothing of the inside", async (t) => {
    const { io, url } = await startServer(t);
    io.on("handler_error", () => {});
    io.use(async () => {
      await Promise.reject(new Error("secret"));
    });
    const [error] = (await nextOf(stockClient(t, url), "connect_error")) as [Error];
    assert.equal(error.message, "The server could not decide about this connection.");
  });

  test("emits, and what it emits arrives after the connect", async (t) => {
    const { io, url } = await startServer(t);
    io.use((socket, next) => {
      socket.emit("welcome", socket.id);
      setImmediate(next);
    });
    const client = stockClient(t, url);
    assert.deepEqual(await nextOf(client, "welcome"), [client.id]);
  });
});
