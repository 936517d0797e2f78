import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { EngineClient } from "../support/engine-client.ts";
import { startServer } from "../support/fixture.ts";
import { joinPair, startJoined } from "../support/joined.ts";
import { nextOf } from "../support/stock-client.ts";

describe("sockets that were fetched", () => {
  test("say what they are", async (t) => {
    const server = await startServer(t);
    const ada = await joinPair(t, server);
    const bob = await joinPair(t, server);
    ada.socket.data.name = "Ada";
    await ada.socket.join("a");
    const [found, ...others] = await server.io.in("a").fetchSockets();
    assert.equal(others.length, 0);
    assert.deepEqual(
      [found!.id, found!.data, [...found!.rooms]],
      [ada.socket.id, { name: "Ada" }, [ada.socket.id, "a"]],
    );
    assert.equal(found!.handshake.address, "127.0.0.1");
    assert.equal((await server.io.fetchSockets()).length, 2);
    assert.deepEqual(
      (await ada.socket.broadcast.fetchSockets()).map(({ id }) => id),
      [bob.socket.id],
    );
    assert.equal((await server.io.local.except("a").fetchSockets()).length, 1);
  });

  test("are sent to, and asked", async (t) => {
    const clock = new FakeClock();
    const { io, client } = await startJoined(t, { clock });
    const [found] = await io.fetchSockets();
    found!.emit("hello", 1);
    found!.volatile.emit("typing");
    assert.equal(await client.next(), '42["hello",1]');
    assert.equal(await client.next(), '42["typing"]');
    const answers = [
      found!.emitWithAck("n?"),
      new Promise((resolve) => found!.emit("n?", (...args: unknown[]) => resolve(args))),
      new Promise((resolve) => found!.timeout(1000).emit("n?", (...args: unknown[]) => resolve(args))),
    ];
    for (let count = 0; count < 3; count++) {
      const id = /^42(\d+)\["n\?"\]$/.exec(await client.next())![1]!;
      await client.send(`43${id}["yes"]`);
    }
    assert.deepEqual(await Promise.all(answers), ["yes", ["yes"], [null, "yes"]]);
    const late = found!.timeout(1000).emitWithAck("n?");
    await client.next();
    clock.advance(1000);
    await assert.rejects(late, { code: "timeout" });
    client.raw.destroy();
  });

  test("join, leave, and are disconnected", async (t) => {
    const { io, socket, client } = await startJoined(t);
    const [found] = await io.fetchSockets();
    await found!.join(["a", "b"]);
    await found!.leave("a");
    assert.deepEqual([...socket.rooms], [socket.id, "b"]);
    const left = nextOf(socket, "disconnect");
    assert.equal(found!.disconnect(), found);
    assert.equal((await left)[0], "server namespace disconnect");
    assert.equal(await client.next(), "41");
    await assert.rejects(found!.emitWithAck("n?"), { name: "AckError", code: "disconnected" });
    found!.emit("nobody hears it", () => assert.fail("nobody answers"));
    found!.emit("nobody hears it");
    found!.disconnect(true);
    await client.joinNamespace();
  });
});

test("many are made to join, leave, and go", async (t) => {
  const server = await startServer(t);
  const { io, port } = server;
  const ada = await joinPair(t, server);
  const bob = await joinPair(t, server);
  assert.equal(await io.socketsJoin(["a", "b"]), 2);
  assert.equal(await io.in(ada.socket.id).socketsLeave("a"), 1);
  assert.deepEqual([ada.socket.rooms.has("a"), bob.socket.rooms.has("a")], [false, true]);
  assert.equal(await bob.socket.to("b").disconnectSockets(), 1);
  assert.equal(await ada.client.next(), "41");
  assert.equal(await io.disconnectSockets(true), 1);
  assert.equal(await bob.client.next(), "41");
  assert.equal(await bob.client.nextClose(), undefined);
  await EngineClient.join(t, port);
});
