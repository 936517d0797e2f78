import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";
import { ChaosProxy } from "../../src/testing/chaos-proxy.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { undoAfter } from "../support/fixture.ts";
import { freePort } from "../support/listen.ts";
import { until } from "../support/until.ts";
import { End, settle, startEnds, startServer } from "./tcp-ends.ts";

const MIB = 1024 * 1024;

test("a good network passes everything, both ways and to the end", async (t) => {
  const { proxy, line } = await startEnds(t);
  const { client, server } = await line();
  client.write("hello");
  await server.receives("hello");
  server.write("welcome");
  await client.receives("welcome");
  assert.deepEqual(proxy.lines[0]!.passedBytes, { up: 5, down: 7 });
  client.stream.end("bye");
  await server.receives("hellobye");
  await until(() => server.isEnded);
  server.stream.end("you too");
  await client.receives("welcomeyou too");
  await until(() => client.isClosed && server.isClosed && proxy.lines.length === 0);
  assert.equal(client.isReset || server.isReset, false);
});

test("a peer that breaks off is a reset for the other", async (t) => {
  const { proxy, line } = await startEnds(t);
  for (const by of ["client", "server"] as const) {
    const ends = await line();
    ends[by].stream.resetAndDestroy();
    const other = ends[by === "client" ? "server" : "client"];
    await until(() => other.isClosed);
    assert.equal(other.isReset, true, by);
  }
  await until(() => proxy.lines.length === 0);
});

test("a line that has half ended still hears of a reset", async (t) => {
  const { line } = await startEnds(t);
  const { client, server } = await line();
  client.stream.end();
  await until(() => server.isEnded);
  server.stream.resetAndDestroy();
  await until(() => client.isReset);
});

test("a line that is cut in the turn of its end is gone", async (t) => {
  const { proxy, line } = await startEnds(t);
  const { client } = await line();
  proxy.lines[0]!.halfClose("up");
  proxy.lines[0]!.cut();
  await until(() => client.isReset && proxy.lines.length === 0);
});

test("cut: a reset for both, or an end for both; one line, or all", async (t) => {
  const { proxy, line } = await startEnds(t);
  const [one, two, three] = [await line(), await line(), await line()];
  proxy.lines[0]!.cut();
  await until(() => one.client.isReset && one.server.isReset);
  two.client.write("still");
  await two.server.receives("still");
  proxy.cut("end");
  await until(() => two.client.isEnded && two.server.isEnded && three.client.isEnded && three.server.isEnded);
  assert.equal(
    [two, three].some(({ client, server }) => client.isReset || server.isReset),
    false,
  );
  const again = await line();
  again.client.write("back");
  await again.server.receives("back");
});

test("a black hole keeps what comes and lets it pass when it is gone, in one direction or both", async (t) => {
  const { proxy, line } = await startEnds(t);
  const { client, server } = await line();
  for (const blackHole of ["up", "down", "both"] as const) {
    client.text = "";
    server.text = "";
    proxy.shape({ blackHole });
    client.write("ping");
    server.write("pong");
    if (blackHole === "up") await client.receives("pong");
    if (blackHole === "down") await server.receives("ping");
    await settle();
    assert.equal(server.text, blackHole === "down" ? "ping" : "");
    assert.equal(client.text, blackHole === "up" ? "pong" : "");
    proxy.shape({});
    await server.receives("ping");
    await client.receives("pong");
  }
});

test("in a black hole new lines come in, and the server hears of them later; ends and resets wait too", async (t) => {
  const { proxy, accepted, connect, line } = await startEnds(t);
  const old = await line();
  proxy.shape({ blackHole: "both" });
  const client = await connect();
  client.write("hello");
  old.client.stream.resetAndDestroy();
  await settle();
  assert.equal(accepted.length, 1);
  assert.equal(old.server.isClosed, false);
  assert.equal(proxy.lines.length, 2);
  proxy.shape({});
  await until(() => accepted.length === 2);
  await accepted[1]!.receives("hello");
  await until(() => old.server.isReset);
});

test("a line that is cut in a black hole is cut", async (t) => {
  const { proxy, connect, accepted } = await startEnds(t);
  proxy.shape({ blackHole: "both" });
  const client = await connect();
  await until(() => proxy.lines.length === 1);
  proxy.cut();
  await until(() => client.isReset && proxy.lines.length === 0);
  assert.equal(accepted.length, 0);
});

test("a black hole takes no more than the line may hold", async (t) => {
  const { proxy, line } = await startEnds(t, { maxHeldBytes: 64 * 1024 });
  const { client, server } = await line();
  // The server's side is blocked by the reader alone: it does not read.
  server.stream.pause();
  client.stream.write(Buffer.alloc(64 * MIB));
  await until(() => proxy.lines[0]!.heldBytes >= 64 * 1024);
  await settle();
  assert.ok(proxy.lines[0]!.heldBytes <= 128 * 1024, `${proxy.lines[0]!.heldBytes} bytes are held`);
  assert.ok(client.stream.writableLength > MIB, "the writer must feel it");
  proxy.shape({ blackHole: "up" });
  server.stream.resume();
  await settle();
  proxy.shape({});
  await until(() => server.bytes === 64 * MIB);
  assert.equal(proxy.lines[0]!.heldBytes, 0);
});

test("a delay holds everything for so long, ends too, in order whatever the jitter is", async (t) => {
  const clock = new FakeClock();
  let fraction = 0.5;
  const { proxy, line } = await startEnds(t, { clock, random: { fraction: () => fraction } });
  const { client, server } = await line();
  proxy.shape({ delayMs: 100, jitterMs: 50 });
  client.write("a");
  await until(() => proxy.lines[0]!.heldBytes === 1);
  fraction = 0;
  client.write("b");
  await until(() => proxy.lines[0]!.heldBytes === 2);
  client.stream.end();
  clock.advance(124);
  await settle();
  assert.equal(server.text, "");
  clock.advance(1);
  await server.receives("ab");
  // The end was on its way for 100 ms, or as long as what is before it.
  await until(() => {
    clock.advance(1);
    return server.isEnded;
  });
  proxy.shape({});
  server.write("c");
  await client.receives("c");
  server.stream.end();
  await until(() => proxy.lines.length === 0);
  assert.equal(clock.pending, 0);
});

test("a rate lets so many bytes pass in a second, evenly", async (t) => {
  const clock = new FakeClock();
  const { proxy, line } = await startEnds(t, { clock });
  const { client, server } = await line();
  proxy.shape({ bytesPerSecond: 1000 });
  client.write("x".repeat(500));
  await until(() => server.bytes === 50);
  await settle();
  assert.equal(server.bytes, 50);
  for (let ms = 50; ms < 500; ms += 50) {
    clock.advance(49);
    await settle();
    assert.equal(server.bytes, ms);
    clock.advance(1);
    await until(() => server.bytes === ms + 50);
  }
  client.write("y");
  await settle();
  assert.equal(server.bytes, 500);
  clock.advance(50);
  await until(() => server.bytes === 501);
  client.write("z".repeat(500));
  await until(() => proxy.lines[0]!.heldBytes > 0);
  proxy.shape({});
  await until(() => server.bytes === 1001);
});

test("half-close: one direction ends, what comes later is dropped, the other goes on", async (t) => {
  const { proxy, line } = await startEnds(t);
  const { client, server } = await line();
  client.write("last words");
  await server.receives("last words");
  proxy.lines[0]!.halfClose("up");
  await until(() => server.isEnded);
  client.write("too late");
  server.write("I hear nothing");
  await client.receives("I hear nothing");
  assert.equal(client.isEnded, false);
  proxy.lines[0]!.halfClose("down");
  await until(() => client.isEnded);
  assert.equal(server.text, "last words");
});

test("while it refuses, new lines are reset and old ones go on", async (t) => {
  const { proxy, line, accepted } = await startEnds(t);
  const { client, server } = await line();
  proxy.isRefusing = true;
  const stream = connect(proxy.port, "127.0.0.1");
  const refused = new End(stream);
  await until(() => refused.isClosed);
  client.write("still here");
  await server.receives("still here");
  assert.equal(accepted.length, 1);
  assert.deepEqual(proxy.counts, { lines: 2, refused: 1 });
  proxy.isRefusing = false;
  await line();
});

test("beyond the limit of lines the next is reset", async (t) => {
  const { proxy, line, connect } = await startEnds(t, { maxLines: 1 });
  const { client } = await line();
  const refused = await connect();
  await until(() => refused.isClosed);
  client.stream.resetAndDestroy();
  await until(() => proxy.lines.length === 0);
  await line();
});

test("new lines go where it is told; a server that is not there ends them", async (t) => {
  const { proxy, line, connect } = await startEnds(t);
  const { client, server } = await line();
  const other = await startServer(t);
  proxy.retarget(other.port);
  const next = await connect();
  next.write("hello");
  await until(() => other.accepted.length === 1);
  await other.accepted[0]!.receives("hello");
  client.write("old friend");
  await server.receives("old friend");
  proxy.retarget(await freePort());
  const lost = await connect();
  await until(() => lost.isReset);
});

test("each line may have conditions of its own, from its first byte", async (t) => {
  const { proxy, line, connect, accepted } = await startEnds(t, {
    onLine: (line) => {
      if (line.id === 2) line.shape({ blackHole: "both" });
    },
  });
  const { client, server } = await line();
  await connect();
  await until(() => proxy.lines.length === 2);
  client.write("a");
  await server.receives("a");
  assert.equal(accepted.length, 1);
  proxy.lines[1]!.shape({});
  await until(() => accepted.length === 2);
});

test("close leaves nothing, whatever is under way, and may be called twice", async (t) => {
  const clock = new FakeClock();
  const { proxy, line, connect: connectOne } = await startEnds(t, { clock });
  const { client, server } = await line();
  proxy.shape({ delayMs: 1000, bytesPerSecond: 10 });
  client.write("on the way");
  await until(() => proxy.lines[0]!.heldBytes > 0);
  proxy.shape({ blackHole: "both" });
  await connectOne();
  const { port } = proxy;
  await Promise.all([proxy.close(), proxy.close()]);
  assert.equal(clock.pending, 0);
  assert.deepEqual(proxy.lines, []);
  await until(() => client.isReset && server.isReset);
  const stream = connect(port, "127.0.0.1");
  await once(stream, "error");
  undoAfter(t, () => stream.destroy());
});

test("conditions and limits that make no sense are refused", async (t) => {
  const { proxy } = await startEnds(t);
  assert.throws(() => proxy.shape({ delayMs: -1 }), RangeError);
  assert.throws(() => proxy.shape({ jitterMs: Number.NaN }), RangeError);
  assert.throws(() => proxy.shape({ bytesPerSecond: 0 }), RangeError);
  await assert.rejects(ChaosProxy.start(1, { maxHeldBytes: 0 }), RangeError);
  await assert.rejects(ChaosProxy.start(1, { maxLines: 0 }), RangeError);
});
